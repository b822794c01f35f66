"""Semantic Kernel: `ChatHistory`, which can be stored to a file and loaded from it.

It is loaded before each call and stored after each change.
"""

import hashlib
from pathlib import Path
from typing import Any

from semantic_kernel.contents import ChatHistory

from tests.contract.peers.place import directory, newest

Message = dict[str, Any]


class Histories:
    """One file for each session."""

    not_offered = frozenset({"delete_session"})

    def _path(self, session_id: str) -> Path:
        # It takes a path, so the name of the file is the author's to find.
        return directory() / f"{hashlib.sha256(session_id.encode()).hexdigest()}.json"

    def _load(self, session_id: str) -> ChatHistory:
        path = self._path(session_id)
        if not path.exists():
            return ChatHistory()
        history: ChatHistory = ChatHistory.load_chat_history_from_file(str(path))
        return history

    def add_message(
        self, session_id: str, role: str, content: Any, metadata: Message | None = None
    ) -> bool:
        """Load, add, store."""
        history = self._load(session_id)
        history.add_message({"role": role, "content": content})
        history.store_chat_history_to_file(str(self._path(session_id)))
        return True

    def get_chat_history(self, session_id: str, max_messages: int | None = None) -> list[Message]:
        """Load, and take the newest messages."""
        stored = self._load(session_id).messages
        found = [{"role": each.role.value, "content": each.content} for each in stored]
        return newest(found, max_messages)

    def clear_session(self, session_id: str) -> bool:
        """Load, clear, store."""
        history = self._load(session_id)
        history.clear()
        history.store_chat_history_to_file(str(self._path(session_id)))
        return True

    def session_exists(self, session_id: str) -> bool:
        """Whether the session has a file."""
        return self._path(session_id).exists()


def open_file() -> Histories:
    """Open one more client."""
    return Histories()
