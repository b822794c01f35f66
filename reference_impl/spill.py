"""Salvage: where a turn waits whose write failed, until its session can be written again.

It waits beside its session, in a directory of the session's own: so it moves, is copied and is
deleted with it, whatever the directory is called, and nobody else's reads look at it. Where that
cannot be written it waits where the release keeps its own (PraisonAI issue #3597): one JSON file
for each turn in `$PRAISONAI_HOME/state/session_spill`. What the release put there is folded in too.
"""

import contextlib
import errno
import functools
import itertools
import json
import logging
import math
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from reference_impl import encoding, files, names
from reference_impl.home import state_directory
from reference_impl.session import (
    Content,
    NotASession,
    SessionData,
    SessionMessage,
    UnexpectedShape,
)

log = logging.getLogger("reference_impl")

# Turns of one process keep their order within a millisecond, and when the clock goes back.
_order = itertools.count()
_latest = 0
_ATTEMPTS = 5
# Some file systems tell times in steps of two seconds; this is in nanoseconds.
_COARSE = 2_000_000_000


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


def is_waiting(session_id: str, directory: Path) -> bool:
    """Whether there are files of turns of a session, or what killed writers left of some."""
    return any(_waiting(session_id, directory))


def has_turns(session_id: str, directory: Path) -> bool:
    """Whether a turn waits for a session.

    Raises:
        OSError: It cannot be told.
    """
    waiting = _waiting(session_id, directory)[0]
    return any(_read(path, session_id, directory) for path in waiting)


def fold(session: SessionData, directory: Path, most: float = math.inf) -> tuple[list[Path], bool]:
    """Add the waiting turns of a session to it, each once: their files, and whether it was all.

    No more than `most` files are read for turns, the oldest first. They go when the session is on
    the disk. A file that holds no turns stays where it is.

    Raises:
        OSError: A file cannot be read.
    """
    folded: list[Path] = []
    waiting, unfinished = _waiting(session.session_id, directory)
    _sweep(unfinished)
    stored = Stored(session) if waiting else None
    for path in waiting:
        if len(folded) >= most:
            return folded, False
        messages = _read(path, session.session_id, directory)
        if messages is None or stored is None:
            continue
        for message in messages:
            if message not in stored:
                stored.add(message)
                session.messages.append(message)
        folded.append(path)
    return folded, True


class Stored:
    """The turns that a session has, to be asked for one: same role, content and time."""

    def __init__(self, session: SessionData) -> None:
        self._contents: dict[tuple[float, str], list[Content]] = {}
        for each in itertools.chain(session.messages, session.archived_messages):
            self.add(each)

    def add(self, message: SessionMessage) -> None:
        """Take in one more."""
        moment = message.timestamp, message.role
        self._contents.setdefault(moment, []).append(message.content)

    def __contains__(self, message: SessionMessage) -> bool:
        return message.content in self._contents.get((message.timestamp, message.role), ())


def forget(paths: list[Path]) -> None:
    """Remove files whose turns are on the disk elsewhere."""
    for path in paths:
        with _told(path):
            files.remove(path, durable=False)
    # One that a power cut brought back would come again after a clear.
    for place in {path.parent for path in paths}:
        with _told(place):
            files.flush_directory(place)
        _leave(place)


@contextlib.contextmanager
def _told(path: Path) -> Iterator[None]:
    """Go on after an error: the turn is found in its session, and not added again."""
    try:
        yield
    except OSError:
        log.exception("%s was folded in and not removed", path)


def drop(session_id: str, directory: Path) -> None:
    """Remove the waiting turns of a session that is about to be deleted.

    Raises:
        OSError: One is still there.
    """
    waiting, unfinished = _waiting(session_id, directory)
    _sweep(unfinished)
    for path in waiting:
        if _read(path, session_id, directory) is not None:
            files.remove(path)
    # Its name has the id, also where a killed writer put no turn into it.
    _leave(Path(_beside(session_id, directory)))


@functools.lru_cache(1024)
def _beside(session_id: str, directory: Path) -> str:
    name = session_id if names.is_safe(session_id) else names.hashed(session_id)
    return str(directory / f".{name}.waiting")


