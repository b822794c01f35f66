"""The bytes of a session's file, and back: JSON that people can read."""

import itertools
import json
import math
import os
from typing import Any

import msgspec

from reference_impl.session import NotASession, SessionData
from reference_impl.stack import on_a_new_stack_if_deep


def plain(value: Any) -> Any:
    """A string or a number of a subclass, as templates and numpy give them, as it is in JSON."""
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, int):
        return int.__int__(value)
    if isinstance(value, float):
        return float.__float__(value)
    raise TypeError(f"{type(value).__name__} is no string, number, list or dict")


_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder(enc_hook=plain).encode


class _Beyond(float):
    """A number that no float holds, such as 1e400, with its text: it is written as it stood."""

    text: str


def _number(text: str) -> float:
    value = float(text)
    if math.isfinite(value):
        return value
    beyond = _Beyond(value)
    beyond.text = text
    return beyond


def load(data: bytes) -> SessionData:
    """The session in a file's bytes.

    Raises:
        NotASession: They are no JSON object.
        UnexpectedShape: The object is no session.
    """
    return SessionData.from_dict(parse(data))


def parse(data: bytes) -> dict[str, Any]:
    """The JSON object in `data`.

    Raises:
        NotASession: There is none.
    """
    try:
        found = on_a_new_stack_if_deep(_parse, data)
    except ValueError as error:
        raise NotASession(str(error)) from None
    if not isinstance(found, dict):
        raise NotASession(f"the file is a {type(found).__name__}, not an object")
    return found


def _parse(data: bytes) -> Any:
    try:
        return _decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError):
        # The release writes with the standard library, which knows NaN, Infinity and lone
        # surrogates; all of them must stay readable. Windows begins text with a byte order mark.
        text = data.decode(json.detect_encoding(data))
        return json.loads(text, parse_float=_number)


def value(data: bytes | memoryview) -> Any:
    """The value in a part of a file.

    Raises:
        msgspec.DecodeError: It has a form that only the standard library reads.
    """
    return _decode(data)


def indented(value: Any) -> bytes:
    """The bytes of a value, indented.

    Raises:
        OverflowError: It has a number that only the standard library writes.
        UnicodeEncodeError: The same of a character.
    """
    return msgspec.json.format(_encode(value), indent=2)


def serialize(session: SessionData) -> bytes:
    """The bytes of a session's file: indented, so that people can read it.

    Raises:
        TypeError: A value has no JSON form.
        ValueError: A value contains itself, or is nested too deeply.
    """
    return on_a_new_stack_if_deep(_serialize, session)


def _serialize(session: SessionData) -> bytes:
    data = session.to_dict()
    try:
        if _is_finite(session):
            return indented(data)
    except (OverflowError, UnicodeEncodeError):
        pass  # A number or a character that only the standard library writes.
    texts: dict[str, str] = {}
    written = json.dumps(_marked(data, texts), indent=2)
    for mark, text in texts.items():
        written = written.replace(f'"{mark}"', text)
    return written.encode()


def _marked(value: Any, texts: dict[str, str]) -> Any:
    """A value with a mark for each number that is written as it stood."""
    if isinstance(value, dict):
        return {key: _marked(each, texts) for key, each in value.items()}
    if isinstance(value, list):
        return [_marked(each, texts) for each in value]
    if not isinstance(value, _Beyond):
        return value
    texts[mark := os.urandom(16).hex()] = value.text
    return mark


def _is_finite(session: SessionData) -> bool:
    """Whether no number is NaN or infinite, which msgspec would turn into null."""
    lists = (session.messages, session.archived_messages)
    unseen = [each for each in vars(session).values() if not any(each is one for one in lists)]
    if session.last_compaction is not None:
        unseen.append(session.last_compaction.to_dict())
    for message in itertools.chain(session.messages, session.archived_messages):
        unseen += [part for part in vars(message).values() if part and not isinstance(part, str)]
    while unseen:
        value = unseen.pop()
        if isinstance(value, dict):
            unseen += value.values()
        elif isinstance(value, list | tuple):
            unseen += value
        elif isinstance(value, float) and not math.isfinite(value):
            return False
    return True
