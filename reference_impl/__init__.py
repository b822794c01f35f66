"""The executable specification: a session store, a small agent and a bot manager."""

from typing import TYPE_CHECKING, Any

from reference_impl.lock import LockTimeout
from reference_impl.protocol import SessionStoreProtocol
from reference_impl.session import CompactionCheckpoint, SessionData, SessionMessage
from reference_impl.store import DefaultSessionStore, get_default_session_store

if TYPE_CHECKING:
    from reference_impl.agent import Agent, MemoryConfig
    from reference_impl.bots import BotSessionManager

__all__ = [
    "Agent",
    "BotSessionManager",
    "CompactionCheckpoint",
    "DefaultSessionStore",
    "LockTimeout",
    "MemoryConfig",
    "SessionData",
    "SessionMessage",
    "SessionStoreProtocol",
    "get_default_session_store",
]


def __getattr__(name: str) -> Any:
    # The store needs neither the openai package nor the modules that use it.
    if name in ("Agent", "MemoryConfig"):
        from reference_impl import agent

        return getattr(agent, name)
    if name == "BotSessionManager":
        from reference_impl.bots import BotSessionManager

        return BotSessionManager
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
