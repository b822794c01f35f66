"""A fair lock between processes, made of one polling lock, and of two when somebody waits.

A lock that polls is unfair: whoever looks at the right moment has it, and a writer in a tight
loop looks first. So whoever finds the lock taken queues: it leaves a mark, takes the turnstile, and
waits for the lock with the turnstile in its hand. A newcomer that sees the mark queues too. Nobody
waits most of the time, and then one lock is taken, which is half of what a short read costs.

The mark of a waiter that was killed costs the next caller one turn in an empty queue.
"""

import contextlib
import errno
import logging
import os
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

log = logging.getLogger("reference_impl")

# A waiter is served within about this many seconds after a release.
_POLL = 0.001
# Locks that nobody holds are kept for at most this many names.
_KEPT = 256


class LockTimeout(Timeout):
    """A session's lock was held elsewhere for longer than the store waits.

    An `OSError`, as in the release. Nothing was read or written; trying again is safe.
    """

    def __init__(self, lock_file: str, session_id: str, seconds: float) -> None:
        super().__init__(lock_file)
        self.session_id = session_id
        self.seconds = seconds

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.lock_file, self.session_id, self.seconds)

    def __str__(self) -> str:
        return (
            f"session {self.session_id!r} is in use: {self.lock_file} was held elsewhere for "
            f"{self.seconds:g} s. Try again, or give the store a longer lock_timeout."
        )


class Pair:
    """The lock of a name, the turnstile before it, and the mark of those who wait."""

    def __init__(self, directory: Path, name: str) -> None:
        self.lock = _new(directory / f"{name}.json.lock")
        self.turnstile = _new(directory / f".{name}.turn")
        self.mark = str(directory / f".{name}.wait")

    def acquire(self, timeout: float) -> None:
        """Take the lock.

        Raises:
            Timeout: It was not free in time.
        """
        if not os.path.exists(self.mark):
            with contextlib.suppress(Timeout):
                self.lock.acquire(timeout=0)
                return
        deadline = time.monotonic() + timeout
        self._wave()
        try:
            self.turnstile.acquire(timeout=timeout)
            try:
                # Whoever had the turn before has taken its own mark away, and perhaps this one.
                self._wave()
                self.lock.acquire(timeout=max(0.0, deadline - time.monotonic()))
            finally:
                _release(self.turnstile)
        finally:
            with contextlib.suppress(OSError):
                os.unlink(self.mark)

    def _wave(self) -> None:
        # Manners only: without the mark the lock is unfair, and safe. What stands there is not
        # opened: it may be another waiter's mark, or a pipe that nobody reads.
        with contextlib.suppress(OSError):
            os.close(os.open(self.mark, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))


class Locks:
    """The locks of one directory, safe between threads, processes and after a fork."""

    def __init__(self, directory: Path, timeout: float) -> None:
        self._directory = directory
        # filelock takes a negative number for no limit.
        self._timeout = max(0.0, timeout)
        # Making a lock object costs more than taking it. One that is in use is not here.
        self._idle: dict[tuple[int, str], Pair] = {}

    def pair(self, name: str) -> Pair:
        """A new lock called `name`, with its turnstile."""
        return Pair(self._directory, name)

    @contextmanager
    def held(self, name: str, session_id: str) -> Iterator[None]:
        """Hold the lock called `name`.

        Raises:
            LockTimeout: It was not free in time.
            OSError: There can be no lock.
        """
        key = os.getpid(), name
        pair = self._idle.pop(key, None) or self.pair(name)
        try:
            pair.acquire(self._timeout)
        except Timeout:
            raise LockTimeout(pair.lock.lock_file, session_id, self._timeout) from None
        try:
            yield
        finally:
            _release(pair.lock)
            if len(self._idle) >= _KEPT:
                self._idle.clear()
            if not (pair.lock.is_locked or pair.turnstile.is_locked):
                self._idle[key] = pair


def _release(lock: FileLock) -> None:
    # What was done under the lock is done, whatever becomes of the lock. filelock keeps the lock
    # when the system will not take it back; dropping the object closes its file, and that frees it.
    for _ in range(3):
        try:
            lock.release()
            return
        except OSError:
            log.exception("%s was not let go", lock.lock_file)


def _new(path: Path) -> FileLock:
    with contextlib.suppress(FileNotFoundError):
        # A lock on a pipe, a device or somewhere else excludes nobody.
        if not stat.S_ISREG(os.lstat(path).st_mode):
            raise OSError(errno.EPERM, "the lock is no regular file; move it away", str(path))
    return FileLock(
        path, mode=0o600, thread_local=False, poll_interval=_POLL, fallback_to_soft=False
    )
