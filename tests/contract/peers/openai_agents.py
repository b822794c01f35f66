"""OpenAI Agents SDK: `SQLiteSession` and `SQLAlchemySession`, one object for each session.

Its sessions have one verb, `clear_session`, for both clear and delete, and none for "exists".
"""

from typing import Any

from agents import SQLiteSession
from agents.extensions.memory import SQLAlchemySession

from tests.contract.peers.place import database, directory

Message = dict[str, Any]


class Sessions:
    """Opens a session object for each id, and keeps it as an application would."""

    not_offered = frozenset({"delete_session", "session_exists"})

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._open: dict[str, Any] = {}

    def _session(self, session_id: str) -> Any:
        if session_id not in self._open:
            if self._kind == "sqlite":
                made: Any = SQLiteSession(session_id, directory() / "sessions.db")
            else:
                url = database("sqlite+aiosqlite")
                made = SQLAlchemySession.from_url(session_id, url=url, create_tables=True)
            self._open[session_id] = made
        return self._open[session_id]

    async def add_message(
        self, session_id: str, role: str, content: Any, metadata: Message | None = None
    ) -> bool:
        """Add an item."""
        await self._session(session_id).add_items([{"role": role, "content": content}])
        return True

    async def get_chat_history(
        self, session_id: str, max_messages: int | None = None
    ) -> list[Message]:
        """The newest items."""
        limit = max(max_messages or 0, 0) or None
        return list(await self._session(session_id).get_items(limit))

    async def clear_session(self, session_id: str) -> bool:
        """Remove the items."""
        await self._session(session_id).clear_session()
        return True


def open_sqlite() -> Sessions:
    """Open one more client of `SQLiteSession`."""
    return Sessions("sqlite")


def open_sqlalchemy() -> Sessions:
    """Open one more client of `SQLAlchemySession` on SQLite."""
    return Sessions("sqlalchemy")
