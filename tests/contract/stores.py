"""Factories of the stores that are not recipes, on the directory that the environment names."""

import os
from typing import Any

from reference_impl import DefaultSessionStore


def open_reference() -> DefaultSessionStore:
    """Open one more client of the reference store."""
    return DefaultSessionStore(os.environ["CONTRACT_DIRECTORY"], lock_timeout=2.0)


def open_release() -> Any:
    """Open one more client of the released store."""
    from praisonaiagents.session import DefaultSessionStore as Released

    return Released(os.environ["CONTRACT_DIRECTORY"], lock_timeout=2.0)


def open_release_sqlite() -> Any:
    """Open one more client of the released store that keeps an index in SQLite."""
    from praisonaiagents.session import SqliteSessionStore

    return SqliteSessionStore(os.environ["CONTRACT_DIRECTORY"], lock_timeout=2.0)
