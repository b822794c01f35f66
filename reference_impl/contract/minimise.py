"""The smallest part of a history that still cannot be explained.

Only steps that keep the blame right are taken. What was observed may always be left out. A message
may be left out everywhere at once. Any other write that no read shows may be left out at the end,
when the reads that remain are still unexplained together, and still explained without any of them:
a write that makes one of them true has to be shown.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from reference_impl.contract.checker import TooLargeError, explain
from reference_impl.contract.history import Kind, Operation

Removal = Callable[[list[Operation], Sequence[Operation]], list[Operation]]


def minimise(operations: Sequence[Operation]) -> list[Operation]:
    """A smallest unexplained part of an unexplained history of one session."""
    current, size = list(operations), 0
    while size != len(current):
        size = len(current)
        observed = sorted(_observed(current), key=_oddness, reverse=True)
        current = _shrink(current, observed, _without)
        if _messages_are_separable(current):
            appends = [each for each in current if each.kind is Kind.APPEND]
            current = _shrink(current, appends, _without_messages)
    for write in [each for each in current if not each.observes]:
        rest = _without(current, [write])
        if not _is_read(write, rest) and _is_tight(rest):
            current = rest
    return current


def _shrink(
    current: list[Operation], candidates: list[Operation], remove: Removal
) -> list[Operation]:
    """Remove candidates in halves, quarters and so on, as long as the rest is unexplained."""
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


def _observed(current: list[Operation]) -> list[Operation]:
    return [each for each in current if each.observes]


def _is_tight(current: list[Operation]) -> bool:
    """Whether all that was observed is unexplained together, and nothing less of it is."""
    return _is_bad(current) and not any(
        _is_bad(_without(current, [each])) for each in _observed(current)
    )


def _is_read(write: Operation, current: list[Operation]) -> bool:
    """Whether a read shows what an operation wrote: without it the read would be blamed."""
    answers = [each.answer for each in current if isinstance(each.answer, list)]
    return any(message in answer for answer in answers for message in write.messages)


def _name(operation: Operation) -> tuple[str, int]:
    """What stays the same of an operation while its answer is shortened."""
    return operation.client, operation.start


def _oddness(operation: Operation) -> int:
    """What to do without first: a whole read tells more than part of one."""
    return (operation.kind is not Kind.READ) + 2 * (operation.limit is not None)


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


def _messages_are_separable(current: list[Operation]) -> bool:
    """Whether leaving a message out everywhere leaves the other answers true."""
    written = [message for each in current for message in each.messages]
    return len(written) == len(set(written)) and not any(
        each.kind is Kind.EXISTS or each.limit is not None for each in current
    )
