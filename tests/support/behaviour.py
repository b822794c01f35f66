"""The behavior matrix of an agent: each row is lived through, before and after a restart."""

import json

from tests.support.sandbox import Sandbox
from tests.support.scanner import Table
from tests.support.tables import Untrue
from tests.support.targets import Target

PROGRAM = """
import json, sys
from pathlib import Path
from types import SimpleNamespace
from praisonaiagents import Agent, MemoryConfig

has_id, has_database, prompt = json.loads(sys.argv[1])

class Database:
    def on_agent_start(self, session_id=None, **details):
        with open("ids.txt", "a") as file:
            file.write(f"{session_id}\\n")
        return [SimpleNamespace(role="user", content="My name is Dora.")]

    def on_user_message(self, session_id, content, **details):
        pass

    def on_agent_message(self, session_id, content, **details):
        pass

settings = {}
if has_id:
    settings["session_id"] = "s"
if has_database:
    settings["db"] = Database()
memory = MemoryConfig(**settings) if settings else None
agent = Agent(name="Assistant", instructions="Be brief.", memory=memory)
reply = agent.chat(prompt)
print(json.dumps(reply))
"""
OUTCOMES = {
    "the conversation is gone": "I do not know your name.",
    "it comes back": "Your name is Alice.",
    "what the database returns": "Your name is Dora.",
    "what the database returns for a new id": "Your name is Dora.",
}


def check_behaviour(table: Table, target: Target, sandbox: Sandbox, model_url: str) -> None:
    """Live through each row.

    Raises:
        Untrue: A row says something else.
    """
    seen = set()
    for index, row in enumerate(table.rows):
        where = f"{table.row_where(index)} on {target}"
        place = Sandbox(sandbox.root / f"row-{index}")
        has_id, has_database = row[0] == "yes", row[1] == "yes"
        seen.add((has_id, has_database))
        replies = []
        for prompt in ("My name is Alice.", "What is my name?"):
            argument = json.dumps([has_id, has_database, prompt])
            done = place.run(["python", "-c", PROGRAM, argument], target, model_url=model_url)
            assert done.returncode == 0, done.stderr
            replies.append(json.loads(done.stdout.strip().splitlines()[-1]))
        has_file = any(place.sessions.glob("*.json"))
        if row[2] != ("yes" if has_file else "no"):
            raise Untrue(f"{where}: session file {has_file}, the page says {row[2]}")
        if replies[1] != OUTCOMES.get(row[3]):
            raise Untrue(f"{where}: after a restart the reply is {replies[1]!r}")
        if has_database:
            ids = (place.work / "ids.txt").read_text().split()
            if ("new id" in row[3]) != (ids[0] != ids[1]):
                raise Untrue(f"{where}: the ids were {ids}")
    if len(seen) != 4:
        raise Untrue(f"{table.where}: a row is missing")