def _waiting(session_id: str, directory: Path) -> tuple[list[Path], list[Path]]:
    """The files of a session's turns, the oldest first, and unfinished ones."""
    beside, elsewhere = _beside(session_id, directory), state_directory()
    found = [(name, Path(beside, name)) for name in _listed(beside)]
    prefix = f"{names.lock(session_id)}."
    for name in _elsewhere().get(prefix, ()):
        found.append((name.replace(prefix, "", 1), elsewhere / name))
    # Without their prefix names begin with the moment, so one order holds in both places.
    finished = sorted(each for each in found if _is_finished(each[0]))
    return [path for _, path in finished], [path for n, path in found if not _is_finished(n)]


def _is_finished(name: str) -> bool:
    return name.endswith(".json") and not name.startswith(".")


def _listed(place: str | Path) -> list[str]:
    try:
        return os.listdir(place)
    except (FileNotFoundError, NotADirectoryError):
        return []


_last: tuple[Any, dict[str, list[str]]] = (None, {})


def _elsewhere() -> dict[str, list[str]]:
    """The names in the release's place, by the name of their session.

    Thousands may wait there, and each read of any session asks: they are listed again when the
    directory has changed, and while its last change is so young that the next might not show.
    """
    global _last
    place = state_directory()
    try:
        found = os.stat(place)
        looks = place, found.st_ino, found.st_mtime_ns
        if _last[0] == looks:
            return _last[1]
        there = _listed(place)
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        # A home that this user may not look into, as in a container, has none of its turns.
        return {}
    sorted_out: dict[str, list[str]] = {}
    for name in there:
        prefix = name.lstrip(".").partition(".")[0] + "."
        sorted_out.setdefault(prefix, []).append(name)
    if time.time_ns() - found.st_mtime_ns > _COARSE:
        _last = looks, sorted_out
    return sorted_out


def _sweep(unfinished: list[Path]) -> None:
    """Remove what killed writers left of their turns; a living one writes its turn again."""
    for path in unfinished:
        path.unlink(missing_ok=True)
        _leave(path.parent)


def _leave(place: Path) -> None:
    """Remove a session's own place, where it is empty; who is about to use it makes it again."""
    if place != state_directory():
        with contextlib.suppress(OSError):
            place.rmdir()


def _moment() -> int:
    """Milliseconds since 1970, never fewer than at the last call."""
    global _latest
    _latest = max(_latest, time.time_ns() // 1_000_000)
    return _latest


def _write(session_id: str, directory: Path, message: SessionMessage) -> Path:
    unique = f"{os.getpid()}.{next(_order):08x}{os.urandom(4).hex()}"
    name = f"{_moment()}.{unique}.json"
    payload = {
        "session_id": session_id,
        "spilled_at": datetime.now(UTC).isoformat(),
        "messages": [message.to_dict()],
    }
    try:
        return _put(Path(_beside(session_id, directory), name), payload)
    except OSError as error:
        log.warning("a turn of session %r cannot wait beside it: %s", session_id, error)
    # The release does not say which directory a turn belongs to; two may have the same ids.
    payload["session_dir"] = _called(directory)
    return _put(state_directory() / f"{names.lock(session_id)}.{name}", payload)


def _put(path: Path, payload: dict[str, Any]) -> Path:
    data = json.dumps(payload).encode()
    for _ in range(_ATTEMPTS):
        # Another process may have taken the unfinished file for that of a killed writer.
        with contextlib.suppress(FileNotFoundError):
            files.make_directory(path.parent)
            files.write(path, data)()
            return path
    raise FileNotFoundError(errno.ENOENT, "it was removed while it was written", str(path))


def _called(directory: Path) -> str:
    """What a directory is called beside its home, through whatever links, and when both move."""
    home, real = state_directory().parent.parent.resolve(), directory.resolve()
    return str(real.relative_to(home)) if real.is_relative_to(home) else str(real)


def _read(path: Path, session_id: str, directory: Path) -> list[SessionMessage] | None:
    try:
        data = files.read(path)
        found = encoding.parse(data) if data is not None else {}
        if found.get("session_id") != session_id:
            return None
        if found.get("session_dir", str(directory)) not in (str(directory), _called(directory)):
            return None
        return [SessionMessage.from_dict(each) for each in found["messages"]]
    except (files.NotARegularFile, NotASession, UnexpectedShape, KeyError, TypeError):
        log.exception("%s is left where it is", path)
        return None
