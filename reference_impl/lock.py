"""A fair lock between processes, made of two polling ones.

A lock that polls is unfair: whoever looks at the right moment has it, and a writer in a tight
loop looks first. So everyone takes the turnstile before the lock and lets it go after. Whoever
waits for the lock holds the turnstile, and the writer that comes back queues behind it.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

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


class Locks:
    """The locks of one directory, safe between threads, processes and after a fork."""

    def __init__(self, directory: Path, timeout: float) -> None:
        self._directory = directory
        # filelock takes a negative number for no limit.
        self._timeout = max(0.0, timeout)
        # Making a lock object costs more than taking it. One that is in use is not here.
        self._idle: dict[tuple[int, str], tuple[FileLock, FileLock]] = {}

    @contextmanager
    def held(self, name: str, session_id: str) -> Iterator[None]:
        """Hold the lock called `name`.

        Raises:
            LockTimeout: It was not free in time.
        """
        key = os.getpid(), name
        try:
            turnstile, lock = self._idle.pop(key)
        except KeyError:
            turnstile = self._new(f".{name}.turn")
            lock = self._new(f"{name}.json.lock")
        deadline = time.monotonic() + self._timeout
        try:
            with turnstile.acquire(timeout=self._timeout):
                lock.acquire(timeout=max(0.0, deadline - time.monotonic()))
        except Timeout:
            raise LockTimeout(lock.lock_file, session_id, self._timeout) from None
        try:
            yield
        finally:
            lock.release()
            if len(self._idle) >= _KEPT:
                self._idle.clear()
            self._idle[key] = turnstile, lock

    def _new(self, name: str) -> FileLock:
        return FileLock(
            self._directory / name,
            mode=0o600,
            thread_local=False,
            poll_interval=_POLL,
            fallback_to_soft=False,
        )
