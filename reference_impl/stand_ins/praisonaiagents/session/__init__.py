"""Stand-in for `praisonaiagents.session`."""

from reference_impl.protocol import SessionStoreProtocol
from reference_impl.session import CompactionCheckpoint, SessionData, SessionMessage
from reference_impl.stand_ins import no_such_name
from reference_impl.store import DefaultSessionStore, get_default_session_store

__all__ = [
    "CompactionCheckpoint",
    "DefaultSessionStore",
    "SessionData",
    "SessionMessage",
    "SessionStoreProtocol",
    "get_default_session_store",
]

__getattr__ = no_such_name(__name__)
