"""Agno: `JsonDb` and `SqliteDb`, which keep the runs of an agent's session.

A message is a run of its own: the session is read and upserted, then the run, as the agent does
after each run.
"""

import uuid
from typing import Any

from agno.db.base import SessionType
from agno.db.json import JsonDb
from agno.db.sqlite import SqliteDb
from agno.models.message import Message as AgnoMessage
from agno.run.agent import RunOutput
from agno.session.agent import AgentSession

from tests.contract.peers.place import directory, newest

Message = dict[str, Any]


class Database:
    """One database; a session holds runs, and a run holds messages."""

    not_offered = frozenset({"clear_session"})

    def __init__(self, db: Any) -> None:
        self._db = db

    def _session(self, session_id: str) -> AgentSession | None:
        found: AgentSession | None = self._db.get_session(session_id, SessionType.AGENT)
        return found

    def add_message(
        self, session_id: str, role: str, content: Any, metadata: Message | None = None
    ) -> bool:
        """Upsert the session and a run of its own for the message."""
        session = self._session(session_id) or AgentSession(session_id, agent_id="contract")
        self._db.upsert_session(session)
        message = AgnoMessage(role=role, content=content)
        run = RunOutput(
            run_id=uuid.uuid4().hex,
            agent_id="contract",
            session_id=session_id,
            messages=[message],
        )
        self._db.upsert_run(run, session_id)
        return True

    def get_chat_history(self, session_id: str, max_messages: int | None = None) -> list[Message]:
        """The messages of the newest runs."""
        session = self._session(session_id)
        runs = (session.runs if session else None) or []
        found = [
            {"role": message.role, "content": message.content}
            for run in runs
            for message in run.messages or []
        ]
        return newest(found, max_messages)

    def delete_session(self, session_id: str) -> bool:
        """Delete the session."""
        self._db.delete_session(session_id)
        return True

    def session_exists(self, session_id: str) -> bool:
        """Whether there is such a session."""
        return self._session(session_id) is not None


def open_json() -> Database:
    """Open one more client of `JsonDb`."""
    return Database(JsonDb(str(directory())))


def open_sqlite() -> Database:
    """Open one more client of `SqliteDb`."""
    return Database(SqliteDb(db_file=str(directory() / "sessions.db")))
