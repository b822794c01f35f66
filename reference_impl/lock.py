"""A fair lock between processes: one lock when nobody waits, and a queue when somebody does.

Whoever looks at the right moment has a free lock, and a writer in a tight loop looks first. So
whoever finds the lock taken waits at a pipe, and a newcomer that sees the pipe waits there too.
Whoever lets the lock go writes a byte into the pipe, which wakes the one who has waited longest
(on Linux; elsewhere all of them), and removes a pipe at which nobody waits.

A holder that is killed writes nothing, nor does the release: a waiter also looks each few
milliseconds. Where there are no pipes a plain file is the mark, and whoever sees it sleeps before
looking, so that all have the same chance. What a killed waiter left costs the next caller one look.
"""

import contextlib
import errno
import io
import os
import select
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import Timeout

from reference_impl import system_lock

# How often a waiter looks that cannot be woken, and one that can, in seconds.
_UNWOKEN = 0.001
_WOKEN = 0.005
_CAREFULLY = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0)


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
        self._directory = str(directory)
        self._timeout = max(0.0, timeout)

    @contextmanager
    def held(self, name: str, session_id: str) -> Iterator[None]:
        """Hold the lock called `name`.

        Raises:
            LockTimeout: It was not free in time.
            OSError: There can be no lock.
        """
        path = os.path.join(self._directory, f"{name}.json.lock")
        mark = os.path.join(self._directory, f".{name}.wait")
        # Not os.path.exists, which takes four times as long where there is nothing.
        is_queue = os.access(mark, os.F_OK)
        held = None if is_queue else system_lock.take(path)
        if held is None and (held := self._wait(path, mark, looks_first=not is_queue)) is None:
            raise LockTimeout(path, session_id, self._timeout)
        try:
            yield
        finally:
            system_lock.let_go(held)
            if os.access(mark, os.F_OK):
                _wake(mark)

    def _wait(self, path: str, mark: str, *, looks_first: bool) -> system_lock.Held | None:
        end = time.monotonic() + self._timeout
        with _Place(mark) as place:
            # Who had the lock may have let it go before there was a pipe.
            if looks_first and (held := system_lock.take(path)):
                return held
            while (left := end - time.monotonic()) > 0:
                place.wait(left)
                if held := system_lock.take(path):
                    return held
        return None if looks_first else system_lock.take(path)


class _Place:
    """A place in the queue."""

    def __init__(self, mark: str) -> None:
        self._mark = mark
        self._pipe: io.FileIO | None = None

    def __enter__(self) -> "_Place":
        self._leave_mark()
        with contextlib.suppress(OSError):
            # For writing too, or it would end when the first who lets the lock go has written.
            pipe = io.FileIO(os.open(self._mark, os.O_RDWR | _CAREFULLY), "r+")
            if stat.S_ISFIFO(os.fstat(pipe.fileno()).st_mode):
                system_lock.close_in_children(pipe)
                self._pipe = pipe
            else:
                pipe.close()
        return self

    def __exit__(self, *_: object) -> None:
        if self._pipe is not None:
            self._pipe.close()
        else:
            with contextlib.suppress(OSError):
                os.unlink(self._mark)

    def _leave_mark(self) -> None:
        # Manners only: without a mark the lock is unfair, and safe.
        with contextlib.suppress(OSError):
            try:
                os.mkfifo(self._mark, 0o600)
            except FileExistsError:
                pass
            except (AttributeError, OSError):
                os.close(os.open(self._mark, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))

    def wait(self, seconds: float) -> None:
        """Wait to be woken, and for a few milliseconds at most."""
        if self._pipe is None:
            time.sleep(min(_UNWOKEN, seconds))
            self._leave_mark()
        elif _is_readable(self._pipe, min(_WOKEN, seconds)):
            self._pipe.read(1)


def _is_readable(pipe: io.FileIO, seconds: float) -> bool:
    if not hasattr(select, "EPOLLEXCLUSIVE"):
        anyone = select.poll()
        anyone.register(pipe, select.POLLIN)
        return bool(anyone.poll(1e3 * seconds))
    with select.epoll() as one:
        one.register(pipe, select.EPOLLIN | select.EPOLLEXCLUSIVE)
        return bool(one.poll(seconds))


def _wake(mark: str) -> None:
    """Wake who has waited longest, or remove the pipe at which nobody waits."""
    try:
        pipe = os.open(mark, os.O_WRONLY | _CAREFULLY)
    except OSError as error:
        if error.errno == errno.ENXIO:
            with contextlib.suppress(OSError):
                os.unlink(mark)
        return
    with contextlib.suppress(OSError):
        if stat.S_ISFIFO(os.fstat(pipe).st_mode):
            os.write(pipe, b"\n")
    os.close(pipe)
