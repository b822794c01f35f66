"""What a store does to its files, in order: the system's calls are made, and written down."""

import fcntl
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest


class Steps(list[str]):
    """The steps in their order, such as `lock s`, `read s`, `flush s.new`, `replace s`.

    `s` is a session, `s.new` its next content, `turn` one that waits, `.` the place itself, and
    every other directory has its own name.
    """

    def __init__(self, place: Path) -> None:
        super().__init__()
        self._place = place

    def name(self, path: Any) -> str:
        """A file or directory in a word."""
        path = Path(path)
        if path == self._place:
            return "."
        if path.parent.name == "session_spill" or path.parent.name.endswith(".waiting"):
            return "turn.new" if path.name.startswith(".") else "turn"
        stem = path.name.removeprefix(".").partition(".json")[0]
        return f"{stem}.new" if path.suffix == ".tmp" else stem

    def opened(self, file: io.FileIO | int) -> str:
        """The name of what is open; of what lies elsewhere, none."""
        found = os.fstat(file if isinstance(file, int) else file.fileno())
        every = (self._place, *self._place.glob("**/*"))
        names = (self.name(path) for path in every if os.path.samestat(path.lstat(), found))
        return next(names, "")


@contextmanager
def recorded(place: Path) -> Iterator[Steps]:
    """The steps of what is done meanwhile below a directory."""
    steps = Steps(place)
    flock, opens, fsync = fcntl.flock, os.open, os.fsync
    replace, rename, unlink = os.replace, os.rename, os.unlink

    def lock(file: io.FileIO, operation: int) -> None:
        if operation & fcntl.LOCK_UN:
            steps.append(f"unlock {steps.opened(file)}")
            flock(file, operation)
        else:
            flock(file, operation)
            steps.append(f"lock {steps.opened(file)}")

    def look(path: Any, flags: int, *arguments: Any, **named: Any) -> int:
        handle = opens(path, flags, *arguments, **named)
        if str(path).endswith(".json") and not flags & (os.O_WRONLY | os.O_RDWR):
            steps.append(f"read {steps.name(path)}")
        return handle

    def flush(handle: int) -> None:
        if name := steps.opened(handle):
            steps.append(f"flush {name}")
        fsync(handle)

    def put(source: Any, target: Any) -> None:
        replace(source, target)
        steps.append(f"replace {steps.name(target)}")

    def aside(source: Any, target: Any) -> None:
        rename(source, target)
        steps.append(f"set aside {steps.name(target)}")

    def remove(path: Any, **named: Any) -> None:
        unlink(path, **named)
        steps.append(f"remove {steps.name(path)}")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fcntl, "flock", lock)
        patch.setattr(os, "open", look)
        patch.setattr(os, "fsync", flush)
        patch.setattr(os, "replace", put)
        patch.setattr(os, "rename", aside)
        patch.setattr(os, "unlink", remove)
        yield steps
