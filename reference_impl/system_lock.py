"""The system's lock on a file: one holder at a time, in whatever process or thread.

On Unix this is `flock` itself, which the release and filelock take too, so that all of them exclude
each other. filelock runs 425 Python calls to take it and let it go: 65 µs, more than the rest of a
short read. Elsewhere it is filelock, which knows what else there is.
"""

import contextlib
import errno
import io
import logging
import os
import stat
from weakref import WeakSet

from filelock import FileLock, Timeout

from reference_impl import files

try:
    import fcntl
except ImportError:
    fcntl = None  # type: ignore[assignment]

log = logging.getLogger("reference_impl")

Held = io.FileIO | FileLock

_FLAGS = (
    os.O_RDWR
    | os.O_CREAT
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_CLOEXEC", 0)
)
_TAKEN = (errno.EWOULDBLOCK, errno.EAGAIN, errno.EACCES)
_own: WeakSet[io.FileIO] = WeakSet()


def take(path: str) -> Held | None:
    """Take the lock of a file, which is made when missing; None when somebody else holds it.

    What is answered holds the lock until `let_go`, or until nobody refers to it any more.

    Raises:
        OSError: There can be no lock.
    """
    return _flock(path) if fcntl else _filelock(path)


def _flock(path: str) -> io.FileIO | None:
    while True:
        try:
            file = io.FileIO(os.open(path, _FLAGS, 0o600), "r+")
        except OSError as error:
            if error.errno in (errno.ELOOP, errno.ENXIO, errno.EISDIR):
                raise _refused(path) from None
            files.refuse_another_s(path, error)
            raise
        try:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise _refused(path)
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # Whoever removed the file in between lets another one be locked under its name.
            if os.fstat(file.fileno()).st_nlink:
                close_in_children(file)
                return file
            file.close()
        except BaseException as error:
            file.close()
            if isinstance(error, OSError) and error.errno in _TAKEN:
                return None
            raise


def _filelock(path: str) -> FileLock | None:
    with contextlib.suppress(FileNotFoundError):
        if not stat.S_ISREG(os.lstat(path).st_mode):
            raise _refused(path)
    lock = FileLock(path, mode=0o600, thread_local=False, fallback_to_soft=False)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return None
    return lock


def let_go(held: Held) -> None:
    """Let a lock go. What was done under it is done, whatever becomes of the lock."""
    try:
        if isinstance(held, FileLock):
            held.release()
        elif not held.closed:
            # Closing it would not do: a forked child may have the same file.
            fcntl.flock(held, fcntl.LOCK_UN)
    except OSError:
        log.exception("a lock was not let go before it was closed")
    finally:
        with contextlib.suppress(OSError):
            if isinstance(held, io.FileIO):
                held.close()


def _refused(path: str) -> OSError:
    # A lock on a pipe, a device or somewhere else excludes nobody.
    return OSError(errno.EPERM, "the lock is no regular file; move it away", path)


def close_in_children(file: io.FileIO) -> None:
    """Close a file in every child of a fork.

    There it would keep the lock of a parent that is killed, and to let it go would take the lock
    from a parent that works.
    """
    _own.add(file)


def _close() -> None:
    for file in list(_own):
        with contextlib.suppress(OSError):
            file.close()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_close)
