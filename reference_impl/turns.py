"""Whole tool turns: what a model API takes, out of what a session holds.

An assistant's turn that asks for tools is answered by one `role="tool"` message for each call,
and model APIs refuse a history in which one of the two is missing. A crash, a cancelled turn, a
limit or a checkpoint can leave either alone. The stored conversation keeps everything; this is for
histories that leave for a model.
"""

from typing import Any

Message = dict[str, Any]


def whole(messages: list[Message]) -> list[Message]:
    """The history without halves of tool turns.

    A result without its call is left out. A call without its result is left out too, with its
    message where that says nothing else, unless no message follows: then its result may still
    come. Calls of one message that have their results stay.
    """
    if not any(message["role"] == "tool" or "tool_calls" in message for message in messages):
        return messages
    kept: list[Message] = []
    place = 0
    while place < len(messages):
        message, place = messages[place], place + 1
        if message["role"] == "tool":
            continue
        calls = message.get("tool_calls")
        if not calls:
            kept.append(message)
            continue
        first = place
        while place < len(messages) and messages[place]["role"] == "tool":
            place += 1
        kept += _turn(message, messages[first:place], is_last=place == len(messages))
    return kept


def _turn(asking: Message, answers: list[Message], *, is_last: bool) -> list[Message]:
    """A message that asks for tools, and those of its answers that belong to it."""
    asked = [_id(call) for call in asking["tool_calls"]]
    results = {str(answer.get("tool_call_id")): answer for answer in reversed(answers)}
    answered = [identity for identity in asked if identity in results]
    found = [results[identity] for identity in answered]
    if len(answered) == len(asked) or is_last:
        return [asking, *found]
    calls = [call for call in asking["tool_calls"] if _id(call) in results]
    rest = {key: value for key, value in asking.items() if key != "tool_calls"}
    if calls:
        return [rest | {"tool_calls": calls}, *found]
    return [rest] if asking.get("content") else []


def _id(call: Any) -> str:
    return str(call.get("id")) if isinstance(call, dict) else ""
