"""What a call really does to a session's file and its lock, seen by Python's audit hooks.

Neither implementation knows that it is watched, so the trace is of what happens and not of what
is said to happen.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

ACQUIRE = "FileLock acquire"
RELOAD = "reload"
WRITE = "atomic write"
RELEASE = "FileLock release"

_events: list[str] | None = None


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    if _events is None:
        return
    if event == "fcntl.flock":
        _flock(*arguments)
    elif event == "open" and _is_session(arguments[0]):
        mode, flags = arguments[1], arguments[2] or 0
        writes = any(letter in mode for letter in "wxa+") if mode else flags & os.O_ACCMODE
        if writes:
            _events.append("write in place")
        elif os.path.exists(arguments[0]) and RELOAD not in _events[-1:]:
            # A look for a file that is not there loads nothing.
            _events.append(RELOAD)
    elif event == "os.rename" and _is_session(arguments[1]):
        _events.append(WRITE)
    elif event == "os.remove" and _is_session(arguments[0]):
        _events.append("remove")


def _is_session(path: Any) -> bool:
    name = (
        os.path.basename(os.fsdecode(path)) if isinstance(path, str | bytes | os.PathLike) else ""
    )
    return name.endswith(".json") and not name.startswith(".")


def _flock(descriptor: Any, operation: int) -> None:
    import fcntl

    assert _events is not None
    number = descriptor if isinstance(descriptor, int) else descriptor.fileno()
    try:
        held = os.fstat(number)
        locks = [entry for entry in os.scandir("sessions") if entry.name.endswith(".json.lock")]
    except OSError:
        return
    if not any(entry.inode() == held.st_ino for entry in locks):
        return
    if operation & fcntl.LOCK_UN:
        _events.append(RELEASE)
    elif not _events or _events[-1] != ACQUIRE:
        # A lock that polls asks again and again; only the last time was it free.
        _events.append(ACQUIRE)


@contextmanager
def recorded() -> Iterator[list[str]]:
    """Record what happens inside, in order."""
    global _events
    _events = events = []
    try:
        yield events
    finally:
        _events = None


sys.addaudithook(_watch)
