"""LlamaIndex: `SimpleChatStore`, a dictionary in memory that is persisted to one file.

It is loaded before each call and persisted after each change, which is the most that its API
offers to more than one process.
"""

from pathlib import Path
from typing import Any

from llama_index.core.base.llms.types import ChatMessage
from llama_index.core.storage.chat_store import SimpleChatStore

from tests.contract.peers.place import directory, newest

Message = dict[str, Any]


class Chats:
    """One file for all sessions."""

    def __init__(self) -> None:
        self._path = Path(directory() / "chats.json")

    def _load(self) -> SimpleChatStore:
        return SimpleChatStore.from_persist_path(str(self._path))

    def add_message(
        self, session_id: str, role: str, content: Any, metadata: Message | None = None
    ) -> bool:
        """Load, add, persist."""
        chats = self._load()
        chats.add_message(session_id, ChatMessage(role=role, content=content))
        chats.persist(str(self._path))
        return True

    def get_chat_history(self, session_id: str, max_messages: int | None = None) -> list[Message]:
        """Load, and take the newest messages."""
        stored = self._load().get_messages(session_id)
        found = [{"role": each.role.value, "content": each.content} for each in stored]
        return newest(found, max_messages)

    def clear_session(self, session_id: str) -> bool:
        """Load, set no messages, persist."""
        chats = self._load()
        chats.set_messages(session_id, [])
        chats.persist(str(self._path))
        return True

    def delete_session(self, session_id: str) -> bool:
        """Load, delete, persist."""
        chats = self._load()
        chats.delete_messages(session_id)
        chats.persist(str(self._path))
        return True

    def session_exists(self, session_id: str) -> bool:
        """Whether the file has the session."""
        return session_id in self._load().get_keys()


def open_file() -> Chats:
    """Open one more client."""
    return Chats()
