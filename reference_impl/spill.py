"""Salvage: where a turn waits whose write failed, until its session can be written again.

The layout is the release's (PraisonAI issue #3597): one JSON file for each turn in
`$PRAISONAI_HOME/state/session_spill`, which either implementation folds in on its next load.
"""

import itertools
import json
import logging
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from reference_impl import files, names
from reference_impl.home import state_directory
from reference_impl.session import NotASession, SessionData, SessionMessage, UnexpectedShape

log = logging.getLogger("reference_impl")

# Turns of one process keep their order within a millisecond too.
_order = itertools.count()


@dataclass(frozen=True)
class Unsaved:
    """A turn that could not be stored, as an operator is told of it.

    `path` is the file in which it waits, or None where that failed too.
    """

    session_id: str
    message: SessionMessage
    error: Exception
    path: Path | None


Told = Callable[[Unsaved], None]


def keep(session_id: str, directory: Path, message: SessionMessage, error: Exception) -> Unsaved:
    """Write a turn to a file of its own, on the disk, for its owner alone."""
    try:
        path: Path | None = _write(session_id, directory, message)
        log.error("session %r was not stored (%s); its turn waits in %s", session_id, error, path)
    except OSError:
        path = None
        log.exception("session %r was not stored (%s), and nor was its turn", session_id, error)
    return Unsaved(session_id, message, error, path)


def waiting(session_id: str) -> list[Path]:
    """The files that may hold turns of a session, the oldest first."""
    place = state_directory()
    try:
        there = os.listdir(place)
    except (FileNotFoundError, NotADirectoryError):
        return []
    prefix = f"{_prefix(session_id)}."
    found = (name for name in there if name.startswith(prefix) and name.endswith(".json"))
    return [place / name for name in sorted(found)]


def has_turns(session_id: str, directory: Path) -> bool:
    """Whether a turn waits for a session."""
    return any(_read(path, session_id, directory) for path in waiting(session_id))


def fold(session: SessionData, directory: Path) -> list[Path]:
    """Add the waiting turns of a session to it, each once, and return their files.

    The files go when the session is on the disk. A file that cannot be read waits on.
    """
    folded = []
    for path in waiting(session.session_id):
        messages = _read(path, session.session_id, directory)
        if messages is None:
            continue
        for message in messages:
            if not is_stored(session, message):
                session.messages.append(message)
        folded.append(path)
    return folded


def is_stored(session: SessionData, message: SessionMessage) -> bool:
    """Whether a session has this very turn: same role, content and time."""
    return any(
        (each.timestamp, each.role, each.content)
        == (message.timestamp, message.role, message.content)
        for each in itertools.chain(session.messages, session.archived_messages)
    )


def forget(paths: list[Path]) -> None:
    """Remove files whose turns are on the disk elsewhere, or were deleted."""
    for path in paths:
        try:
            files.remove(path)
        except OSError:
            # The turn is found in its session and not added again.
            log.exception("%s was folded in and not removed", path)


def drop(session_id: str, directory: Path) -> None:
    """Remove the waiting turns of a deleted session."""
    forget([path for path in waiting(session_id) if _read(path, session_id, directory) is not None])


def _prefix(session_id: str) -> str:
    return names.folded(session_id) or names.hashed(session_id)


def _write(session_id: str, directory: Path, message: SessionMessage) -> Path:
    place = state_directory()
    files.make_directory(place)
    unique = f"{os.getpid()}.{next(_order):08x}{os.urandom(4).hex()}"
    path = place / f"{_prefix(session_id)}.{time.time_ns() // 1_000_000}.{unique}.json"
    payload = {
        "session_id": session_id,
        "spilled_at": datetime.now(UTC).isoformat(),
        # The release does not say which directory a turn belongs to; two may have the same ids.
        "session_dir": str(directory),
        "messages": [message.to_dict()],
    }
    files.write(path, json.dumps(payload).encode())()
    return path


def _read(path: Path, session_id: str, directory: Path) -> list[SessionMessage] | None:
    try:
        data = files.read(path)
        found = files.parse(data) if data is not None else {}
        if found.get("session_id") != session_id:
            return None
        if found.get("session_dir", str(directory)) != str(directory):
            return None
        return [SessionMessage.from_dict(each) for each in found["messages"]]
    except (OSError, NotASession, UnexpectedShape, KeyError, TypeError):
        log.exception("%s is left where it is", path)
        return None
