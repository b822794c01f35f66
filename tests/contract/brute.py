"""The slowest checker that is plainly right: every order of every subset, one by one."""

from itertools import chain, combinations, permutations

from reference_impl.contract.history import Kind, Operation

State = tuple[str, ...] | None


def explained(operations: list[Operation]) -> bool:
    """Whether some order of the certain operations, and of any of the others, explains them."""
    certain = [each for each in operations if each.certain]
    perhaps = [each for each in operations if not each.certain and not each.observes]
    return any(
        _allowed_by_the_clock(order) and _fits(order)
        for more in subsets(perhaps)
        for order in permutations(certain + list(more))
    )


def subsets(operations: list[Operation]) -> chain[tuple[Operation, ...]]:
    """Every subset, the empty one first."""
    return chain.from_iterable(
        combinations(operations, size) for size in range(len(operations) + 1)
    )


def _allowed_by_the_clock(order: tuple[Operation, ...]) -> bool:
    return not any(
        later.certain and later.end is not None and later.end < earlier.start
        for position, earlier in enumerate(order)
        for later in order[position + 1 :]
    )


def _fits(order: tuple[Operation, ...]) -> bool:
    states: set[State] = {None}
    for each in order:
        states = {after for before in states for after in results(before, each)}
    return bool(states)


def results(state: State, operation: Operation) -> list[State]:
    """The states that an operation may leave, none when its answer does not fit."""
    match operation.kind:
        case Kind.APPEND:
            return [(state or ()) + operation.messages]
        case Kind.REPLACE:
            return [operation.messages]
        case Kind.DELETE:
            return [None]
        case Kind.CLEAR:
            return [None, ()] if state is None else [()]
        case Kind.EXISTS:
            return [state] if operation.answer == (state is not None) else []
        case _:
            held = list(state or ())
            shown = held if operation.limit is None else held[-operation.limit :]
            return [state] if operation.answer == shown else []
