"""PraisonAI itself, as it is released: its session stores.

Each keeps everything. By default they keep a window of 100 messages, which is no loss.
"""

from base64 import urlsafe_b64encode
from typing import Any

from tests.contract.peers.place import directory


def open_json() -> Any:
    """Open one more client of `DefaultSessionStore`."""
    from praisonaiagents.session import DefaultSessionStore

    return DefaultSessionStore(str(directory()), retention="keep_all")


def open_index() -> Any:
    """Open one more client of `SqliteSessionStore`, which keeps an index in SQLite."""
    from praisonaiagents.session import SqliteSessionStore

    return SqliteSessionStore(str(directory()), retention="keep_all")


def open_transcript() -> Any:
    """Open one more client of `SqliteTranscriptStore`, which keeps messages in SQLite."""
    from praisonaiagents.session import SqliteTranscriptStore

    return SqliteTranscriptStore(str(directory()), retention="keep_all")


def open_encrypted() -> Any:
    """Open one more client of `EncryptedSessionStore`, around a `SqliteTranscriptStore`."""
    from praisonaiagents.session import EncryptedSessionStore

    # Every client and every process has the same key, as a deployment would.
    return EncryptedSessionStore(open_transcript(), urlsafe_b64encode(bytes(32)).decode())
