"""Salvage: where a turn waits whose write failed, until its session can be written again.

The layout is the release's (PraisonAI issue #3597): one JSON file for each turn in
`$PRAISONAI_HOME/state/session_spill`, which either implementation folds in on its next load.
"""

import contextlib
import errno
import itertools
import json
import logging
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from reference_impl import encoding, files, names
from reference_impl.home import state_directory
from reference_impl.session import NotASession, SessionData, SessionMessage, UnexpectedShape

log = logging.getLogger("reference_impl")

# Turns of one process keep their order within a millisecond, and when the clock goes back.
_order = itertools.count()
_latest = 0
_ATTEMPTS = 5


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


def is_waiting(session_id: str) -> bool:
    """Whether there are files of turns of a session, or what killed writers left of some."""
    return any(_names(session_id))


def has_turns(session_id: str, directory: Path) -> bool:
    """Whether a turn waits for a session.

    Raises:
        OSError: It cannot be told.
    """
    return any(_read(path, session_id, directory) for path in _waiting(session_id))


def fold(session: SessionData, directory: Path) -> list[Path]:
    """Add the waiting turns of a session to it, each once, and return their files.

    The files go when the session is on the disk. A file that holds no turns stays where it is.

    Raises:
        OSError: A file cannot be read.
    """
    folded = []
    _sweep(session.session_id)
    for path in _waiting(session.session_id):
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
    """Remove files whose turns are on the disk elsewhere."""
    for path in paths:
        try:
            files.remove(path)
        except OSError:
            # The turn is found in its session and not added again.
            log.exception("%s was folded in and not removed", path)


def drop(session_id: str, directory: Path) -> None:
    """Remove the waiting turns of a session that is about to be deleted.

    Raises:
        OSError: One is still there.
    """
    _sweep(session_id)
    for path in _waiting(session_id):
        if _read(path, session_id, directory) is not None:
            files.remove(path)


def _names(session_id: str) -> tuple[list[str], list[str]]:
    """The names of the files of a session's turns, the oldest first, and of unfinished ones."""
    try:
        there = os.listdir(state_directory())
    except (FileNotFoundError, NotADirectoryError):
        return [], []
    prefix = f"{_prefix(session_id)}."
    finished = sorted(each for each in there if each.startswith(prefix) and each.endswith(".json"))
    return finished, [each for each in there if each.startswith(f".{prefix}")]


def _waiting(session_id: str) -> list[Path]:
    return [state_directory() / name for name in _names(session_id)[0]]


def _sweep(session_id: str) -> None:
    """Remove what killed writers left of their turns; a living one writes its turn again."""
    for name in _names(session_id)[1]:
        (state_directory() / name).unlink(missing_ok=True)


def _prefix(session_id: str) -> str:
    return names.folded(session_id) or names.hashed(session_id)


def _moment() -> int:
    """Milliseconds since 1970, never fewer than at the last call."""
    global _latest
    _latest = max(_latest, time.time_ns() // 1_000_000)
    return _latest


def _write(session_id: str, directory: Path, message: SessionMessage) -> Path:
    place = state_directory()
    files.make_directory(place)
    unique = f"{os.getpid()}.{next(_order):08x}{os.urandom(4).hex()}"
    path = place / f"{_prefix(session_id)}.{_moment()}.{unique}.json"
    payload = {
        "session_id": session_id,
        "spilled_at": datetime.now(UTC).isoformat(),
        # The release does not say which directory a turn belongs to; two may have the same ids.
        "session_dir": str(directory),
        "messages": [message.to_dict()],
    }
    data = json.dumps(payload).encode()
    for _ in range(_ATTEMPTS):
        # Another process may have taken the unfinished file for that of a killed writer.
        with contextlib.suppress(FileNotFoundError):
            files.write(path, data)()
            return path
    raise FileNotFoundError(errno.ENOENT, "it was removed while it was written", str(path))


def _read(path: Path, session_id: str, directory: Path) -> list[SessionMessage] | None:
    try:
        data = files.read(path)
        found = encoding.parse(data) if data is not None else {}
        if found.get("session_id") != session_id:
            return None
        if found.get("session_dir", str(directory)) != str(directory):
            return None
        return [SessionMessage.from_dict(each) for each in found["messages"]]
    except (files.NotARegularFile, NotASession, UnexpectedShape, KeyError, TypeError):
        log.exception("%s is left where it is", path)
        return None
