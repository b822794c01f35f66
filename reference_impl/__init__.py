"""The executable specification: a session store, a small agent and a bot manager."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from reference_impl.agent import Agent
    from reference_impl.bots import BotSessionManager
    from reference_impl.lock import LockTimeout
    from reference_impl.memory import MemoryConfig
    from reference_impl.protocol import SessionStoreProtocol
    from reference_impl.session import CompactionCheckpoint, SessionData, SessionMessage
    from reference_impl.store import DefaultSessionStore, get_default_session_store

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

# Imported when first used: the store needs no openai package, and the contract no store.
_MODULES = {
    "agent": {"Agent"},
    "bots": {"BotSessionManager"},
    "lock": {"LockTimeout"},
    "memory": {"MemoryConfig"},
    "protocol": {"SessionStoreProtocol"},
    "session": {"CompactionCheckpoint", "SessionData", "SessionMessage"},
    "store": {"DefaultSessionStore", "get_default_session_store"},
}


def __getattr__(name: str) -> Any:
    for module, names in _MODULES.items():
        if name in names:
            return getattr(import_module(f"reference_impl.{module}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
