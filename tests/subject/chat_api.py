"""What OpenAI's chat API refuses in a conversation, so that a test meets it before a user does.

A store that hands out such a history makes every later request of the session fail: the same
messages are sent again each time.
"""

from collections.abc import Iterator
from typing import Any

# What a message of each role may have beside its role.
FIELDS = {
    "system": {"content", "name"},
    "developer": {"content", "name"},
    "user": {"content", "name"},
    "assistant": {"content", "name", "tool_calls", "refusal", "audio", "function_call"},
    "tool": {"content", "tool_call_id"},
}
PARTS = {
    "system": {"text"},
    "developer": {"text"},
    "user": {"text", "image_url", "input_audio", "file"},
    "assistant": {"text", "refusal"},
    "tool": {"text"},
}
# A part has a field that is called like its type.
TEXTS = ("text", "refusal")

Fault = tuple[str, str | None]


def fault(messages: Any) -> Fault | None:
    """What is wrong with the messages of a request, and where; None for good ones."""
    if not isinstance(messages, list) or not messages:
        return "Invalid 'messages': expected a non-empty array of messages.", "messages"
    for index, message in enumerate(messages):
        for found in _of_message(message, f"messages[{index}]"):
            return found
    return next(_of_tool_turns(messages), None)


def _of_message(message: Any, where: str) -> Iterator[Fault]:
    if not isinstance(message, dict):
        yield f"Invalid type for '{where}': expected an object.", where
        return
    role = message.get("role")
    if not isinstance(role, str) or role not in FIELDS:
        yield f"Invalid value for '{where}.role': {role!r}.", f"{where}.role"
        return
    for name in sorted(message.keys() - FIELDS[role] - {"role"}):
        yield f"Unknown parameter: '{where}.{name}'.", f"{where}.{name}"
    yield from _of_content(message.get("content"), role, "tool_calls" in message, where)
    if "tool_calls" in message:
        yield from _of_calls(message["tool_calls"], f"{where}.tool_calls")
    if role == "tool" and not isinstance(message.get("tool_call_id"), str):
        yield f"Missing required parameter: '{where}.tool_call_id'.", f"{where}.tool_call_id"


def _of_content(content: Any, role: str, calls: bool, where: str) -> Iterator[Fault]:
    where = f"{where}.content"
    if content is None:
        if role != "assistant" or not calls:
            yield f"Invalid value for '{where}': expected a string, got null.", where
    elif isinstance(content, list):
        if not content:
            yield f"Invalid '{where}': empty array. Expected at least one part.", where
        for index, part in enumerate(content):
            kind = part.get("type") if isinstance(part, dict) else None
            if kind not in PARTS[role] or not isinstance(
                part.get(kind), str if kind in TEXTS else dict
            ):
                yield f"Invalid value for '{where}[{index}]': {part!r}.", f"{where}[{index}]"
    elif not isinstance(content, str):
        yield f"Invalid type for '{where}': expected a string or an array of parts.", where


def _of_calls(calls: Any, where: str) -> Iterator[Fault]:
    if not isinstance(calls, list) or not calls:
        yield f"Invalid '{where}': expected an array with at least one call.", where
        return
    for index, call in enumerate(calls):
        function = call.get("function") if isinstance(call, dict) else None
        texts = (
            [call.get("id"), function.get("name"), function.get("arguments")]
            if isinstance(function, dict)
            else []
        )
        if len(texts) != 3 or not all(isinstance(each, str) for each in texts):
            yield f"Invalid value for '{where}[{index}]': {call!r}.", f"{where}[{index}]"


def _of_tool_turns(messages: list[dict[str, Any]]) -> Iterator[Fault]:
    """Each call is followed by its results, and each result follows its call."""
    open_calls: list[str] = []
    caller = 0
    for index, message in enumerate([*messages, {"role": "end"}]):
        if message["role"] == "tool":
            if message["tool_call_id"] not in open_calls:
                yield (
                    "Invalid parameter: messages with role 'tool' must be a response to a "
                    "preceding message with 'tool_calls'.",
                    f"messages[{index}].role",
                )
                return
            open_calls.remove(message["tool_call_id"])
            continue
        if open_calls:
            yield (
                "An assistant message with 'tool_calls' must be followed by tool messages "
                "responding to each 'tool_call_id'. The following tool_call_ids did not have "
                f"response messages: {', '.join(open_calls)}",
                f"messages[{caller}]",
            )
            return
        open_calls = [call["id"] for call in message.get("tool_calls", ())]
        caller = index
