"""Lies about what outlives a crash, a power cut or a failing call, each with what finds it.

`make test` tells them to the harnesses of `tests/faults`, which have to name the loss.
"""

from typing import NamedTuple

from tests.mutants.code import Lie

# ruff: noqa: E501 - the lines are those of the code, as they stand there.


class Caught(NamedTuple):
    """A lie, the options of the harness that finds it, and the loss that it names."""

    lie: Lie
    options: tuple[str, ...]
    loss: str


def _caught(
    module: str, said: str, old: str, new: str, harness: str, options: str, loss: str
) -> Caught:
    lie = Lie("by hand", module, said, old, new)
    return Caught(lie, (harness, *(f"--{each}" for each in options.split(" --"))), loss)


LOST = "what was acknowledged is lost"
NEITHER = "neither the old nor the new session"
LEFT = "left behind"
THERE = "a deleted conversation is on the disk"
DOUBLED = "doubled or lost when repeated"
GONE = "the bytes that were to be set aside are gone"
WRONG = "answers wrongly"

CAUGHT = [
    _caught(
        "files.py",
        "a file is not flushed",
        "            if durable:\n                os.fsync(file.fileno())\n",
        "",
        "cuts",
        "only=append to a session",
        LOST,
    ),
    _caught(
        "files.py",
        "no directory is flushed",
        "                os.fsync(self._handle)\n",
        "                pass\n",
        "cuts",
        "only=append to a session",
        LOST,
    ),
    _caught(
        "access.py",
        "the directory is not flushed after a write",
        "            flush()\n",
        "            pass\n",
        "cuts",
        "only=metadata",
        LOST,
    ),
    _caught(
        "files.py",
        "the directory above a new one is not flushed",
        "        flush_directory(each.parent)\n",
        "        pass\n",
        "cuts",
        "only=that the store makes",
        LOST,
    ),
    _caught(
        "files.py",
        "a directory that another process has just made is taken for safe",
        "each in missing or _may_be_new(each)",
        "each in missing",
        "cuts",
        "only=that another process makes",
        LOST,
    ),
    _caught(
        "files.py",
        "the directory is not flushed after a delete",
        "    if durable:\n        flush_directory(path.parent)\n",
        "",
        "cuts",
        "only=delete",
        LOST,
    ),
    _caught(
        "files.py",
        "the directory is not flushed after setting aside",
        "        aside.chmod(0o600)\n    flush_directory(path.parent)\n",
        "        aside.chmod(0o600)\n",
        "cuts",
        "only=set aside",
        GONE,
    ),
    _caught(
        "spill.py",
        "the directory is not flushed after a turn was put aside",
        "            files.write(path, data)()\n",
        "            files.write(path, data)\n",
        "cuts",
        "only=append what does not fit",
        LOST,
    ),
    _caught(
        "files.py",
        "the file is written in place",
        "        _once_closed(lambda: os.replace(part, path))\n",
        "        path.write_bytes(part.read_bytes())\n        part.unlink()\n",
        "crashes",
        "only=metadata",
        NEITHER,
    ),
    _caught(
        "files.py",
        "what a killed writer left is not swept by a delete",
        "    for each in (temporary(path), path):\n",
        "    for each in (path,):\n",
        "crashes",
        "only=metadata",
        THERE,
    ),
    _caught(
        "files.py",
        "each write has a temporary file of another name",
        'path.with_name(f".{path.name}.tmp")',
        'path.with_name(f".{path.name}.{os.getpid()}.tmp")',
        "crashes",
        "only=metadata",
        LEFT,
    ),
    _caught(
        "spill.py",
        "what a killed writer left of a turn is not swept",
        "        path.unlink(missing_ok=True)\n        _leave",
        "        pass\n        _leave",
        "crashes",
        "only=append what does not fit",
        LEFT,
    ),
    _caught(
        "directory.py",
        "the file that is read first is deleted first",
        "for path in reversed(mine):",
        "for path in mine:",
        "crashes",
        "only=delete a session of two files",
        NEITHER,
    ),
    _caught(
        "store.py",
        "what waits is dropped after its session",
        "                spill.drop(session_id, self._access.path)\n                self._access.directory.remove(session_id)\n",
        "                self._access.directory.remove(session_id)\n                spill.drop(session_id, self._access.path)\n",
        "crashes",
        "only=delete after what did not fit",
        NEITHER,
    ),
    _caught(
        "store.py",
        "a call that is repeated stores its turn again",
        "        is_again = earlier is not None and earlier.is_same_turn(message)\n",
        "        is_again = False\n",
        "failures",
        "only=append to a session --every=21",
        DOUBLED,
    ),
    _caught(
        "spill.py",
        "a turn that cannot be read is passed over",
        "    except (files.NotARegularFile, NotASession,",
        "    except (OSError, NotASession,",
        "failures",
        "only=append after what did not fit --every=7",
        LOST,
    ),
    _caught(
        "system_lock.py",
        "the lock is not taken",
        "            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)\n",
        "            pass\n",
        "load",
        "seconds=2",
        "no order explains it",
    ),
    _caught(
        "files.py",
        "a file is read once and remembered",
        "def read(path: Path | str) -> bytes | None:\n",
        "import functools\n\n@functools.cache\ndef read(path: Path | str) -> bytes | None:\n",
        "load",
        "seconds=0.5",
        "no order explains it",
    ),
]
