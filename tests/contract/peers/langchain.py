"""LangChain: `FileChatMessageHistory` and `SQLChatMessageHistory`, one object for each session.

Its histories have one verb, `clear`, for both clear and delete, and none for "exists".
"""

import hashlib
from typing import Any

from langchain_community.chat_message_histories import (
    FileChatMessageHistory,
    SQLChatMessageHistory,
)
from langchain_core.messages import convert_to_messages, convert_to_openai_messages

from tests.contract.peers.place import database, directory, newest

Message = dict[str, Any]


class Histories:
    """Opens a history for each id."""

    not_offered = frozenset({"delete_session", "session_exists"})

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._open: dict[str, Any] = {}

    def _history(self, session_id: str) -> Any:
        if session_id not in self._open:
            if self._kind == "sql":
                made: Any = SQLChatMessageHistory(session_id, connection=database())
            else:
                # It takes a path, so the name of the file is the author's to find.
                name = hashlib.sha256(session_id.encode()).hexdigest()
                made = FileChatMessageHistory(str(directory() / f"{name}.json"))
            self._open[session_id] = made
        return self._open[session_id]

    def add_message(
        self, session_id: str, role: str, content: Any, metadata: Message | None = None
    ) -> bool:
        """Add a message."""
        [message] = convert_to_messages([{"role": role, "content": content}])
        self._history(session_id).add_message(message)
        return True

    def get_chat_history(self, session_id: str, max_messages: int | None = None) -> list[Message]:
        """The newest messages."""
        found = convert_to_openai_messages(self._history(session_id).messages)
        return newest(found, max_messages)

    def clear_session(self, session_id: str) -> bool:
        """Remove the messages."""
        self._history(session_id).clear()
        return True


def open_file() -> Histories:
    """Open one more client of `FileChatMessageHistory`."""
    return Histories("file")


def open_sql() -> Histories:
    """Open one more client of `SQLChatMessageHistory` on SQLite."""
    return Histories("sql")
