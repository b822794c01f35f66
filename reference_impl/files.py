"""Session files: read whole, written whole, set aside when they are not sessions."""

import contextlib
import errno
import itertools
import json
import logging
import math
import os
import tempfile
import time
from pathlib import Path
from typing import Any

import msgspec

from reference_impl.session import NotASession, SessionData

log = logging.getLogger("reference_impl")

_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode


def read(path: Path) -> SessionData | None:
    """The session in a file, or None when there is no file.

    Raises:
        OSError: The file cannot be read.
        NotASession: Its bytes are not a session.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    return SessionData.from_dict(parse(data))


def parse(data: bytes) -> Any:
    """The JSON value in `data`.

    Raises:
        NotASession: It does not parse.
    """
    try:
        return _decode(data)
    except RecursionError:
        raise NotASession("it is nested too deeply") from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        # The release writes with the standard library, which knows NaN, Infinity and lone
        # surrogates; all of them must stay readable.
        try:
            return json.loads(data.decode("utf-8"))
        except (ValueError, RecursionError) as error:
            raise NotASession(str(error)) from None


def serialize(session: SessionData) -> bytes:
    """The bytes of a session's file: indented, so that people can read it.

    Raises:
        TypeError: A value has no JSON form.
    """
    data = session.to_dict()
    if _is_finite(session):
        try:
            return msgspec.json.format(_encode(data), indent=2)
        except (OverflowError, UnicodeEncodeError):
            pass  # A number or a character that only the standard library writes.
    return json.dumps(data, indent=2).encode()


def _is_finite(session: SessionData) -> bool:
    """Whether no number is NaN or infinite, which msgspec would turn into null."""
    messages = itertools.chain(session.messages, session.archived_messages)
    inside = (part for m in messages for part in (m.metadata, m.extra, m.tool_calls) if part)
    parts = (session.metadata, session.runtime_state, session.extra)
    return all(map(_all_finite, parts)) and all(map(_all_finite, inside))


def _all_finite(value: Any) -> bool:
    if isinstance(value, dict):
        return all(map(_all_finite, value.values()))
    if isinstance(value, list | tuple):
        return all(map(_all_finite, value))
    return not isinstance(value, float) or math.isfinite(value)


def write(path: Path, data: bytes) -> None:
    """Put `data` in place of the file at `path`, and on the disk.

    A reader sees the old file or the new one. When this returns, a power cut cannot undo it.

    Raises:
        OSError: Nothing was changed; or only the last step failed, the flush of the directory,
            and a power cut may bring the old file back.
    """
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem[:40]}.", suffix=".tmp")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise
    flush_directory(path.parent)


def remove(path: Path) -> None:
    """Remove a file, if it is there, and put that on the disk."""
    path.unlink(missing_ok=True)
    flush_directory(path.parent)


def flush_directory(path: Path) -> None:
    """Put the directory's own entries on the disk."""
    if os.name == "nt":
        return  # Windows has no such call; its journal keeps renames in order.
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        # Some network file systems cannot flush a directory, and need not.
        if error.errno not in (errno.EINVAL, errno.ENOTSUP, errno.EBADF):
            raise
    finally:
        os.close(handle)


def set_aside(path: Path, reason: Exception) -> Path:
    """Rename a file that is not a session, keep its bytes and say so in the log.

    Raises:
        OSError: It could not be renamed; it is where it was.
    """
    moment = int(time.time() * 1000)
    while (aside := path.with_name(f"{path.name}.corrupt-{moment}")).exists():
        moment += 1
    path.rename(aside)
    flush_directory(path.parent)
    log.error("%s is not a session (%s); its bytes are kept in %s", path, reason, aside.name)
    return aside
