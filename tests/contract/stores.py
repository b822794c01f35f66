"""Factories of the stores that are not recipes, on a directory that the environment names."""

import os
from typing import Any

from reference_impl import DefaultSessionStore


def directory() -> str:
    """One for several runs at a time, or that of the clause."""
    return os.environ.get("CONTRACT_DIRECTORY") or os.environ["SESSION_STORE_DIRECTORY"]


def open_reference(window: int = 1000) -> DefaultSessionStore:
    """Open one more client of the reference store."""
    return DefaultSessionStore(directory(), max_messages=window, lock_timeout=2.0)


def open_release(window: int = 1000) -> Any:
    """Open one more client of the released store."""
    from praisonaiagents.session import DefaultSessionStore as Released

    return Released(directory(), max_messages=window, lock_timeout=2.0)


def open_release_sqlite(window: int = 1000) -> Any:
    """Open one more client of the released store that keeps an index in SQLite."""
    from praisonaiagents.session import SqliteSessionStore

    return SqliteSessionStore(directory(), max_messages=window, lock_timeout=2.0)
