"""What a session store must offer."""

from typing import Any, Protocol, runtime_checkable


@runtime_checkable
class SessionStoreProtocol(Protocol):
    """The five methods of a session store, as PraisonAI defines them.

    `isinstance` looks at the names alone; the contract in `reference_impl.contract` looks at
    signatures and behavior.
    """

    def add_message(
        self,
        session_id: str,
        role: str,
        content: str,
        metadata: dict[str, Any] | None = None,
    ) -> bool:
        """Append a message and return True once it is stored."""
        ...

    def get_chat_history(
        self, session_id: str, max_messages: int | None = None
    ) -> list[dict[str, Any]]:
        """The messages as an LLM takes them, oldest first, or the newest `max_messages`."""
        ...

    def clear_session(self, session_id: str) -> bool:
        """Remove all messages and keep the session."""
        ...

    def delete_session(self, session_id: str) -> bool:
        """Remove the session with everything in it."""
        ...

    def session_exists(self, session_id: str) -> bool:
        """Whether the session exists, with messages or without."""
        ...
