"""Calling a store by the name of a method, with answers that can cross between processes."""

import json
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from reference_impl.contract.history import KINDS, Kind, Operation

Settle = Callable[[Any], Any]


def call(
    store: Any,
    method: str,
    session: str,
    arguments: list[Any],
    named: dict[str, Any],
    settle: Settle = lambda answer: answer,
) -> Any:
    """The answer of one call as plain values; a read answers the contents alone.

    `settle` waits for the answer of an async store.
    """
    if method == "get_sessions_by_agent":
        listed = settle(store.get_sessions_by_agent(*arguments))
        found = [each for each in listed if _id(each) == session]
        return contents(found[0]) if found else []
    answer = settle(getattr(store, method)(session, *arguments, **named))
    return contents(answer) if KINDS.get(method) is Kind.READ else answer


def _id(session: Any) -> Any:
    return session.get("session_id") if isinstance(session, dict) else session.session_id


def contents(history: Any) -> Any:
    """The contents of a list of messages or of a session, or the words of what is neither."""
    messages = history
    if not isinstance(history, list):
        messages = getattr(history, "messages", None)
        if isinstance(history, dict):
            messages = history.get("messages")
    if not isinstance(messages, list):
        return repr(history)
    return [
        each["content"]
        if isinstance(each, dict) and "content" in each
        else getattr(each, "content", repr(each))
        for each in messages
    ]


def perform(
    store: Any,
    client: str,
    method: str,
    session: str,
    arguments: list[Any],
    named: dict[str, Any],
    settle: Settle = lambda answer: answer,
) -> dict[str, Any]:
    """Make one call and record it: the fields of an `Operation`, or of a call that is none."""
    record: dict[str, Any] = {
        "client": client,
        "method": method,
        "session": session,
        "messages": _written(method, arguments),
        "limit": named.get("max_messages"),
        "answer": None,
        "error": None,
        "raised_at": None,
        "start": time.monotonic_ns(),
    }
    try:
        record["answer"] = call(store, method, session, arguments, named, settle)
    except Exception as error:
        record["error"] = f"{type(error).__name__}: {error}"
        record["raised_at"] = _place(error)
    record["end"] = time.monotonic_ns()
    try:
        json.dumps(record["answer"])
    except (TypeError, ValueError):
        record["answer"] = repr(record["answer"])
    return record


def _place(error: Exception) -> str | None:
    """The file and the line of the store's own code at which an exception passed last."""
    frames = traceback.extract_tb(error.__traceback__)
    outside = [each for each in frames if Path(each.filename).parent != Path(__file__).parent]
    own = [each for each in outside if "site-packages" not in each.filename] or outside
    return f"{own[-1].filename}:{own[-1].lineno}" if own else None


def _written(method: str, arguments: list[Any]) -> list[str]:
    match KINDS.get(method):
        case Kind.APPEND:
            return [arguments[1]]
        case Kind.REPLACE:
            return [message["content"] for message in arguments[0]]
        case _:
            return []


def operation(record: dict[str, Any]) -> Operation:
    """The operation that a record tells of."""
    return Operation(**{**record, "messages": tuple(record["messages"])})
