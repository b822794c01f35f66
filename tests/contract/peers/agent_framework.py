"""Microsoft Agent Framework: `FileHistoryProvider`, one append-only file for each session.

It has no verb for clear, delete or exists.
"""

import warnings
from typing import Any

import agent_framework

from tests.contract.peers.place import directory, newest

Record = dict[str, Any]


class Provider:
    """One provider for all sessions."""

    not_offered = frozenset({"clear_session", "delete_session", "session_exists"})

    def __init__(self) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # It says that the provider is experimental.
            self._provider = agent_framework.FileHistoryProvider(directory())

    async def add_message(
        self, session_id: str, role: str, content: Any, metadata: Record | None = None
    ) -> bool:
        """Append a message."""
        message = agent_framework.Message(role, [content])
        await self._provider.save_messages(session_id, [message])
        return True

    async def get_chat_history(
        self, session_id: str, max_messages: int | None = None
    ) -> list[Record]:
        """The newest messages."""
        stored = await self._provider.get_messages(session_id)
        found = [{"role": str(each.role), "content": each.text} for each in stored]
        return newest(found, max_messages)


def open_file() -> Provider:
    """Open one more client."""
    return Provider()
