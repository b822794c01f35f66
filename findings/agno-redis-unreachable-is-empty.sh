#!/usr/bin/env bash
# Believed: when the server cannot be reached, a session database raises, or at least a write does.
# Seen: agno 3.1.10, 30 November 2026. RedisDb answers a read of a session with None and a list with [], as if there were none, an upsert
#   with None and a delete with False. Nothing raises; lines are logged. An agent goes on with an empty history, and its turn
#   is stored nowhere.
# Matters to: bots on Redis: during a restart of the server they answer, forget, and report no error.
# Source: run here. The port is one on which nothing listens.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/env"
"$place/env/bin/python" -m pip install --quiet --disable-pip-version-check agno==3.1.10 redis==8.1.0 sqlalchemy==2.1.9
cd "$place"
env/bin/python -W ignore - 2> log <<'PROGRAM'
import socket
from importlib.metadata import version

from agno.db.base import SessionType
from agno.db.redis import RedisDb
from agno.session import AgentSession
from redis import Redis

with socket.socket() as closed:
    closed.bind(("127.0.0.1", 0))
    port = closed.getsockname()[1]
    print("agno", version("agno"), "redis", version("redis"))
    print("input: a port of 127.0.0.1 on which nothing listens")
    try:
        Redis("127.0.0.1", port).ping()
    except Exception as error:
        print("redis-py itself:", type(error).__name__)
    db = RedisDb(db_url=f"redis://127.0.0.1:{port}")
    session = AgentSession(session_id="chat", agent_id="agent", session_data={}, runs=[])
    answers = {
        "get_session": db.get_session(session_id="chat", session_type=SessionType.AGENT),
        "get_sessions": db.get_sessions(session_type=SessionType.AGENT),
        "upsert_session": db.upsert_session(session),
        "delete_session": db.delete_session("chat"),
    }
print(answers)
assert list(answers.values()) == [None, [], None, False], "changed"
print("seen: a server that cannot be reached looks like one without sessions, and a write returns")
PROGRAM
