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
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from reference_impl.session import NotASession, SessionData

log = logging.getLogger("reference_impl")

_Value = TypeVar("_Value")
_Result = TypeVar("_Result")

# How long a list may take to read one file, in seconds.
_CLOSING = 1.0

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


def exists(path: Path) -> bool:
    """Whether there is a file.

    Raises:
        OSError: It cannot be told.
    """
    # Path.exists takes some errors for an absent file, newer Pythons all of them.
    try:
        path.stat()
    except FileNotFoundError:
        return False
    return True


def parse(data: bytes) -> Any:
    """The JSON value in `data`.

    Raises:
        NotASession: It does not parse.
    """
    try:
        return _on_a_new_stack_if_deep(_parse, data)
    except ValueError as error:
        raise NotASession(str(error)) from None


def _parse(data: bytes) -> Any:
    try:
        return _decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError):
        # The release writes with the standard library, which knows NaN, Infinity and lone
        # surrogates; all of them must stay readable.
        return json.loads(data.decode("utf-8"))


def serialize(session: SessionData) -> bytes:
    """The bytes of a session's file: indented, so that people can read it.

    Raises:
        TypeError: A value has no JSON form.
        ValueError: A value contains itself.
    """
    return _on_a_new_stack_if_deep(_serialize, session)


def _serialize(session: SessionData) -> bytes:
    data = session.to_dict()
    try:
        encoded = _encode(data)
        if _is_finite(session):
            return msgspec.json.format(encoded, indent=2)
    except (OverflowError, UnicodeEncodeError):
        pass  # A number or a character that only the standard library writes.
    return json.dumps(data, indent=2).encode()


def _on_a_new_stack_if_deep(function: Callable[[_Value], _Result], value: _Value) -> _Result:
    # Python's limit counts the caller's frames too, and a deep caller does not make a deep file.
    try:
        return function(value)
    except RecursionError:
        with ThreadPoolExecutor(1) as fresh:
            outcome = fresh.submit(function, value)
            if isinstance(outcome.exception(), RecursionError):
                raise ValueError("it is nested too deeply") from None
            return outcome.result()


def _is_finite(session: SessionData) -> bool:
    """Whether no number is NaN or infinite, which msgspec would turn into null."""
    unseen: list[Any] = [session.metadata, session.runtime_state, session.extra]
    if session.last_compaction is not None:
        unseen.append(session.last_compaction.to_dict())
    for message in itertools.chain(session.messages, session.archived_messages):
        if not math.isfinite(message.timestamp):
            return False
        unseen += [part for part in (message.metadata, message.tool_calls, message.extra) if part]
    while unseen:
        value = unseen.pop()
        if isinstance(value, dict):
            unseen += value.values()
        elif isinstance(value, list | tuple):
            unseen += value
        elif isinstance(value, float) and not math.isfinite(value):
            return False
    return True


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
        _once_closed(lambda: temporary.replace(path))
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise
    flush_directory(path.parent)


def remove(path: Path) -> None:
    """Remove a file, if it is there, and put that on the disk."""
    _once_closed(lambda: path.unlink(missing_ok=True))
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
    _once_closed(lambda: path.rename(aside))
    flush_directory(path.parent)
    log.error("%s is not a session (%s); its bytes are kept in %s", path, reason, aside.name)
    return aside
