"""What a call really does to a session's file and its lock, seen by Python's audit hooks.

Neither implementation knows that it is watched, so the trace is of what happens and not of what
is said to happen.
"""

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

try:
    import fcntl
except ImportError:
    fcntl = None  # type: ignore[assignment]

ACQUIRE = "FileLock acquire"
TIMEOUT = "FileLock timeout"
RELOAD = "reload"
WRITE = "atomic write"
RELEASE = "FileLock release"
LOCKING = (ACQUIRE, TIMEOUT, RELEASE)
IN_PLACE = "write in place"
REMOVE = "remove"

# Why locks cannot be seen here, if they cannot. Elsewhere nothing announces that one is taken.
BLIND = "" if fcntl else "Python has no fcntl on this system, so nobody sees locks"

_events: list[str] | None = None
_written: set[str] = set()
_is_full = False


def fill(is_full: bool) -> None:
    """Let every new file of this process fail for want of room, or no longer."""
    global _is_full
    _is_full = is_full


def install() -> None:
    """Watch this process from now on, to its end."""
    sys.addaudithook(_watch)


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    if _events is None:
        return
    if event == "fcntl.flock":
        _flock(*arguments)
    elif event == "open":
        _open(*arguments)
    elif event == "os.rename" and _is_session(arguments[1]):
        source, target = (os.path.abspath(os.fsdecode(path)) for path in arguments[:2])
        is_own = source in _written and os.path.dirname(source) == os.path.dirname(target)
        _events.append(WRITE if is_own else IN_PLACE)
    elif event == "os.remove" and _is_session(arguments[0]):
        _events.append(REMOVE)


def _open(path: Any, mode: str | None, flags: int | None) -> None:
    assert _events is not None
    if not isinstance(path, str | bytes | os.PathLike):
        return
    writes = any(letter in mode for letter in "wxa+") if mode else (flags or 0) & os.O_ACCMODE
    if writes:
        if _is_full and not os.fsdecode(path).endswith((".lock", ".wait", os.devnull)):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), path)
        _written.add(os.path.abspath(os.fsdecode(path)))
    if not _is_session(path):
        return
    if writes:
        _events.append(IN_PLACE)
    elif os.path.exists(path) and RELOAD not in _events[-1:]:
        # A look for a file that is not there loads nothing.
        _events.append(RELOAD)


def _is_session(path: Any) -> bool:
    name = (
        os.path.basename(os.fsdecode(path)) if isinstance(path, str | bytes | os.PathLike) else ""
    )
    return name.endswith(".json") and not name.startswith(".")


def _flock(descriptor: Any, operation: int) -> None:
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
    """Record what happens inside, in order; one inside another takes its own part of it."""
    global _events
    before, _events = _events, []
    events = _events
    try:
        yield events
    finally:
        _events = before
        if events and events[-1] == ACQUIRE:
            # Nothing was done under the lock, and it was not let go: it was never had.
            events[-1] = TIMEOUT
        if before is None:
            _written.clear()
        else:
            before.extend(events)


@contextmanager
def unwatched() -> Iterator[None]:
    """Let what happens inside be no part of what is recorded."""
    global _events
    before, _events = _events, None
    try:
        yield
    finally:
        _events = before


def observed(qualifier: str, events: list[str]) -> bool:
    """Whether a trace shows what a qualifier says: `FileLock`, `fresh reload` or `atomic write`."""
    if BLIND:
        inside = events
    elif ACQUIRE in events and RELEASE in events:
        inside = events[events.index(ACQUIRE) : len(events) - events[::-1].index(RELEASE)]
    else:
        return False
    match qualifier:
        case "fresh reload":
            return RELOAD in inside
        case "atomic write":
            return WRITE in inside and IN_PLACE not in events
        case _:
            touched = {RELOAD, WRITE, IN_PLACE, REMOVE}
            return bool(touched & set(inside)) and (
                bool(BLIND) or not touched & set(_outside(events))
            )


def _outside(events: list[str]) -> list[str]:
    is_held, found = False, []
    for event in events:
        is_held = event == ACQUIRE or (is_held and event != RELEASE)
        if not is_held:
            found.append(event)
    return found
