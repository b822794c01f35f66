"""Session files: read whole, written whole, set aside when they are no JSON objects."""

import contextlib
import errno
import io
import logging
import os
import stat
import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import takewhile
from pathlib import Path

log = logging.getLogger("reference_impl")

# How long a list may take to read one file, in seconds.
_CLOSING = 1.0
# From here on a system call costs less than a copy, in bytes.
_LARGE = 1 << 16
# A name that is not what it seems is refused, and a pipe without a writer is not waited for.
CAREFULLY = (
    getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)


class NotARegularFile(OSError):
    """A link, a pipe, a device, a directory or somebody else's file is where a file should be."""


class AnotherUsersFile(NotARegularFile):
    """Another user's file is where one of this user's should be."""


def read(path: Path | str) -> bytes | None:
    """The bytes of a file, or None when there is none.

    Raises:
        OSError: The file cannot be read, or is not this user's regular file.
    """
    try:
        handle = os.open(path, os.O_RDONLY | CAREFULLY)
    except FileNotFoundError:
        return None
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENXIO, errno.EISDIR):
            raise _refused(path) from None
        refuse_another_s(path, error)
        raise
    try:
        found = os.fstat(handle)
        if not stat.S_ISREG(found.st_mode):
            raise _refused(path)
        if os.name == "posix" and found.st_uid != os.geteuid():
            raise _another_s(path, found.st_uid)
        data = os.read(handle, found.st_size + 1)
        while len(data) > found.st_size or (data and len(data) < found.st_size):
            # A read may return less than it was asked for.
            if not (more := os.read(handle, 1 << 20)):
                break
            data += more
        return data
    finally:
        os.close(handle)


def refuse_another_s(path: Path | str, error: OSError) -> None:
    """Say whose a file is that may not be opened, since no later try can either.

    Raises:
        AnotherUsersFile: It is another user's.
    """
    if error.errno == errno.EACCES and os.name == "posix":
        with contextlib.suppress(FileNotFoundError, PermissionError):
            if (owner := os.lstat(path).st_uid) != os.geteuid():
                raise _another_s(path, owner) from None


def _another_s(path: Path | str, owner: int) -> AnotherUsersFile:
    return AnotherUsersFile(errno.EPERM, _why(f"belongs to the user {owner}"), str(path))


def _refused(path: Path | str) -> NotARegularFile:
    return NotARegularFile(errno.EPERM, _why("is no regular file"), str(path))


def _why(found: str) -> str:
    return f"it {found}, and nobody else's file is read or replaced; move it away"


