"""What the pages accept of an argument and of a file, in words of their own.

The predicates judge by these, and not by what the reference did: a refusal that no page speaks of
is a difference like any other.
"""

import json
from typing import Any

_OWN_WORDS = {"agent_name", "user_id", "agent_id", "gateway_session_id", "title", "summary"}


def is_text(value: Any) -> bool:
    """Whether a value is text that UTF-8 can carry."""
    if not isinstance(value, str):
        return False
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def survives(value: Any) -> bool:
    """Whether JSON gives a value back equal; a subclass of `str` is equal to its text."""
    try:
        text = json.dumps(value, allow_nan=False, ensure_ascii=False)
        text.encode()
        return bool(json.loads(text) == value and _is_in_range(value))
    except (TypeError, ValueError, RecursionError):
        return False


def _is_in_range(value: Any) -> bool:
    """Whether every whole number fits into 64 bits: what is larger, readers of JSON disagree on."""
    if isinstance(value, dict):
        return all(map(_is_in_range, value.values()))
    if isinstance(value, list):
        return all(map(_is_in_range, value))
    return not isinstance(value, int) or -(2**63) <= value < 2**64


def _is_calls(value: Any) -> bool:
    return value is None or (isinstance(value, list) and all(map(_is_dict, value)))


def _is_dict(value: Any) -> bool:
    return isinstance(value, dict) and survives(value)


def _is_content(value: Any, calls: Any) -> bool:
    if value is None:
        return bool(calls)
    return is_text(value) or (isinstance(value, list) and all(map(_is_dict, value)))


def _is_message(value: Any) -> bool:
    if not isinstance(value, dict):
        return False
    moment = value.get("timestamp")
    return (
        is_odd_argument("role", value.get("role", "user")) is False
        and _is_content(value.get("content", ""), value.get("tool_calls"))
        and (value.get("metadata") is None or _is_dict(value["metadata"]))
        and _is_calls(value.get("tool_calls"))
        and (value.get("tool_call_id") is None or is_text(value["tool_call_id"]))
        and (moment is None or (isinstance(moment, int | float) and not isinstance(moment, bool)))
    )


def is_odd_argument(name: str, value: Any, beside: dict[str, Any] | None = None) -> bool:
    """Whether the pages say that a parameter does not take a value."""
    if name in ("session_id", "role"):
        return not (is_text(value) and value)
    if name == "content":
        return not _is_content(value, (beside or {}).get("tool_calls"))
    if name == "metadata":
        return value is not None and not _is_dict(value)
    if name == "tool_calls":
        return not _is_calls(value)
    if name == "messages":
        return not (isinstance(value, list | tuple) and all(map(_is_message, value)))
    if name in ("tokens_before", "tokens_after"):
        whole = isinstance(value, int) and not isinstance(value, bool)
        return not (whole and _is_in_range(value))
    if name in _OWN_WORDS or name == "tool_call_id":
        return value is not None and not is_text(value)
    if name == "message_id":
        return isinstance(value, bool) or not (value is None or isinstance(value, int | str))
    if name == "max_history":
        return not isinstance(value, int) or isinstance(value, bool)
    if name == "platform":
        return not isinstance(value, str)
    if name == "max_messages":
        return value is not None and (not isinstance(value, int) or isinstance(value, bool))
    if name in ("model", "anything"):
        return value is not None and not survives(value)
    return False


def odd_arguments(given: dict[str, Any]) -> list[str]:
    """The names of the parameters that a call gave what the pages do not accept."""
    return [name for name, value in given.items() if is_odd_argument(name, value, given)]


def is_safe(session_id: Any) -> bool:
    """Whether an id is its own file name."""
    return (
        is_text(session_id)
        and 0 < len(session_id) <= 200
        and session_id.isascii()
        and all(each.isalnum() or each in "-_" for each in session_id)
    )


def folded(session_id: str) -> str:
    """The name of the file that the release keeps an id in."""
    return "".join(each if each.isalnum() or each in "-_" else "_" for each in session_id)


def fault_of(file: dict[str, Any] | None, session_id: Any) -> str | None:
    """What is wrong with a session's file: "no object", "nested deeply" or "odd shape".

    None for a sound one, and where there is no file.
    """
    if file is None or "to" in file:
        return None
    if "data" in file:
        return "nested deeply" if file["data"].startswith("[" * 5_000) else "no object"
    value = file["value"]
    if not isinstance(value, dict):
        return "no object"
    is_shaped = (
        isinstance(value.get("messages", []), list)
        and all(map(_is_row, value.get("messages", [])))
        and isinstance(value.get("metadata", {}), dict)
        and isinstance(value.get("runtime_state", {}), dict)
        and isinstance(value.get("archived_messages", []), list)
        and all(map(_is_row, value.get("archived_messages", [])))
        and _is_checkpoint(value.get("last_compaction"))
    )
    if not is_shaped:
        return "odd shape"
    return None if value.get("session_id") in (None, "", session_id) else "another's"


def _is_row(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("metadata", {}), dict)


def _is_checkpoint(value: Any) -> bool:
    return value is None or (
        isinstance(value, dict) and isinstance(value.get("message_index", 0), int)
    )
