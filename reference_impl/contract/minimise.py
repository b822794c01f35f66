"""The smallest part of a history that still cannot be explained.

Only steps that keep the blame right are taken. What was observed may always be left out. A message
may be left out everywhere at once. A write that no read shows may be left out when the history
stays unexplained even if that write is allowed never to have happened.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from reference_impl.contract.checker import TooLargeError, explain
from reference_impl.contract.history import Kind, Operation


def minimise(operations: Sequence[Operation]) -> list[Operation]:
    """A smallest unexplained part of an unexplained history of one session."""
    current = list(operations)
    while True:
        size = len(current)
        current = _fewer(current, [each for each in current if each.observes], _without)
        unsure = [o for o in current if not o.certain and not _is_read(o, current)]
        current = _fewer(current, unsure, _without)
        if _messages_are_separable(current):
            current = _fewer(current, _appends(current), _without_messages)
        for each in [each for each in current if not each.observes]:
            if _is_read(each, current):
                continue
            relaxed = [replace(o, end=None) if o is each else o for o in current]
            if _is_bad(relaxed):
                current = _without(current, [each])
        if len(current) == size:
            return current


Removal = Callable[[list[Operation], Sequence[Operation]], list[Operation]]


def _fewer(
    current: list[Operation], candidates: list[Operation], remove: Removal
) -> list[Operation]:
    """Remove candidates in halves, quarters and so on, as long as the rest stays unexplained."""
    names = [_name(each) for each in candidates]
    size = len(names)
    while size:
        left = []
        for at in range(0, len(names), size):
            chosen = set(names[at : at + size])
            smaller = remove(current, [each for each in current if _name(each) in chosen])
            if _is_bad(smaller):
                current = smaller
            else:
                left += names[at : at + size]
        names, size = left, min(size // 2, len(left))
    return current


def _is_read(operation: Operation, current: list[Operation]) -> bool:
    """Whether a read shows what an operation wrote: without it the read would be blamed."""
    read = {m for each in current if isinstance(each.answer, list) for m in each.answer}
    return not read.isdisjoint(operation.messages)


def _name(operation: Operation) -> tuple[str, int]:
    """What stays the same of an operation while its answer is shortened."""
    return operation.client, operation.start


def _is_bad(operations: list[Operation]) -> bool:
    try:
        return explain(operations) is not None
    except TooLargeError:
        return False


def _without(current: list[Operation], part: Sequence[Operation]) -> list[Operation]:
    gone = {id(each) for each in part}
    return [each for each in current if id(each) not in gone]


def _without_messages(current: list[Operation], part: Sequence[Operation]) -> list[Operation]:
    gone = {message for each in part for message in each.messages}
    return [
        replace(each, answer=[message for message in each.answer if message not in gone])
        if each.kind is Kind.READ and isinstance(each.answer, list)
        else each
        for each in _without(current, part)
    ]


def _appends(current: list[Operation]) -> list[Operation]:
    return [each for each in current if each.kind is Kind.APPEND]


def _messages_are_separable(current: list[Operation]) -> bool:
    """Whether leaving a message out everywhere leaves the other answers true."""
    written = [message for each in current for message in each.messages]
    return len(written) == len(set(written)) and not any(
        each.kind is Kind.EXISTS or each.limit is not None for each in current
    )
