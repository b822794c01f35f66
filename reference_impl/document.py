"""A session's file as its top-level keys, each with the bytes of its value.

A change writes what it touches and copies the rest, so that an append does not cost more with each
message in the archive. Where a value has a form that only the standard library reads, such as NaN,
the session is read and written whole.
"""

from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from reference_impl import encoding, rows
from reference_impl.files import Piece
from reference_impl.session import SessionData, SessionMessage, now

Archived = Callable[[], Iterator[SessionMessage]]
"""The messages of an archive, the newest first."""

_MESSAGES, _ARCHIVE = "messages", "archived_messages"
_SPACE = b" \t\r\n"
_EMPTY = memoryview(b"[]")
# What these raise for is written whole.
_ODD = (msgspec.DecodeError, OverflowError, UnicodeEncodeError, RecursionError)

_parts = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_elements = msgspec.json.Decoder(list[msgspec.Raw] | None).decode


class Document:
    """The file of one session as it stands; `count` is its messages but for the archive."""

    def __init__(self, data: bytes, shape: rows.Conversation[Any]) -> None:
        self.session_id: Any = shape.session_id
        self.count = len(shape.messages)
        # Views, since each copy of 10,000 messages takes 0.6 ms.
        self._parts = {key: memoryview(value) for key, value in _parts(data).items()}

    def with_message(self, message: SessionMessage) -> list[Piece] | None:
        """The file with one more message at its end; None where it has to be written whole."""
        try:
            messages = _grown(self._parts.get(_MESSAGES, _EMPTY), [message], {})
            updated = _pretty(now())
        except _ODD:
            return None
        written: dict[str, list[Piece]] = {key: [value] for key, value in self._parts.items()}
        return _joined(written | {_MESSAGES: messages, "updated_at": [updated]})

    def changed(self, change: Callable[[SessionData, Archived], None]) -> list[Piece] | None:
        """The file of the changed session; None where it has to be written whole.

        The session that `change` is given has an empty archive: what it puts there comes behind
        what the file has. No message may be changed in its place.
        """
        try:
            session = SessionData.from_dict(
                {key: encoding.value(each) for key, each in self._parts.items() if key != _ARCHIVE}
            )
            session.session_id = self.session_id
            stored = session.messages[:]
            change(session, self._archived)
            return self._written(session, stored)
        except _ODD:
            return None

    def _written(self, session: SessionData, stored: list[SessionMessage]) -> list[Piece]:
        """The file with the values of a session, of which these messages stand in it already."""
        elements = _elements(self._parts.get(_MESSAGES, _EMPTY)) or ()
        known = {id(each): bytes(raw) for each, raw in zip(stored, elements, strict=True)}
        archive = self._parts.get(_ARCHIVE, _EMPTY)
        arrays = {
            _MESSAGES: _grown(_EMPTY, session.messages, known),
            _ARCHIVE: _grown(archive, session.archived_messages, known),
        }
        session.messages, session.archived_messages = [], []
        written: dict[str, list[Piece]] = {}
        for key, value in session.to_dict().items():
            written[key] = [self._parts[key] if key in session.extra else _pretty(value)]
        return _joined(written | arrays)

    def _archived(self) -> Iterator[SessionMessage]:
        for each in reversed(_elements(self._parts.get(_ARCHIVE, _EMPTY)) or ()):
            yield SessionMessage.from_dict(encoding.value(each))


def load(data: bytes) -> Document | SessionData:
    """The session in a file's bytes, as they stand where that will do.

    Raises:
        NotASession: They are no JSON object.
        UnexpectedShape: The object is no session.
    """
    if (shape := rows.shape(data)) is None:
        return encoding.load(data)
    return Document(data, shape)


def _grown(
    array: memoryview, messages: list[SessionMessage], known: dict[int, bytes]
) -> list[Piece]:
    """An array with messages at its end; the bytes of some are `known`."""
    if not messages:
        return [array]
    if bytes(array[:1]) != b"[":  # null
        array = _EMPTY
    kept = len(array) - 1
    while array[kept - 1] in _SPACE:
        kept -= 1
    added = [known.get(id(each)) or _pretty(each.to_dict(), depth=2) for each in messages]
    first = b"\n    " if kept == 1 else b",\n    "
    return [array[:kept], first, b",\n    ".join(added), b"\n  ]"]


def _pretty(value: Any, depth: int = 1) -> bytes:
    """A value as it stands that deep in a file."""
    return encoding.indented(value).replace(b"\n", b"\n" + b"  " * depth)


def _joined(written: dict[str, list[Piece]]) -> list[Piece]:
    pieces: list[Piece] = []
    for key, values in written.items():
        pieces += (b",\n  " if pieces else b"{\n  ", encoding.indented(key), b": ", *values)
    return [*pieces, b"\n}"]
