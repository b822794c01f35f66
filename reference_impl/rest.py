"""Whether a file has come to rest, before what is in it is believed to be broken.

`cp` of a backup and editors that write in place empty a file first and fill it then. Who reads in
between sees half of it, and must not take that for the file.
"""

import contextlib
import errno
import os
import signal
import time
from pathlib import Path

from reference_impl import files

try:
    from fcntl import F_RDLCK, F_SETLEASE, F_SETSIG, F_UNLCK, fcntl
except ImportError:
    fcntl = None  # type: ignore[assignment]

# A file is at rest that has not changed for so long, in seconds, and that nobody has open to write.
_QUIET = 0.5
# How long is waited for that.
PATIENCE = 2.0


def has_come_to_rest(path: Path, data: bytes, end: float) -> bool:
    """Wait until a file that has these bytes is at rest; False once it has others.

    `end` is the moment of the monotonic clock at which this gives up.

    Raises:
        OSError: It is still being written.
    """
    begin = time.monotonic()
    seen = None
    while (now := time.monotonic()) < end:
        try:
            found = os.lstat(path)
        except FileNotFoundError:
            return False
        looks = found.st_ino, found.st_size, found.st_mtime_ns
        if seen is not None and seen != looks:
            return False
        seen = looks
        # By the file's clock or by ours: one that is ahead must keep nobody waiting.
        is_quiet = max(time.time() - found.st_mtime, now - begin) >= _QUIET
        if is_quiet and not _has_writer(path):
            return files.read(path) == data
        time.sleep(0.01)
    text = "it is half-written, as while somebody copies it; try again when that has ended"
    raise OSError(errno.EBUSY, text, str(path))


def _has_writer(path: Path) -> bool:
    """Whether somebody has a file open to write, as far as the system can tell."""
    if fcntl is None:
        return False
    handle = os.open(path, os.O_RDONLY | files.CAREFULLY)
    try:
        # Who opens the file in the meantime waits for us, and a signal is sent that does nothing.
        fcntl(handle, F_SETSIG, signal.SIGURG)
        fcntl(handle, F_SETLEASE, F_RDLCK)
        fcntl(handle, F_SETLEASE, F_UNLCK)
    except OSError as error:
        return error.errno == errno.EAGAIN
    finally:
        with contextlib.suppress(OSError):
            os.close(handle)
    return False
