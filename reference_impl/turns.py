"""Whole tool turns: what a model API takes, out of what a session holds.

An assistant's turn that asks for tools is answered by one `role="tool"` message for each call,
and model APIs refuse a history in which one of the two is missing. A crash, a cancelled turn, a
limit or a checkpoint can leave either alone. The stored conversation keeps everything; this is for
histories that leave for a model.
"""

from collections.abc import Sequence
from typing import Any

Message = dict[str, Any]


def whole(messages: list[Message]) -> list[Message]:
    """The history with every tool turn whole.

    A result stands right behind its call, also where another writer's turn came between them. A
    result without its call is left out. So is a call without its result, and its message where that
    says nothing else, unless no message follows: then the result may still come.
    """
    if not any(message["role"] == "tool" or "tool_calls" in message for message in messages):
        return messages
    results: list[dict[str, Message]] = [{} for _ in messages]
    asked: dict[str, int] = {}
    last = 0
    for place, message in enumerate(messages):
        if message["role"] != "tool":
            last = place
            asked |= dict.fromkeys(map(_id, _calls(message)), place)
        elif (call := asked.pop(str(message.get("tool_call_id")), None)) is not None:
            results[call][str(message["tool_call_id"])] = message
    kept: list[Message] = []
    for place, message in enumerate(messages):
        if message["role"] != "tool":
            kept += _turn(message, results[place], is_last=place == last)
    return kept


def start_of_tail(roles: Sequence[str], count: int) -> int:
    """Where the newest `count` messages begin: later, where they would begin with a tool result."""
    start = max(0, len(roles) - count)
    while start and start < len(roles) and roles[start] == "tool":
        start += 1
    return start


def newest(messages: list[Message], count: int | None) -> list[Message]:
    """The newest `count` messages, or fewer: a tail never starts on an orphaned tool result.

    None and 0 mean all of them, as in PraisonAI.
    """
    if not count or len(messages) <= count:
        return messages
    return messages[start_of_tail([message["role"] for message in messages], count) :]


def history(messages: list[Message], count: int | None) -> list[Message]:
    """What a model may be sent of a conversation: its newest messages, with whole tool turns."""
    return newest(whole(messages), count)


def _turn(message: Message, results: dict[str, Message], *, is_last: bool) -> list[Message]:
    """A message with the results of its calls, and without the calls that have none."""
    calls = _calls(message)
    answered = [call for call in calls if _id(call) in results]
    found = [results[_id(call)] for call in answered]
    if len(answered) == len(calls) or is_last:
        return [message, *found]
    rest = {key: value for key, value in message.items() if key != "tool_calls"}
    if answered:
        return [rest | {"tool_calls": answered}, *found]
    return [rest] if message.get("content") else []


def _calls(message: Message) -> list[Any]:
    # A file may hold anything there.
    calls = message.get("tool_calls")
    return calls if isinstance(calls, list) else []


def _id(call: Any) -> str:
    return str(call.get("id")) if isinstance(call, dict) else ""
