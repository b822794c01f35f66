"""A history as a Mermaid sequence diagram, one arrow for each call and each answer."""

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any

from reference_impl.contract.checker import explain
from reference_impl.contract.history import Kind, Operation
from reference_impl.contract.minimise import in_context, minimise

# Processes that are called after their clocks: in words, and in seconds ahead of the machine's.
OTHER_CLOCKS = {
    "Behind": ("five minutes behind", -300.0),
    "Back": ("set back by five minutes", 0.0),
    "Later": ("far ahead", 8 * 365 * 86_400.0),
}
# What Mermaid takes for the end of a text, a line break, a formula or a comment.
_SIGNS = re.compile(r"[#;]|<(?=br\b)|\$(?=\$)|%(?=%)", re.IGNORECASE)


def picture(history: Iterable[Operation], summary: str = "") -> str:
    """What is wrong with a history, and the smallest part that shows it as a Mermaid diagram."""
    whole = list(history)
    small = minimise(whole)
    reason = f"{summary}: {explain(small)}" if summary else explain(small)
    part = in_context(small, whole)
    rest = len(whole) - len(part)
    calls = "call is" if rest == 1 else "calls are"
    left_out = f"\n{rest} other {calls} left out: the fault shows without." if rest else ""
    return f"{reason}\n\n```mermaid\n{draw(part)}\n```{left_out}"


def draw(operations: Sequence[Operation]) -> str:
    """The diagram of a history, in the order of the clock.

    The session of a history of one session is called "chat", as on the pages.
    """
    names = {each.session: f"chat-{number}" for number, each in enumerate(operations)}
    if len(names) == 1:
        names = dict.fromkeys(names, "chat")
    clients = sorted({each.client for each in operations})
    events: list[tuple[float, int, str]] = []
    for each in operations:
        call = f"    {each.client}->>Store: {_call(each, names[each.session])}"
        events.append((each.start, 0, call))
        if each.end is None:
            events.append((float("inf"), 1, f"    Note over {each.client}: no answer came"))
        elif each.error is not None:
            name, _, words = each.error.partition(":")
            events.append((each.end, 1, f"    Store-->>{each.client}: raises {name}"))
            if words:
                events.append((each.end, 2, f"    Note over {each.client}: {_plain(words)}"))
        else:
            events.append((each.end, 1, f"    Store-->>{each.client}: {_literal(each.answer)}"))
    events.sort(key=lambda event: event[:2])
    participants = [f"    participant {client} as {_title(client)}" for client in clients]
    return "\n".join(
        [
            "sequenceDiagram",
            *participants,
            "    participant Store as Session store",
            *(line for _, _, line in events),
        ]
    )


def _title(client: str) -> str:
    if client in OTHER_CLOCKS:
        return f"Process, clock {OTHER_CLOCKS[client][0]}"
    return f"Process {client[1:]}" if client.startswith("P") else f"Client {client[1:]}"


def _call(operation: Operation, session: str) -> str:
    arguments = [_literal(session)]
    match operation.kind:
        case Kind.APPEND:
            arguments += [_literal("user"), _literal(operation.messages[0])]
        case Kind.REPLACE:
            turns = [{"role": "user", "content": message} for message in operation.messages]
            arguments.append(_literal(turns))
        case Kind.READ if operation.limit is not None:
            arguments.append(f"max_messages={operation.limit}")
        case _:
            pass
    return f"{operation.method}({', '.join(arguments)})"


def _literal(value: Any) -> str:
    if isinstance(value, bool) or value is None:
        return repr(value)
    try:
        # Mermaid draws several blanks as one.
        return _plain(re.sub("(?<= ) ", r"\\u0020", json.dumps(value, ensure_ascii=False)))
    except (TypeError, ValueError):
        return _plain(repr(value))


def _plain(text: str) -> str:
    """Text of one line that Mermaid draws as it is, or the beginning of it."""
    shown = re.sub(r"\s*[\r\n]\s*", " ", text.strip())
    shown = shown if len(shown) <= 400 else shown[:397] + "..."
    return _SIGNS.sub(lambda sign: f"#{ord(sign[0])};", shown)