def exists(path: Path) -> bool:
    """Whether there is a file.

    Raises:
        OSError: It cannot be told.
    """
    # Path.exists takes some errors for an absent file, newer Pythons all of them.
    try:
        os.stat(path, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True


def temporary(path: Path) -> Path:
    """Where the next content of a file is written; whoever holds the session's lock owns it.

    One name for each file: what a killed writer left is replaced by the next write.
    """
    return path.with_name(f".{path.name}.tmp")


Piece = bytes | memoryview


def write(path: Path, *pieces: Piece, durable: bool = True) -> Callable[[], None]:
    """Put `pieces` in place of the file at `path`; needs the session's lock.

    A reader sees the old file or the new one. Returns what puts the new name on the disk too,
    and needs no lock: until it has returned, a power cut may bring the old file back.

    Raises:
        OSError: Nothing was changed.
    """
    flush = _flush_of(path.parent) if durable else _nothing
    part = temporary(path)
    try:
        with _create(part) as file:
            for large in _large(pieces):
                unwritten = large
                while unwritten:
                    unwritten = unwritten[file.write(unwritten) :]
            if durable:
                os.fsync(file.fileno())
        _once_closed(lambda: os.replace(part, path))
    except BaseException:
        with contextlib.suppress(OSError):
            part.unlink()
        flush(False)
        raise
    return flush


def _large(pieces: Iterable[Piece]) -> Iterator[memoryview]:
    """The same bytes in few pieces, the large ones as they are: no copy of a long session."""
    small = bytearray()
    for piece in pieces:
        if len(piece) < _LARGE:
            small += piece
            continue
        yield memoryview(bytes(small))
        small.clear()
        yield memoryview(piece)
    yield memoryview(bytes(small))


# No Python between the system's handle and the object that closes it: of 1,481 interrupts within
# writes 271 left a bare handle open, and with it the unfinished content on the disk.
_for_the_owner = partial(os.open, mode=0o600)


def _create(path: Path) -> io.FileIO:
    """A new file; what stands there is removed, and never opened."""
    try:
        return io.FileIO(path, "xb", opener=_for_the_owner)
    except FileExistsError:
        os.unlink(path)
        return io.FileIO(path, "xb", opener=_for_the_owner)


def remove(path: Path, *, durable: bool = True) -> None:
    """Remove a file and what a killed writer left of it, and put that on the disk if `durable`."""
    for each in (temporary(path), path):
        _once_closed(partial(each.unlink, missing_ok=True))
    if durable:
        flush_directory(path.parent)


def _once_closed(change: Callable[[], object]) -> None:
    # Windows changes no file that is open elsewhere, and lists read files without their locks.
    end = time.monotonic() + _CLOSING
    while True:
        try:
            change()
            return
        except PermissionError:
            if os.name != "nt" or time.monotonic() > end:
                raise
            time.sleep(0.001)


class _Flush:
    """An open directory that is flushed, once, when called."""

    def __init__(self, directory: Path) -> None:
        # Opened before anything is changed: what is in the way is told while nothing is done.
        try:
            self._handle = os.open(directory, os.O_RDONLY | getattr(os, "O_CLOEXEC", 0))
        except PermissionError:
            # One may be let write into a directory and not look into it.
            self._handle = -1

    def __call__(self, wanted: bool = True) -> None:
        try:
            if wanted and self._handle < 0:
                os.sync()
            elif wanted:
                os.fsync(self._handle)
        except OSError as error:
            # Some network file systems cannot flush a directory, and need not.
            if error.errno not in (errno.EINVAL, errno.ENOTSUP, errno.EBADF):
                raise
        finally:
            self.__del__()

    def __del__(self) -> None:
        # An interrupt may come between a write and its flush.
        if (handle := self.__dict__.pop("_handle", -1)) >= 0:
            os.close(handle)


def _nothing(wanted: bool = True) -> None:
    pass


def _flush_of(directory: Path) -> Callable[..., None]:
    # Windows has no such call; its journal keeps renames in order.
    return _nothing if os.name == "nt" else _Flush(directory)


def flush_directory(path: Path) -> None:
    """Put the directory's own entries on the disk."""
    _flush_of(path)()


def make_directory(path: Path) -> None:
    """Make a directory and those above it, for their owner alone, and put them on the disk.

    Those that are there are put on the disk too: another process may have made them this moment,
    and not have come to that. A link on the way, such as macOS's /tmp or a `PRAISONAI_HOME` on
    another disk, is followed if it is this user's or root's. Whoever could set another one would
    choose where conversations go.

    Raises:
        OSError: It cannot be made, or it or a link on the way to it is another user's, who lets
            nobody else write to it.
    """
    missing = []
    for each in (path, *path.parents):
        try:
            found = os.lstat(each)
        except FileNotFoundError:
            missing.append(each)
        else:
            if stat.S_ISLNK(found.st_mode):
                _refuse_others(each, found)
    for each in reversed(missing):
        with contextlib.suppress(FileExistsError):
            os.mkdir(each, 0o700)
    new = takewhile(lambda each: each in missing or _may_be_new(each), (path, *path.parents))
    for each in reversed(list(new)):
        flush_directory(each.parent)
    found = os.stat(path)
    if not stat.S_ISDIR(found.st_mode):
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(path))
    if not _is_shared(found):
        _refuse_others(path, found)


def _is_shared(found: os.stat_result) -> bool:
    """Whether a directory's owner lets this user's group or everybody write to it.

    So a container mounts a directory of its host. Its owner may remove what is there, and cannot
    read it, nor put something into its place, since files are their owner's alone.
    """
    if os.name != "posix":
        return False
    is_group_s = found.st_gid in (os.getegid(), *os.getgroups())
    return bool(found.st_mode & (stat.S_IWOTH | (stat.S_IWGRP if is_group_s else 0)))


def _refuse_others(path: Path, found: os.stat_result) -> None:
    if os.name == "posix" and found.st_uid not in (os.geteuid(), 0):
        raise _another_s(path, found.st_uid)


def _may_be_new(path: Path) -> bool:
    """Whether a directory may be new from another process, and its parent can be flushed."""
    if os.name != "posix" or os.stat(path).st_uid != os.geteuid():
        return False
    return os.access(path.parent, os.R_OK)


def set_aside(path: Path, reason: Exception) -> Path:
    """Rename a file that is no JSON object, keep its bytes and say so in the log.

    Raises:
        OSError: It could not be renamed; it is where it was.
    """
    moment = int(time.time() * 1000)
    while (aside := path.with_name(f"{path.name}.corrupt-{moment}")).exists():
        moment += 1
    _once_closed(lambda: path.rename(aside))
    with contextlib.suppress(OSError):
        aside.chmod(0o600)
    flush_directory(path.parent)
    log.error("%s is no session (%s); its bytes are kept in %s", path, reason, aside.name)
    return aside
