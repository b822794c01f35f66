"""What a write accepts: values that every later read returns equal.

JSON keeps no tuples, sets, dates or NaN, makes strings of all keys, and UTF-8 has no place for lone
surrogates. What would come back as something else is refused before anything is changed.
"""

from typing import Any, TypeVar

import msgspec

from reference_impl.encoding import plain
from reference_impl.session import SessionMessage
from reference_impl.stack import TooDeep, on_a_new_stack_if_deep

# Fields of the metadata that say whose a session is; they stand at the top of the file too.
OWNERS = frozenset({"agent_id", "agent_name", "user_id"})

_Value = TypeVar("_Value")

_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder(enc_hook=plain).encode
_KNOWN = frozenset({"role", "content", "metadata", "tool_calls", "tool_call_id", "timestamp"})


def text(name: str, value: Any) -> str:
    """A string that is stored as it is.

    Raises:
        TypeError: It is no string.
        ValueError: UTF-8 cannot carry it.
    """
    if not isinstance(value, str):
        raise TypeError(f"{name} is a string, not {_kind(value)}")
    said = str.__str__(value)
    if not said.isascii():
        _same(name, said)
    return said


def optional(name: str, value: Any) -> str | None:
    """A string or None."""
    return None if value is None else text(name, value)


def number(name: str, value: Any) -> int:
    """A whole number.

    Raises:
        TypeError: It is something else, a bool included.
    """
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"{name} is a whole number, not {_kind(value)}")
    return int.__int__(value)


def limit(name: str, value: Any) -> int | None:
    """A largest number of messages; None, 0 and less are no limit."""
    found = 0 if value is None else number(name, value)
    return found if found > 0 else None


def metadata_of(name: str, value: Any) -> dict[str, Any]:
    """A dict of JSON values, in a copy of its own; None is an empty one."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise TypeError(f"{name} is a dict, not {_kind(value)}")
    return _same(name, value) if value else {}


def _calls(name: str, value: Any) -> list[dict[str, Any]] | None:
    """The tool calls of a message; None and an empty list are none."""
    if value is None:
        return None
    return _dicts(name, value) or None


def content_of(name: str, value: Any, tool_calls: list[dict[str, Any]] | None) -> Any:
    """A message's content: a string, a list of parts, or None beside tool calls."""
    if isinstance(value, str):
        return text(name, value)
    if value is None and tool_calls:
        return None
    if isinstance(value, list):
        return _dicts(name, value)
    beside = "" if value is not None else " without tool_calls"
    raise TypeError(f"{name} is a string or a list of parts, not {_kind(value)}{beside}")


def field(name: str, value: Any) -> Any:
    """A field of a session's metadata: any JSON value, and a string where it says whose it is."""
    return text(name, value) if name in OWNERS else _same(name, value)


def extra(name: str, value: Any) -> dict[str, Any]:
    """What a message has beside the fields that are named, such as `reasoning_content`."""
    found = metadata_of(name, value)
    if named := sorted(_KNOWN & found.keys()):
        raise ValueError(f"{name} has {named[0]!r}, which is an argument of its own")
    return found


def message(
    role: Any,
    content: Any,
    metadata: Any,
    tool_calls: Any,
    tool_call_id: Any,
    fields: Any = None,
    where: str = "",
) -> SessionMessage:
    """A message that a read returns as it was given; `where` stands before names in errors."""
    if not (said := text(f"{where}role", role)):
        raise ValueError(f"{where}role must not be empty")
    asked = _calls(f"{where}tool_calls", tool_calls)
    return SessionMessage(
        said,
        content_of(f"{where}content", content, asked),
        metadata=metadata_of(f"{where}metadata", metadata),
        tool_calls=asked,
        tool_call_id=optional(f"{where}tool_call_id", tool_call_id),
        extra=extra(f"{where}extra", fields),
    )


def messages(given: Any) -> list[SessionMessage]:
    """The messages that replace a history, with whatever else model APIs send beside the text."""
    if not isinstance(given, list | tuple):
        raise TypeError(f"messages is a list, not {_kind(given)}")
    made = []
    for index, each in enumerate(given):
        if not isinstance(each, dict):
            raise TypeError(f"messages[{index}] is a dict with role and content, not {_kind(each)}")
        where = f"messages[{index}]."
        get = each.get
        one = message(
            get("role", "user"),
            get("content", ""),
            get("metadata"),
            get("tool_calls"),
            get("tool_call_id"),
            _others(where, each),
            where,
        )
        if (moment := get("timestamp")) is not None:
            if not isinstance(moment, int | float) or isinstance(moment, bool):
                raise TypeError(f"{where}timestamp is in seconds since 1970, not {_kind(moment)}")
            one.timestamp = _same(f"{where}timestamp", moment)
        made.append(one)
    return made


def _others(where: str, given: dict[Any, Any]) -> dict[str, Any]:
    others = {key: value for key, value in given.items() if key not in _KNOWN}
    return {text(f"{where}a key", key): _same(f"{where}{key}", others[key]) for key in others}


def _dicts(name: str, value: Any) -> list[dict[str, Any]]:
    if not isinstance(value, list):
        raise TypeError(f"{name} is a list of dicts, not {_kind(value)}")
    for index, each in enumerate(value):
        if not isinstance(each, dict):
            raise TypeError(f"{name}[{index}] is a dict, not {_kind(each)}")
    found: list[dict[str, Any]] = _same(name, value)
    return found


def _same(name: str, value: _Value) -> _Value:
    """What a reader would get for a value, if that is equal to it."""
    try:
        return on_a_new_stack_if_deep(_round_trip, value)
    except TooDeep:
        raise ValueError(f"{name} contains itself or is nested too deeply") from None
    except TypeError as error:
        raise TypeError(f"{name} has no form in JSON: {error}") from None
    except ValueError as error:
        raise ValueError(f"{name} cannot be stored: {error}") from None


def _round_trip(value: _Value) -> _Value:
    found: _Value = _decode(_encode(value))
    if found != value:
        raise ValueError("it would be read as something else; use strings, numbers, lists, dicts")
    return found


def _kind(value: Any) -> str:
    shown = repr(value)
    return f"{type(value).__name__}: {shown if len(shown) <= 80 else shown[:77] + '...'}"
