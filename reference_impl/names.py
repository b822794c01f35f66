"""The file names of a session.

An id that is a safe file name is its own name. Any other id gets a readable beginning and a
hash behind a tilde, which no safe id contains, so no two ids share a file. The release folds
every other character to an underscore instead; its files are found by the id inside them.
"""

import functools
import hashlib
import os
import re

_SAFE = re.compile(r"[A-Za-z0-9_-]{1,200}")
_DEVICES = re.compile(r"(?:CON|PRN|AUX|NUL|(?:COM|LPT)[\d\u00b9\u00b2\u00b3])", re.IGNORECASE)
# With ".json.lock" behind it this is 255 bytes, the longest name that file systems take.
_LONGEST = 245


def check(session_id: str) -> str:
    """The id itself, as a plain string.

    Raises:
        TypeError: It is not a string.
        ValueError: It is empty, or UTF-8 cannot carry it.
    """
    if not isinstance(session_id, str):
        raise TypeError(
            f"a session id is a string, not {type(session_id).__name__}: {session_id!r}"
        )
    if not session_id:
        raise ValueError("a session id must not be empty")
    if not session_id.isascii():
        try:
            session_id.encode()
        except UnicodeEncodeError as error:
            raise ValueError(f"a session id must be text that UTF-8 can carry: {error}") from None
    return str.__str__(session_id)


def is_safe(session_id: str) -> bool:
    """Whether the id is its own file name on every system."""
    return bool(_SAFE.fullmatch(session_id)) and not _DEVICES.fullmatch(session_id)


@functools.lru_cache(1024)
def hashed(session_id: str) -> str:
    """A name that only this id has."""
    digest = hashlib.sha256(session_id.encode("utf-8", "surrogatepass")).hexdigest()[:32]
    return f"{re.sub('[^A-Za-z0-9_-]', '_', session_id[:40])}~{digest}"


def folded(session_id: str) -> str | None:
    """The name that the release gives this id, or None where a file system refuses it."""
    name = "".join(c if c.isalnum() or c in "-_" else "_" for c in session_id)
    if os.name == "nt" and _DEVICES.fullmatch(name):
        return None
    return name if len(name.encode("utf-8", "surrogatepass")) <= _LONGEST else None


def lock(session_id: str) -> str:
    """The name of the session's lock: the release's, so that both exclude each other."""
    return folded(session_id) or hashed(session_id)
