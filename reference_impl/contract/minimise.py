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


def in_context(small: Sequence[Operation], whole: Sequence[Operation]) -> list[Operation]:
    """A smallest part with what a reader needs to see the fault happen again.

    That is every clear and delete that was done before the last read, the last replacement (which
    makes all before it void), one write that was on its way together with another one, and what
    each reader had read before: a store may have kept it.
    """
    kept = {_name(each) for each in small}
    reads = [each for each in small if each.observes]
    written = min((each.start for each in small if not each.observes), default=0)
    answers = {_name(each): each.answer for each in whole}
    for read in reads:
        before = [
            each
            for each in whole
            if (each.client, each.method, each.limit) == (read.client, read.method, read.limit)
            and each.start < read.start
        ]
        if before:
            early = [each for each in before if (each.end or 0) < written]
            kept.add(_name(early[-1] if early else before[0]))
            # A store that keeps answers gave the wrong one first when it was right.
            same = [each for each in before if each.answer == answers[_name(read)]]
            kept |= {_name(each) for each in same[:1]}
    last = max((each.start for each in reads), default=0)
    done = [each for each in whole if each.certain and (each.end or 0) < last]
    kept |= {_name(each) for each in done if each.kind in (Kind.CLEAR, Kind.DELETE)}
    replaced = [each for each in done if each.kind is Kind.REPLACE]
    if replaced:
        kept.add(_name(max(replaced, key=lambda each: each.start)))
    writes = [each for each in whole if not each.observes and each.end is not None]
    shown = [each for each in writes if _name(each) in kept]
    pairs = [
        (_overlap(one, other), other) for one in shown for other in writes if _meet(one, other)
    ]
    if pairs and not any(_name(other) in kept for _, other in pairs):
        kept.add(_name(max(pairs, key=lambda pair: pair[0])[1]))
    part = [each for each in whole if _name(each) in kept]
    if _messages_are_separable(list(whole)):
        messages = {message for each in part for message in each.messages}
        gone = [
            each
            for each in whole
            if each.kind is Kind.APPEND and not messages.intersection(each.messages)
        ]
        part = _without_messages(part, gone)
    else:
        read_in = {
            message
            for each in part
            if each.kind is Kind.READ and isinstance(each.answer, list)
            for message in each.answer
        }
        kept |= {_name(each) for each in whole if read_in.intersection(each.messages)}
        part = [each for each in whole if _name(each) in kept]
    return part if _is_bad(part) else list(small)


def _meet(one: Operation, other: Operation) -> bool:
    return one.client != other.client and _overlap(one, other) > 0


def _overlap(one: Operation, other: Operation) -> int:
    """How long two operations were on their way together, in nanoseconds."""
    return min(one.end or 0, other.end or 0) - max(one.start, other.start)
