"""The behavior matrix of an agent: every row is lived through, before and after a restart."""

import json

from executable_pages.testing.sandbox import Sandbox
from executable_pages.testing.scanner import Table
from executable_pages.testing.target import Target
from executable_pages.testing.wrong import Wrong
from tests.subject.targets import sessions_in

PROGRAM = """
import json, sys
from pathlib import Path
from types import SimpleNamespace
from praisonaiagents import Agent, MemoryConfig

rows, prompt, sessions = json.loads(sys.argv[1])

class Database:
    def __init__(self, row):
        self.row = row

    def on_agent_start(self, session_id=None, **details):
        with open(f"ids-{self.row}.txt", "a") as file:
            file.write(f"{session_id}\\n")
        return [SimpleNamespace(role="user", content="My name is Dora.")]

    def on_user_message(self, session_id, content, **details):
        pass

    def on_agent_message(self, session_id, content, **details):
        pass

lived = []
for number, (has_id, has_database) in enumerate(rows):
    settings = {}
    if has_id:
        settings["session_id"] = f"row-{number}"
    if has_database:
        settings["db"] = Database(number)
    memory = MemoryConfig(**settings) if settings else None
    before = set(Path(sessions).glob("*.json"))
    agent = Agent(name="Assistant", instructions="Be brief.", memory=memory)
    reply = agent.chat(prompt)
    lived.append([reply, set(Path(sessions).glob("*.json")) > before])
print(json.dumps(lived))
"""
OUTCOMES = {
    "the conversation is gone": "I do not know your name.",
    "it comes back": "Your name is Alice.",
    "what the database returns": "Your name is Dora.",
    "what the database returns for a new id": "Your name is Dora.",
}


def check_behaviour(table: Table, about: str, target: Target, sandbox: Sandbox) -> None:
    """Live through each row.

    Raises:
        Wrong: A row says something else.
    """
    rows = [(row[0] == "yes", row[1] == "yes") for row in table.rows]
    told, asked = (
        _live(rows, prompt, target, sandbox) for prompt in ("My name is Alice.", "What is my name?")
    )
    for index, row in enumerate(table.rows):
        where = f"{table.row_where(index)} on {target}"
        has_file, reply = told[index][1], asked[index][0]
        if row[2] != ("yes" if has_file else "no"):
            raise Wrong(f"{where}: session file {has_file}, the page says {row[2]}")
        if reply != OUTCOMES.get(row[3]):
            raise Wrong(f"{where}: after a restart the reply is {reply!r}")
        if rows[index][1]:
            first, second = (sandbox.work / f"ids-{index}.txt").read_text().split()
            if ("new id" in row[3]) != (first != second):
                raise Wrong(f"{where}: the ids were {first} and {second}")
    if len(set(rows)) != 4:
        raise Wrong(f"{table.where}: a row is missing")


def _live(
    rows: list[tuple[bool, bool]], prompt: str, target: Target, sandbox: Sandbox
) -> list[tuple[str, bool]]:
    """Say something to an agent of each row, all in a new process: its reply, and a new file."""
    argument = json.dumps([rows, prompt, str(sessions_in(sandbox))])
    done = sandbox.run(["python", "-c", PROGRAM, argument], target, fork=True)
    assert done.returncode == 0, done.stderr
    lived: list[tuple[str, bool]] = json.loads(done.stdout.strip().splitlines()[-1])
    return lived
