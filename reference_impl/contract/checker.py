"""Is there an order of the operations that explains what every read returned?

A history is explained when its operations can be put in one order in which each takes effect at
an instant between its start and its end, and in which every read returns what the session then
holds. Operations without an answer may have happened at any later time, or never.

Appends and whole reads alone are decided in linear time. With a clear, a delete, a replace, an
existence check or a limited read, all orders that the clock allows are searched (Wing and Gong,
1993, with Lowe's memory of visited states, 2017).
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import inf
from typing import Any

from reference_impl.contract.history import History, Kind, Operation, sessions

State = tuple[str, ...] | None
_UNSEEN = "\0unseen"
_LIMIT = 200_000


class TooLargeError(RuntimeError):
    """The history has too many orders to search all of them."""


@dataclass(frozen=True, slots=True)
class Violation:
    """A session whose operations no order explains, with the reason in one sentence."""

    reason: str
    history: tuple[Operation, ...]


def check(history: History) -> Violation | None:
    """The first session of a history that no order explains, or None when all are explained."""
    for operations in sessions(history).values():
        if reason := explain(operations):
            return Violation(reason, tuple(operations))
    return None


def explain(operations: list[Operation]) -> str | None:
    """Why no order explains the operations of one session, or None when one does."""
    useful = [
        each
        for each in operations
        if each.kind is not Kind.OTHER and (each.certain or not each.observes)
    ]
    for each in useful:
        if each.kind is Kind.READ and not _is_history(each.answer):
            return f"{each.client} was given {each.answer!r}, which is not a list of messages"
        if each.kind is Kind.EXISTS and not isinstance(each.answer, bool):
            return f"{each.client} was given {each.answer!r} by session_exists, which is no bool"
    return _impossible(useful) or (_appends_only(useful) if _is_simple(useful) else _search(useful))


def _is_history(answer: Any) -> bool:
    return isinstance(answer, list) and all(isinstance(each, str) for each in answer)


def _is_simple(operations: list[Operation]) -> bool:
    return all(
        each.kind is Kind.APPEND or (each.kind is Kind.READ and each.limit is None)
        for each in operations
    ) and _unique(operations)


def _unique(operations: list[Operation]) -> bool:
    written = [message for each in operations for message in each.messages]
    return len(written) == len(set(written))


def _impossible(operations: list[Operation]) -> str | None:
    """What is wrong in any order: a message read that nobody wrote, or twice what was unique."""
    written = {message for each in operations for message in each.messages}
    unique = _unique(operations)
    for each in operations:
        if each.kind is not Kind.READ:
            continue
        for message in each.answer:
            if message not in written:
                return f"{each.client} read {message!r}, which nobody wrote"
        if unique and len(set(each.answer)) < len(each.answer):
            return f"{each.client} read a message twice that was written once"
    return None


def _end(operation: Operation) -> float:
    return operation.end if operation.certain and operation.end is not None else inf


def _appends_only(operations: list[Operation]) -> str | None:
    reads = [each for each in operations if each.kind is Kind.READ]
    longest: list[str] = max((each.answer for each in reads), key=len, default=[])
    for each in reads:
        if each.answer != longest[: len(each.answer)]:
            return f"{each.client} read messages that are not the beginning of what another read"
    place = {message: position for position, message in enumerate(longest)}
    # Rank 2k is a read of k messages, rank 2k + 1 the append of the message after them.
    ranked: list[tuple[int, Operation]] = []
    for each in operations:
        if each.kind is Kind.READ:
            ranked.append((2 * len(each.answer), each))
        elif each.messages[0] in place:
            ranked.append((2 * place[each.messages[0]] + 1, each))
        else:
            ranked.append((2 * len(longest) + 1, each))
    ranked.sort(key=lambda pair: pair[0])
    latest: Operation | None = None
    group: list[Operation] = []
    rank = -1
    for number, each in ranked:
        if number != rank:
            latest = max([*group, *([latest] if latest else [])], key=_start, default=None)
            group, rank = [], number
        group.append(each)
        if latest is not None and _end(each) < latest.start:
            return _inverted(each, latest)
    return None


def _start(operation: Operation) -> int:
    return operation.start


def _inverted(earlier: Operation, later: Operation) -> str:
    """The two orders disagree: by the clock `earlier` came first, by what was read it came last."""
    if earlier.kind is Kind.READ and later.kind is Kind.READ:
        return f"{later.client} read fewer messages than {earlier.client} had read before"
    if later.kind is Kind.READ:
        return (
            f"{later.client} did not read {earlier.messages[0]!r}, "
            f"which {earlier.client} had saved before"
        )
    if earlier.kind is Kind.READ:
        return f"{earlier.client} read {later.messages[0]!r} before it was written"
    return (
        f"{later.messages[0]!r} stands before {earlier.messages[0]!r}, "
        "which was saved before the other began"
    )


def _search(operations: list[Operation]) -> str | None:
    pending = sorted(operations, key=_start)
    steps = _steps(pending)
    goal = sum(1 << number for number, each in enumerate(pending) if each.certain)
    ends = [_end(each) for each in pending]
    after = _orders(pending)
    start: tuple[int, State] = (0, None)
    stack, visited = [start], {start}
    while stack:
        done, state = stack.pop()
        if done & goal == goal:
            return None
        if len(visited) > _LIMIT:
            raise TooLargeError(f"{len(pending)} operations have too many orders to search")
        for node in _next(done, state, pending, ends, steps, after):
            if node not in visited:
                visited.add(node)
                stack.append(node)
    return f"no order of these {len(pending)} operations explains what was read"


def _next(
    done: int,
    state: State,
    pending: list[Operation],
    ends: list[float],
    steps: "list[Callable[[State], list[State]]]",
    after: list[int],
) -> list[tuple[int, State]]:
    """The nodes after this one: each operation that may come next by the clock, taken."""
    nodes: list[tuple[int, State]] = []
    horizon = inf
    lowest = (~done & (done + 1)).bit_length() - 1
    for number in range(lowest, len(pending)):
        if done >> number & 1:
            continue
        if pending[number].start > horizon:
            break
        horizon = min(horizon, ends[number])
        if after[number] & ~done:
            continue
        taken = done | 1 << number
        following = steps[number](state)
        # A read that fits now can come now: it changes nothing for those that follow.
        if following and pending[number].observes:
            return [(taken, state)]
        nodes.extend((taken, each) for each in following)
    return nodes


def _orders(pending: list[Operation]) -> list[int]:
    """For each append the set of appends that reads show before it, as bits."""
    after = [0] * len(pending)
    if not _unique(pending):
        return after
    where = {
        each.messages[0]: number for number, each in enumerate(pending) if each.kind is Kind.APPEND
    }
    for each in pending:
        if each.kind is Kind.READ:
            before = 0
            for number in (where[message] for message in each.answer if message in where):
                after[number] |= before
                before |= 1 << number
    return after


def _steps(pending: list[Operation]) -> "list[Callable[[State], list[State]]]":
    """What each operation makes of a state: no state at all when it cannot come there."""
    seen = {message for each in pending if each.kind is Kind.READ for message in each.answer}
    return [
        _step(each, tuple(m if m in seen else _UNSEEN for m in each.messages)) for each in pending
    ]


def _step(operation: Operation, messages: tuple[str, ...]) -> "Callable[[State], list[State]]":
    answer, limit = operation.answer, operation.limit

    def read(state: State) -> list[State]:
        held = state or ()
        return [state] if answer == list(held if limit is None else held[-limit:]) else []

    def exists(state: State) -> list[State]:
        return [state] if answer == (state is not None) else []

    def clear(state: State) -> list[State]:
        # Whether clearing an unknown session creates it is left to the store.
        return [()] if state is not None else [None, ()]

    match operation.kind:
        case Kind.READ:
            return read
        case Kind.EXISTS:
            return exists
        case Kind.CLEAR:
            return clear
        case Kind.APPEND:
            return lambda state: [(state or ()) + messages]
        case Kind.REPLACE:
            return lambda state: [messages]
        case Kind.DELETE:
            return lambda state: [None]
        case Kind.OTHER:
            return lambda state: [state]
