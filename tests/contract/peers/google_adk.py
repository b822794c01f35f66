"""Google ADK: `DatabaseSessionService` on SQLite.

A session is read, an event is appended to what was read, and a service that finds the session
changed in between raises `StaleSessionError`. `Retrying` reads again, as its message asks.
"""

import contextlib
from typing import Any

from google.adk.errors.already_exists_error import AlreadyExistsError
from google.adk.events import Event
from google.adk.sessions import DatabaseSessionService
from google.adk.sessions.base_session_service import GetSessionConfig
from google.genai.types import Content, Part

from tests.contract.peers.place import database

Message = dict[str, Any]
OWNER = {"app_name": "contract", "user_id": "user"}


class Service:
    """The service; a session belongs to one application and one user."""

    not_offered = frozenset({"clear_session"})
    attempts = 1

    def __init__(self) -> None:
        self._service = DatabaseSessionService(database("sqlite+aiosqlite"))

    async def add_message(
        self, session_id: str, role: str, content: Any, metadata: Message | None = None
    ) -> bool:
        """Append an event to the session as it is now."""
        for attempt in range(self.attempts):
            try:
                await self._append(session_id, role, content)
                return True
            except Exception as error:
                is_stale = "stale" in f"{type(error).__name__} {error}".lower()
                if not is_stale or attempt == self.attempts - 1:
                    raise
        return False

    async def _append(self, session_id: str, role: str, content: str) -> None:
        session = await self._service.get_session(session_id=session_id, **OWNER)
        if session is None:
            with contextlib.suppress(AlreadyExistsError):
                await self._service.create_session(session_id=session_id, **OWNER)
            session = await self._service.get_session(session_id=session_id, **OWNER)
        event = Event(author=role, content=Content(role=role, parts=[Part(text=content)]))
        await self._service.append_event(session, event)

    async def get_chat_history(
        self, session_id: str, max_messages: int | None = None
    ) -> list[Message]:
        """The text of the newest events."""
        config = GetSessionConfig(num_recent_events=max(max_messages or 0, 0) or None)
        session = await self._service.get_session(session_id=session_id, config=config, **OWNER)
        events = session.events if session else []
        return [
            {"role": event.author, "content": "".join(p.text or "" for p in event.content.parts)}
            for event in events
        ]

    async def delete_session(self, session_id: str) -> bool:
        """Delete the session."""
        await self._service.delete_session(session_id=session_id, **OWNER)
        return True

    async def session_exists(self, session_id: str) -> bool:
        """Whether there is such a session."""
        return await self._service.get_session(session_id=session_id, **OWNER) is not None

    async def close(self) -> None:
        """Close the engine."""
        await self._service.close()


class Retrying(Service):
    """Reads the session again when it was stale."""

    attempts = 1000


def open_database() -> Service:
    """Open one more client of the service."""
    return Service()


def open_retrying() -> Retrying:
    """Open one more client that tries again."""
    return Retrying()
