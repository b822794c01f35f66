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

    A result answers the open call with its id, that of the newest turn first. Local models give
    calls no ids, or one id to all: then the order of calls and results tells what belongs together.
    """
    if not any(message["role"] == "tool" or "tool_calls" in message for message in messages):
        return messages
    results = _paired(messages)
    last = max((n for n, each in enumerate(messages) if each["role"] != "tool"), default=0)
    kept: list[Message] = []
    for place, message in enumerate(messages):
        if message["role"] != "tool":
            kept += _turn(message, results.get(place, {}), is_last=place == last)
    return kept


def start_of_tail(roles: Sequence[str], count: int) -> int:
    """Where the newest `count` messages begin: later, where that is at a tool's result.

    Earlier, at the call, where nothing but results would be left: no tail is empty.
    """
    start = max(0, len(roles) - count)
    while start and start < len(roles) and roles[start] == "tool":
        start += 1
    if start == len(roles):
        start = max((n for n, role in enumerate(roles) if role != "tool"), default=0)
    return start


def window(roles: Sequence[str], count: int) -> list[int]:
    """The places of the newest `count` messages, so that they begin with a user's message.

    Some model APIs demand that. Where the tail begins amid a user's turn, one message less may
    do; else that user's message takes the place of the oldest, so that a long task keeps its
    question.
    """
    start = start_of_tail(roles, count)
    opening: list[int] = []
    if count > 1 and not _begins_with_user(roles[start:]):
        shorter = start_of_tail(roles, count - 1)
        begins = _begins_with_user(roles[shorter:])
        opening = [] if begins else [n for n in range(shorter) if roles[n] == "user"][-1:]
        start = shorter if begins or opening else start
    return [*opening, *range(start, len(roles))]


def _begins_with_user(roles: Sequence[str]) -> bool:
    return next((role for role in roles if role != "system"), None) == "user"


def newest(messages: list[Message], count: int | None) -> list[Message]:
    """The newest `count` messages, or fewer: a tail never starts on an orphaned tool result.

    None, 0 and less mean all of them.
    """
    if count is None or count <= 0 or len(messages) <= count:
        return messages
    return messages[start_of_tail([message["role"] for message in messages], count) :]


def history(messages: list[Message], count: int | None) -> list[Message]:
    """What a model may be sent of a conversation: its newest messages, with whole tool turns."""
    return newest(whole(messages), count)


def resumed(messages: list[Message], count: int | None) -> list[Message]:
    """The same, beginning with a user's message where it was shortened."""
    sent = whole(messages)
    if count is None or count <= 0 or len(sent) <= count:
        return sent
    return [sent[place] for place in window([message["role"] for message in sent], count)]


def _paired(messages: list[Message]) -> dict[int, dict[int, Message]]:
    """The results of the calls of each message, by the places of the message and of the call."""
    results: dict[int, dict[int, Message]] = {}
    # Calls are taken from the end, so that those of the newest turn come first, in their order.
    named: dict[str, list[tuple[int, int]]] = {}
    left: set[int] = set()
    for place, message in enumerate(messages):
        if message["role"] == "tool":
            if (calls := named.get(_id(message, "tool_call_id"))) is None:
                left.add(place)
            elif calls:
                asked, number = calls.pop()
                results.setdefault(asked, {})[number] = message
            continue
        for number, call in reversed(list(enumerate(_calls(message)))):
            if identity := _id(call, "id"):
                named.setdefault(identity, []).append((place, number))
    _pair_by_order(messages, left, results)
    return results


def _pair_by_order(
    messages: list[Message], left: set[int], results: dict[int, dict[int, Message]]
) -> None:
    """Give the results that are left to open calls, where one of the two has no id."""
    opened: list[tuple[int, int]] = []
    without_id: list[tuple[int, int]] = []
    for place, message in enumerate(messages) if left else ():
        if message["role"] != "tool":
            for number, call in reversed(list(enumerate(_calls(message)))):
                if number not in results.get(place, {}):
                    opened.append((place, number))
                    without_id += () if _id(call, "id") else ((place, number),)
        elif place in left:
            open_calls = without_id if _id(message, "tool_call_id") else opened
            while open_calls:
                asked, number = open_calls.pop()
                if results.setdefault(asked, {}).setdefault(number, message) is message:
                    break


def _turn(message: Message, results: dict[int, Message], *, is_last: bool) -> list[Message]:
    """A message with the results of its calls, and without the calls that have none."""
    found = [results[number] for number in sorted(results)]
    calls = _calls(message)
    if len(found) == len(calls) or is_last:
        return [message, *found]
    rest = {key: value for key, value in message.items() if key != "tool_calls"}
    if found:
        return [rest | {"tool_calls": [calls[number] for number in sorted(results)]}, *found]
    return [rest] if message.get("content") else []


def _calls(message: Message) -> list[Any]:
    # A file may hold anything there.
    calls = message.get("tool_calls")
    return calls if isinstance(calls, list) else []


def _id(holder: Any, name: str) -> str:
    """The id of a call or of the call that a result answers; empty where there is none."""
    identity = holder.get(name) if isinstance(holder, dict) else None
    return "" if identity is None else str(identity)
