"""Where a peer keeps its sessions: the contract's directory, or the one that the caller names."""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any


def directory() -> Path:
    """The directory, made when missing."""
    place = Path(os.environ.get("SESSION_STORE_DIRECTORY") or os.environ["PEER_DIRECTORY"])
    place.mkdir(parents=True, exist_ok=True)
    return place


def database(scheme: str = "sqlite") -> str:
    """The address of a database file in it."""
    return f"{scheme}:///{directory() / 'sessions.db'}"


def newest(messages: Iterable[Any], limit: int | None) -> list[Any]:
    """The newest of them: what a limit means is the adapter's to say, and no store's."""
    return list(messages)[-max(limit or 0, 0) :]
