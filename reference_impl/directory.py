"""The directory of the sessions: which file an id has, and what is in it."""

import functools
import logging
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol, TypeVar

import msgspec

from reference_impl import encoding, files, names, rows
from reference_impl.rest import PATIENCE, has_come_to_rest
from reference_impl.session import NotASession, UnexpectedShape

log = logging.getLogger("reference_impl")


class _Owned(Protocol):
    session_id: Any


Found = TypeVar("Found", bound=_Owned)


class SessionDirectory:
    """The files of one directory.

    An id has a file under a name of its own. Ids that are no safe file name may also have one
    under the release's name for them, which they share with other ids: the id in the file says
    whose it is. Everything that reads or changes a session needs its lock.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        files.make_directory(path)

    def make(self) -> None:
        """Make the directory again, should somebody have removed it."""
        if not os.path.isdir(self.path):
            files.make_directory(self.path)

    def holds(self, session_id: str) -> bool:
        """Whether there may be a file of this id; needs no lock.

        Raises:
            OSError: It cannot be told.
        """
        return any(map(files.exists, _candidates(self.path, session_id)))

    def find(
        self, session_id: str, decode: Callable[[bytes], Found]
    ) -> tuple[Path, bytes, Found | None]:
        """The file of an id, its bytes and what `decode` makes of them.

        Without a session, the path is where a new one goes. What is no JSON object is set aside
        once it has come to rest.

        Raises:
            OSError: A file cannot be read, is being written, or is no session.
        """
        own, *shared = _candidates(self.path, session_id)
        data, session = self._load(own, session_id, decode)
        if session is not None:
            if session.session_id in (None, "", session_id):
                session.session_id = session_id
                return own, data, session
            raise UnexpectedShape("session_id", f"session {session.session_id!r}", str(own))
        is_safe = names.is_safe(session_id)
        for path in shared:
            data, session = self._load(path, session_id, decode, is_owner=is_safe)
            if session is None:
                return (path if is_safe else own), b"", None
            if session.session_id == session_id or (is_safe and not session.session_id):
                session.session_id = session_id
                return path, data, session
        return own, b"", None

    def remove(self, session_id: str) -> None:
        """Remove every file of an id, the one that a reader would find last of all.

        Raises:
            OSError: One is still there.
        """
        paths = _candidates(self.path, session_id)
        mine = [path for path in paths if self._is_its(path, session_id)]
        for path in reversed(mine):
            files.remove(path)
        for path in paths:
            # What a killed writer left of a session that was never stored.
            if not files.exists(path) and files.exists(files.temporary(path)):
                files.remove(path)

    @staticmethod
    def _is_its(path: Path, session_id: str) -> bool:
        """Whether a file is a session's to remove, whatever its shape.

        Who deletes a session wants it gone. What is no JSON object belongs to the id whose name
        the file has.
        """
        if (data := files.read(path)) is None:
            return False
        is_named_so = path.stem in (session_id, names.hashed(session_id))
        try:
            found = encoding.parse(data).get("session_id")
        except NotASession:
            return is_named_so
        return found == session_id or (is_named_so and found in (None, ""))

    def sessions(self) -> Iterator[tuple[bytes, rows.Summary]]:
        """Every session that a read by its id finds, as the bytes of its file and their summary.

        It takes no locks, since a file is replaced in one step. What else is there, such as a copy,
        a renamed file or another program's JSON, is logged and left out.

        Raises:
            OSError: The directory or a file in it cannot be read.
        """
        try:
            listed = sorted(os.listdir(self.path))
        except FileNotFoundError:
            return
        hashed = frozenset(name for name in listed if "~" in name)
        # Thousands of names: to make a Path of each would take as long as to read it.
        place = os.path.join(self.path, "")
        for name in listed:
            if not name.endswith(".json"):
                continue
            path = place + name
            try:
                if (data := files.read(path)) is None:
                    continue
                session = rows.summary(data)
            except (NotASession, UnexpectedShape, files.NotARegularFile) as error:
                log.error("%s is left out: %s", path, error)
                continue
            if (owner := _owner(name[: -len(".json")], session, hashed)) is None:
                log.warning("%s is left out: it is no file of session %r", path, session.session_id)
                continue
            session.session_id = owner
            yield data, session

    def _load(
        self,
        path: Path,
        session_id: str,
        decode: Callable[[bytes], Found],
        *,
        is_owner: bool = True,
    ) -> tuple[bytes, Found | None]:
        end = time.monotonic() + PATIENCE
        while (data := files.read(path)) is not None:
            try:
                return data, decode(data)
            except UnexpectedShape as error:
                if not is_owner and encoding.parse(data).get("session_id") != session_id:
                    break
                raise UnexpectedShape(error.place, error.found, str(path)) from None
            except NotASession as error:
                # For another id it is to set aside what stands under its own name.
                if not is_owner:
                    break
                if has_come_to_rest(path, data, end):
                    files.set_aside(path, error)
        return b"", None


def _owner(stem: str, session: rows.Summary, hashed: frozenset[str]) -> str | None:
    """The id that is read from this file; None for a file that no id is read from.

    `hashed` are the hashed names in its directory. Most have none, and then nothing is hashed.
    """
    found: Any = session.session_id
    if not found:
        # Old files name no session. Without messages too it is another program's file.
        return stem if names.is_safe(stem) and session.messages is not msgspec.UNSET else None
    if not isinstance(found, str):
        return None
    if stem == found and not hashed and names.is_safe(found):
        return stem
    own = names.hashed(found)
    is_its = stem == own or (stem == names.folded(found) and f"{own}.json" not in hashed)
    return found if is_its else None


# Asked for twice by every read: remembered, a read of ten messages takes 99 µs instead of 117.
@functools.lru_cache(1024)
def _candidates(directory: Path, session_id: str) -> tuple[Path, ...]:
    """Where the session may be; the last one is the release's place for it."""
    own = directory / f"{names.hashed(session_id)}.json"
    shared = names.folded(session_id)
    return (own, directory / f"{shared}.json") if shared else (own,)
