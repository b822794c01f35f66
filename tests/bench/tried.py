"""Other ways to do what a goal is missed for: what each takes, and what it would give up.

Each is the bare work, without a store around it. What that takes, no store can take out.
"""

import os
import statistics
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

# The sizes of a session of 10 and of 100 messages, and of one message, in bytes.
SHORT, LONG, ONE = 4_100, 30_000, 600
SESSIONS = 1_000
TURNS = 100
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL
_READ = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)


@dataclass(frozen=True)
class Trial:
    """One way to do some work; `median` in seconds."""

    work: str
    way: str
    gives_up: str
    median: float


def trials(place: Path) -> list[Trial]:
    """Every way, measured in turns in a directory of the place."""
    with tempfile.TemporaryDirectory(dir=place) as directory:
        os.mkdir(listed := os.path.join(directory, "listed"))
        for number in range(SESSIONS):
            Path(listed, f"{number:04}.json").write_bytes(b"x" * ONE)
        durable = f"flush and replace {SHORT:,} bytes"
        replaced = f"replace {LONG:,} bytes, without a flush"
        lists = f"read {SESSIONS:,} files"
        ways: list[tuple[str, str, str, Callable[[], object]]] = [
            (durable, "as the store does", "nothing", partial(_flushed, directory)),
            (durable, "fdatasync", "nothing", partial(_flushed, directory, sync=_fdatasync)),
            (durable, "O_DSYNC", "nothing", partial(_flushed, directory, sync=None, flags=_DSYNC)),
            (
                durable,
                "room reserved first",
                "nothing",
                partial(_flushed, directory, reserves=True),
            ),
            (replaced, "as the store does", "nothing", partial(_replaced, directory)),
            (
                replaced,
                "room reserved first",
                "after a power cut the session may be empty",
                partial(_replaced, directory, reserves=True),
            ),
            (
                replaced,
                "the old file removed first",
                "a reader may find no session",
                partial(_replaced, directory, removes=True),
            ),
            (
                replaced,
                "written in place",
                "a reader may find half a session",
                partial(_in_place, directory),
            ),
            (lists, "as the store does", "nothing", partial(_list, listed)),
            (lists, "in four threads", "nothing", partial(_list_in_threads, listed)),
            (lists, "names relative to the directory", "nothing", partial(_list_relative, listed)),
            (
                lists,
                "without a look at the owner",
                "somebody else's file may be read",
                partial(_list, listed, looks=False),
            ),
            (
                lists,
                "remembered, with a look at each file's time",
                "a list answers from memory",
                partial(_look, listed),
            ),
        ]
        times: list[list[float]] = [[] for _ in ways]
        for turn in range(TURNS):
            # Each follows each: what one leaves for the disk to do, another waits for.
            for number in range(turn, turn + len(ways)):
                taken, way = times[number % len(ways)], ways[number % len(ways)][-1]
                began = time.perf_counter()
                way()
                taken.append(time.perf_counter() - began)
    medians = map(statistics.median, times)
    return [Trial(*what, median) for (*what, _), median in zip(ways, medians, strict=True)]


_fdatasync = getattr(os, "fdatasync", os.fsync)
_DSYNC = getattr(os, "O_DSYNC", 0)


def _write(
    path: str, size: int, flags: int, reserves: bool, sync: Callable[[int], None] | None
) -> None:
    handle = os.open(path, flags, 0o600)
    if reserves and hasattr(os, "posix_fallocate"):
        os.posix_fallocate(handle, 0, size)
    os.write(handle, b"x" * size)
    if sync:
        sync(handle)
    os.close(handle)


def _flushed(
    place: str,
    *,
    sync: Callable[[int], None] | None = os.fsync,
    flags: int = 0,
    reserves: bool = False,
) -> None:
    part, path = os.path.join(place, ".part"), os.path.join(place, "flushed")
    _write(part, SHORT, _NEW | flags, reserves, sync)
    os.replace(part, path)
    directory = os.open(place, os.O_RDONLY)
    os.fsync(directory)
    os.close(directory)


def _replaced(place: str, *, reserves: bool = False, removes: bool = False) -> None:
    part, path = os.path.join(place, ".part"), os.path.join(place, f"{reserves}-{removes}")
    _write(part, LONG, _NEW, reserves, None)
    if removes and os.path.exists(path):
        os.unlink(path)
    os.replace(part, path)


def _in_place(place: str) -> None:
    _write(os.path.join(place, "in-place"), LONG, os.O_WRONLY | os.O_CREAT, False, None)


def _read(path: str, looks: bool = True, directory: int | None = None) -> bytes:
    handle = os.open(path, _READ, dir_fd=directory)
    if looks:
        os.fstat(handle)
    data = os.read(handle, 1 << 16)
    os.close(handle)
    return data


def _list(place: str, *, looks: bool = True) -> list[bytes]:
    return [_read(os.path.join(place, name), looks) for name in os.listdir(place)]


def _list_relative(place: str) -> list[bytes]:
    directory = os.open(place, os.O_RDONLY)
    found = [_read(name, directory=directory) for name in os.listdir(place)]
    os.close(directory)
    return found


def _look(place: str) -> list[tuple[int, int, int]]:
    with os.scandir(place) as entries:
        found = [each.stat(follow_symlinks=False) for each in entries]
    return [(each.st_ino, each.st_ctime_ns, each.st_size) for each in found]


def _list_in_threads(place: str) -> list[bytes]:
    paths = [os.path.join(place, name) for name in os.listdir(place)]
    with ThreadPoolExecutor(4) as threads:
        parts = threads.map(
            lambda part: [_read(path) for path in part], (paths[n::4] for n in range(4))
        )
        return [data for part in parts for data in part]
