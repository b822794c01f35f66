"""A file system in an image, copied in one instant while it is written to.

The image lies on XFS, where a copy shares the blocks of its original. It has what the file system
had sent to its disk until then: what a machine finds after a power cut whose disk keeps its word.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FILE_SYSTEMS = {"ext4": ("-q", "-F"), "xfs": ("-q", "-f"), "btrfs": ("-q", "-f")}
_SIZE = "1G"


def missing() -> str | None:
    """Why power cannot be cut on this machine, in one sentence; None where it can."""
    if not sys.platform.startswith("linux"):
        return "Power cuts need Linux, with its loop devices."
    if os.geteuid() != 0:
        return "Power cuts need root, since they mount file systems."
    if not Path("/dev/loop-control").exists():
        return "Power cuts need loop devices, and there is no /dev/loop-control."
    tools = [f"mkfs.{each}" for each in FILE_SYSTEMS]
    if lacking := [each for each in tools if shutil.which(each) is None]:
        return f"Power cuts need {', '.join(lacking)}: install e2fsprogs, xfsprogs and btrfs-progs."
    return None


def _run(*words: str | Path) -> None:
    command = [str(each) for each in words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(map(str, words))}: {done.stderr.strip()}")


@contextmanager
def mounted(image: Path, place: Path) -> Iterator[Path]:
    """Mount an image while the block lasts."""
    place.mkdir(exist_ok=True)
    _run("mount", "-o", "loop", image, place)
    try:
        yield place
    finally:
        _run("umount", place)


@contextmanager
def disk(place: Path) -> Iterator[Path]:
    """A directory whose files can be copied in one instant."""
    image = place / "disk.img"
    _run("truncate", "-s", "40G", image)
    _run("mkfs.xfs", "-q", "-m", "reflink=1", image)
    with mounted(image, place / "disk") as found:
        yield found


def make(file_system: str, image: Path) -> None:
    """Make an image with an empty file system."""
    image.unlink(missing_ok=True)
    _run("truncate", "-s", _SIZE, image)
    _run(f"mkfs.{file_system}", *FILE_SYSTEMS[file_system], image)


def sync(place: Path) -> None:
    """Let all that was written to a file system reach its disk."""
    _run("sync", "-f", place)


def copy(image: Path, to: Path) -> None:
    """Cut the power of a copy: it has what has reached the disk by now."""
    _run("cp", "--reflink=always", image, to)
