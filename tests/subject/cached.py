"""The bug that began it all, put back: stores that read from a cache, as before PR #1759."""

from typing import Any

from praisonaiagents.session import DefaultSessionStore


class CachedStore(DefaultSessionStore):
    """Answers each read of a session with what it read first (PraisonAI PR #1759)."""

    def get_chat_history(
        self, session_id: str, max_messages: int | None = None
    ) -> list[dict[str, Any]]:
        """The history as it was when this store first read it."""
        read = self.__dict__.setdefault("_first_read", {})
        if session_id not in read:
            read[session_id] = super().get_chat_history(session_id, max_messages)
        found: list[dict[str, Any]] = read[session_id]
        return found


def open_store() -> CachedStore:
    """A store for a diagram."""
    return CachedStore(session_dir="sessions")
