#!/usr/bin/env bash
# Believed: `db.upsert_session(session)` of Agno stores the session that it is given, with its runs, and answers what it stored.
# Seen: agno 3.1.10, 1 December 2026. The answer holds the run, and `get_session` of `JsonDb` and `SqliteDb` finds none: runs are
#   stored by `upsert_run`, one by one. `InMemoryDb` does store them, so a test on it passes.
# Matters to: whoever imports, copies or restores sessions through the database's own methods: all messages are gone.
# Source: run here; a comment in agno's code says that the caller stores runs.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/env"
"$place/env/bin/python" -m pip install --quiet --disable-pip-version-check agno==3.1.10 'sqlalchemy[asyncio]==2.1.9'
cd "$place"
env/bin/python -W ignore - <<'PROGRAM'
from importlib.metadata import version

from agno.db.base import SessionType
from agno.db.in_memory import InMemoryDb
from agno.db.json import JsonDb
from agno.db.sqlite import SqliteDb
from agno.models.message import Message
from agno.run.agent import RunOutput
from agno.session.agent import AgentSession

print("agno", version("agno"))
print("input: a session with one run, whose message is 'Hello', given to upsert_session")
kept = {}
for db in (InMemoryDb(), JsonDb("files"), SqliteDb(db_file="sessions.db")):
    hello = Message(role="user", content="Hello")
    run = RunOutput(run_id="r1", agent_id="a", session_id="chat", messages=[hello])
    answered = db.upsert_session(AgentSession("chat", agent_id="a", runs=[run]))
    found = db.get_session("chat", SessionType.AGENT)
    name = type(db).__name__
    kept[name] = len(answered.runs or []), len(found.runs or [])
    print(f"{name}: the answer has {kept[name][0]} run, what is found has {kept[name][1]}")
    db.upsert_run(run, "chat")
    found = db.get_session("chat", SessionType.AGENT)
    assert [each.content for each in found.runs[0].messages] == ["Hello"]
wanted = {"InMemoryDb": (1, 1), "JsonDb": (1, 0), "SqliteDb": (1, 0)}
assert kept == wanted, f"changed: {kept}"
print("seen: JsonDb and SqliteDb answer a session with its run and store it without")
PROGRAM
