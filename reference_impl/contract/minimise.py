"""The smallest part of a history that still cannot be explained.

Only steps that keep the blame right are taken. What was observed may always be left out. A message
may be left out everywhere at once. Any other write that no read shows may be left out when the
rest stays unexplained whether or not that write took effect.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from reference_impl.contract.checker import TooLargeError, explain
from reference_impl.contract.history import Kind, Operation

Removal = Callable[[list[Operation], Sequence[Operation]], list[Operation]]


def minimise(operations: Sequence[Operation]) -> list[Operation]:
    """A smallest unexplained part of an unexplained history of one session."""
    return _Minimiser(list(operations)).run()


class _Minimiser:
    def __init__(self, current: list[Operation]) -> None:
        self.current = current
        self.hidden: list[Operation] = []

    def run(self) -> list[Operation]:
        size = 0
        while size != len(self.current):
            size = len(self.current)
            observed = [each for each in self.current if each.observes]
            self.shrink(sorted(observed, key=_oddness, reverse=True), _without)
            if _messages_are_separable(self.current + self.hidden):
                appends = [each for each in self.current if each.kind is Kind.APPEND]
                self.shrink(appends, _without_messages)
            for each in [each for each in self.current if not each.observes]:
                self.hide(each)
        return self.current

    def shrink(self, candidates: list[Operation], remove: Removal) -> None:
        """Remove candidates in halves, quarters and so on, as long as the rest is unexplained."""
        names = [_name(each) for each in candidates]
        size = len(names)
        while size:
            left = []
            for at in range(0, len(names), size):
                chosen = set(names[at : at + size])
                part = [each for each in self.current if _name(each) in chosen]
                smaller = remove(self.current, part)
                if _is_bad(smaller + self.hidden):
                    self.current = smaller
                else:
                    left += names[at : at + size]
            names, size = left, min(size // 2, len(left))

    def hide(self, write: Operation) -> None:
        """Leave a write out when it makes no difference whether it took effect."""
        read = {m for each in self.current if isinstance(each.answer, list) for m in each.answer}
        rest = _without(self.current, [write])
        hidden = [*self.hidden, replace(write, optional=True)]
        if read.isdisjoint(write.messages) and _is_bad(rest) and _is_bad(rest + hidden):
            self.current, self.hidden = rest, hidden


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
