"""Where a peer keeps its sessions: the contract's directory, or the one that the caller names."""

import os
from pathlib import Path


def directory() -> Path:
    """The directory, made when missing."""
    place = Path(os.environ.get("SESSION_STORE_DIRECTORY") or os.environ["PEER_DIRECTORY"])
    place.mkdir(parents=True, exist_ok=True)
    return place


def database(scheme: str = "sqlite") -> str:
    """The address of a database file in it."""
    return f"{scheme}:///{directory() / 'sessions.db'}"
