"""How a session is read and changed: under its lock, from its file, and put on the disk."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from reference_impl import document, encoding, files, names, retention, spill
from reference_impl.directory import Found, SessionDirectory
from reference_impl.document import Archived, Document
from reference_impl.lock import Locks
from reference_impl.session import SessionData, SessionMessage, now

log = logging.getLogger("reference_impl")


# So many waiting turns are tried with a write; when that goes well, twice as many with the next.
_FIRST = 8


def _as_it_is(session: SessionData) -> None:
    """Change nothing but what waits."""


class NotWritten(Exception):
    """A file could not be replaced, and is as it was."""


@dataclass
class Access:
    """The sessions of one directory, with the retention and durability of one store."""

    path: Path
    lock_timeout: float
    retention: str
    active_window: int
    durable: bool
    directory: SessionDirectory = field(init=False)

    def __post_init__(self) -> None:
        self.directory = SessionDirectory(self.path)
        self._locks = Locks(self.path, self.lock_timeout)

    def find(self, session_id: str, decode: Callable[[bytes], Found]) -> Found | SessionData | None:
        """A session, with the turns that wait for it; None where there is neither.

        The turns are folded in first. Where that cannot be written, they are shown all the same.

        Raises:
            OSError: The lock was not free in time, or a file cannot be read.
        """
        session_id = names.check(session_id)
        if spill.has_turns(session_id, self.path) and not self.change(session_id, _as_it_is):
            return self._unwritten(session_id)
        if not self.directory.holds(session_id):
            return None
        with self.held(session_id):
            return self.directory.find(session_id, decode)[2]

    def _unwritten(self, session_id: str) -> SessionData:
        """A session as it will be once it can be written."""
        with self.held(session_id):
            found = self.directory.find(session_id, encoding.load)[2]
            session = found or SessionData(session_id)
            spill.fold(session, self.path)
        retention.apply(session, self.retention, self.active_window)
        return session

    @contextmanager
    def held(self, session_id: str) -> Iterator[None]:
        """Hold the lock of a session.

        Raises:
            OSError: It was not free in time, or there can be none.
        """
        with self._locks.held(names.lock(session_id), session_id):
            yield

    def change(
        self, session_id: str, change: Callable[[SessionData], None], *, create: bool = True
    ) -> bool:
        """Change a session, or make one, and say whether that is on the disk.

        Raises:
            OSError: The lock was not free in time, or the file cannot be read.
        """
        session_id = names.check(session_id)
        try:
            return self._write(session_id, change, create=create)
        except NotWritten:
            log.exception("session %r was not stored; its file is whole", session_id)
            return False

    def append(self, session_id: str, turn: SessionMessage, *, is_again: bool) -> bool:
        """Append a turn, once if `is_again`, and say whether it is on the disk.

        Raises:
            OSError: The lock was not free in time, or the file cannot be read.
            NotWritten: The file could not be replaced.
        """

        def append(session: SessionData) -> None:
            if not (is_again and turn in spill.Stored(session)):
                session.messages.append(turn)

        if is_again:
            return self._write(session_id, append, whole=True)
        return self._write(session_id, append, appended=turn)

    def _write(
        self,
        session_id: str,
        change: Callable[[SessionData], None],
        *,
        appended: SessionMessage | None = None,
        create: bool = True,
        whole: bool = False,
    ) -> bool:
        """Change a session's file under its lock, and put the change on the disk after it.

        `appended` says that the change is this message at the end, `whole` that it looks at the
        archive.

        Raises:
            OSError: The lock was not free, or the file cannot be read.
            NotWritten: The file could not be replaced.
        """
        self.directory.make()
        most = _FIRST
        given = session_id, change, appended, create, whole
        while (saved := self._attempt(most, *given)) is None:
            most *= 2
        return saved

    def _attempt(
        self,
        most: int,
        session_id: str,
        change: Callable[[SessionData], None],
        appended: SessionMessage | None,
        create: bool,
        whole: bool,
    ) -> bool | None:
        """Write once, and say whether that is on the disk; None where more turns wait than `most`.

        Then so many were added, and nothing was changed. Where a write fails after another, each
        so reads no more of what waits than the first did.
        """
        folded: list[Path] = []
        is_all = True
        with self.held(session_id):
            path, data, found = self.directory.find(session_id, document.load)
            if found is None and not create:
                self._drop(session_id)
                return True
            written = None
            whole = whole or spill.is_waiting(session_id, self.path)
            if isinstance(found, Document) and not whole:
                written = self._in(found, change, appended)
            if written is None:
                session = encoding.load(data) if found is not None else SessionData(session_id)
                session.session_id = session_id
                folded, is_all = spill.fold(session, self.path, most)
                self._change(session, change if is_all else _as_it_is)
                written = [encoding.serialize(session)]
            try:
                flush = files.write(path, *written, durable=self.durable)
            except OSError as error:
                raise NotWritten(f"{type(error).__name__}: {error}") from error
        try:
            flush()
        except OSError:
            log.exception("session %r was stored, and a power cut may undo it", session_id)
            return False
        spill.forget(folded)
        return True if is_all else None

    def _drop(self, session_id: str) -> None:
        """Remove what waits for a session that has no file."""
        try:
            spill.drop(session_id, self.path)
        except OSError as error:
            raise NotWritten(f"{type(error).__name__}: {error}") from error

    def _in(
        self,
        found: Document,
        change: Callable[[SessionData], None],
        appended: SessionMessage | None,
    ) -> list[files.Piece] | None:
        """The changed file, with what is not touched as it stands; None to write it whole."""
        if appended is not None and retention.is_within(
            found.count + 1, self.retention, self.active_window
        ):
            return found.with_message(appended)
        return found.changed(lambda session, archived: self._change(session, change, archived))

    def _change(
        self,
        session: SessionData,
        change: Callable[[SessionData], None],
        archived: Archived | None = None,
    ) -> None:
        change(session)
        session.updated_at = now()
        retention.apply(session, self.retention, self.active_window, archived)
