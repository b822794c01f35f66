"""A file system that forgets what was not flushed, and each state that a power cut may leave.

What a flush of a file has put on the disk stays: its bytes, not its name. What a flush of a
directory has put there stays: the names in it, not what they lead to. Of every later change of a
directory each may have reached the disk or not, whatever came before or after it; a rename is one
change. Of a file with later changes the disk may hold what was flushed, nothing, a part, zeros of
the right length, or all of it. No journal is assumed that would keep these in order, though most
file systems have one.
"""

import itertools
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

_TEXT = re.compile(r'^"((?:\\x[0-9a-f]{2})*)"(\.\.\.)?$')
_LINE = re.compile(r"^\d+ +(\w+)\((.*)\) += (-?\w+)")
# Calls that change neither a name nor a file's bytes.
_HARMLESS = re.compile(
    r"f?access|faccessat2?|f?chdir|f?chmod|fchmodat2?|utimensat|flock|fadvise64|getcwd|getdents(64)?"
    r"|readlink(at)?|ioctl|l?seek|read|readv|pread64|mmap|p?poll|p?select6?"
    r"|[fl]?stat|statx|f?statfs|newfstatat"
)
_MOST = 14


class UnknownCall(LookupError):
    """A call of which this module does not know what it does to the disk."""


@dataclass(eq=False)
class File:
    """A file: what is surely on the disk, and what was written since."""

    flushed: bytes = b""
    later: list[bytes] = field(default_factory=list)

    @property
    def now(self) -> bytes:
        """What a process reads."""
        return self.later[-1] if self.later else self.flushed

    def contents(self) -> list[bytes]:
        """What the disk may hold."""
        if not self.later:
            return [self.flushed]
        half = self.now[: len(self.now) // 2]
        return list(dict.fromkeys([self.flushed, half, bytes(len(self.now)), *self.later, b""]))


@dataclass(eq=False)
class Directory:
    """A directory: the names that are surely on the disk, and the changes since."""

    flushed: dict[str, "Entry"] = field(default_factory=dict)
    # Each sets names to entries, or takes them away.
    later: list[dict[str, "Entry | None"]] = field(default_factory=list)

    @property
    def now(self) -> dict[str, "Entry"]:
        """The names that a process sees."""
        return _changed(self.flushed, self.later)

    def contents(self) -> Iterator[dict[str, "Entry"]]:
        """The names that the disk may hold."""
        if len(self.later) > _MOST:
            raise UnknownCall(f"{len(self.later)} changes without a flush are too many to combine")
        for chosen in itertools.product([True, False], repeat=len(self.later)):
            yield _changed(self.flushed, list(itertools.compress(self.later, chosen)))


Entry = File | Directory
# What is on the disk: bytes for a file, names for a directory.
Tree = dict[str, "bytes | Tree"]


def _changed(names: dict[str, Entry], changes: "list[dict[str, Entry | None]]") -> dict[str, Entry]:
    found: dict[str, Entry | None] = dict(names)
    for change in changes:
        found |= change
    return {name: entry for name, entry in found.items() if entry is not None}


class Disk:
    """The part of a file system below a place, driven by the lines of a trace."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.root = _load(place)
        self.open: dict[int, Entry] = {}
        self.offsets: dict[int, int] = {}
        self.flushes = 0

    def follow(self, line: str) -> bytes | None:
        """Do what a line of strace says; the text of a write to elsewhere is returned.

        Raises:
            UnknownCall: It may change the disk in a way that is not known here.
        """
        match = _LINE.match(line)
        if match is None or match[3] == "-1" or _HARMLESS.fullmatch(match[1]):
            return None
        name, arguments, answer = match[1], match[2].split(", "), int(match[3], 0)
        match name:
            case "openat" | "open":
                self._open(arguments[1:] if name == "openat" else arguments, answer)
            case "write":
                return self._write(int(arguments[0]), _text(arguments[1]))
            case "fsync" | "fdatasync":
                self._flush(self.open.get(int(arguments[0])))
            case "close":
                self.open.pop(int(arguments[0]), None)
            case "rename":
                self._rename(_text(arguments[0]), _text(arguments[1]))
            case "renameat" | "renameat2":
                self._rename(_text(arguments[1]), _text(arguments[3]))
            case "unlink" | "rmdir":
                self._change(_text(arguments[0]), None)
            case "unlinkat":
                self._change(_text(arguments[1]), None)
            case "mkdir":
                self._change(_text(arguments[0]), Directory())
            case "mkdirat":
                self._change(_text(arguments[1]), Directory())
            case "fcntl" if "DUPFD" not in arguments[1]:
                pass
            case _ if not self._is_ours(arguments):
                pass
            case _:
                raise UnknownCall(line)
        return None

    def states(self) -> Iterator[Tree]:
        """Every state that a power cut may leave now; the same one may come twice."""
        yield from _directory(self.root)

    def _is_ours(self, arguments: list[str]) -> bool:
        within = os.fsencode(self.place)
        return any(
            (argument.isdigit() and int(argument) in self.open)
            or (argument.startswith('"') and _text(argument).startswith(within))
            for argument in arguments
        )

    def _open(self, arguments: list[str], handle: int) -> None:
        found = self._parent(_text(arguments[0]))
        if found is None:
            return
        parent, name = found
        entry: Entry | None = parent.now.get(name) if name else parent
        if entry is None:
            entry = File()
            parent.later.append({name: entry})
        elif "O_TRUNC" in arguments[1] and isinstance(entry, File) and entry.now:
            entry.later.append(b"")
        self.open[handle] = entry
        self.offsets[handle] = 0

    def _write(self, handle: int, data: bytes) -> bytes | None:
        entry = self.open.get(handle)
        if not isinstance(entry, File):
            return data
        # The store writes files from their beginning to their end.
        at = self.offsets[handle]
        entry.later.append(entry.now[:at] + data + entry.now[at + len(data) :])
        self.offsets[handle] = at + len(data)
        return None

    def _flush(self, entry: Entry | None) -> None:
        if entry is None:
            return
        self.flushes += 1
        if isinstance(entry, File):
            entry.flushed = entry.now
        else:
            entry.flushed = entry.now
        entry.later = []

    def _rename(self, old: bytes, new: bytes) -> None:
        source, target = self._parent(old), self._parent(new)
        if source is None and target is None:
            return
        if source is None or target is None or source[0] is not target[0]:
            raise UnknownCall(f"a rename from one directory to another: {old!r} to {new!r}")
        parent = source[0]
        parent.later.append({source[1]: None, target[1]: parent.now[source[1]]})

    def _change(self, path: bytes, entry: Entry | None) -> None:
        if (found := self._parent(path)) is not None:
            found[0].later.append({found[1]: entry})

    def _parent(self, path: bytes) -> tuple[Directory, str] | None:
        """The directory and the name of a path; None when it lies elsewhere."""
        text = Path(os.fsdecode(path))
        if not text.is_absolute():
            raise UnknownCall(f"a path that depends on a directory: {text}")
        if not text.is_relative_to(self.place):
            return None
        parts = text.relative_to(self.place).parts
        directory = self.root
        for part in parts[:-1]:
            below = directory.now[part]
            assert isinstance(below, Directory)
            directory = below
        return directory, parts[-1] if parts else ""


def _text(argument: str) -> bytes:
    match = _TEXT.match(argument)
    if match is None or match[2]:
        raise UnknownCall(f"strace shows a part only: {argument[:80]}")
    return bytes.fromhex(match[1].replace(r"\x", ""))


def _load(path: Path) -> Directory:
    names: dict[str, Entry] = {
        each.name: _load(each) if each.is_dir() else File(each.read_bytes())
        for each in path.iterdir()
    }
    return Directory(names)


def _directory(directory: Directory) -> Iterator[Tree]:
    for names in directory.contents():
        below: list[list[bytes | Tree]] = [
            list(_directory(entry)) if isinstance(entry, Directory) else list(entry.contents())
            for entry in names.values()
        ]
        for chosen in itertools.product(*below):
            yield dict(zip(names, chosen, strict=True))


def write(tree: Tree, place: Path) -> None:
    """Make a directory that holds a state."""
    place.mkdir()
    for name, value in tree.items():
        if isinstance(value, bytes):
            (place / name).write_bytes(value)
        else:
            write(value, place / name)


def key(tree: Tree) -> tuple[object, ...]:
    """What tells two states apart."""
    return tuple(
        (name, value if isinstance(value, bytes) else key(value))
        for name, value in sorted(tree.items())
    )
