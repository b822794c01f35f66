"""Holds calls and replies together: an arrow left out or out of place is an error."""

from executable_pages.testing.diagrams.bound import Bound
from executable_pages.testing.diagrams.tree import Block, DiagramError, Message, Statement


def check_pairs(bound: Bound) -> None:
    """Hold that each call has its reply before anyone calls again, and each reply its call.

    A read beside others, in a `par`, may do without: its answer depends on who was first.

    Raises:
        DiagramError: An arrow stands alone, or a branch of a `par` is empty.
    """
    _section(bound, bound.diagram.statements, in_par=False)


def _section(bound: Bound, statements: list[Statement], *, in_par: bool) -> None:
    waiting: list[Message] = []
    for statement in statements:
        if isinstance(statement, Message):
            _message(bound, statement, waiting, in_par)
        elif isinstance(statement, Block):
            _answered(bound, waiting, in_par)
            for _, inside in statement.sections:
                if statement.kind in ("par", "loop") and not inside:
                    where = bound.where(statement)
                    raise DiagramError(f"{where}: a branch in which nothing happens")
                _section(bound, inside, in_par=in_par or statement.kind == "par")
    _answered(bound, waiting, in_par)


def _message(bound: Bound, message: Message, waiting: list[Message], in_par: bool) -> None:
    where = bound.where(message)
    last = waiting[-1] if waiting else None
    if message.is_reply:
        if last is None or (last.source, last.target) != (message.target, message.source):
            raise DiagramError(f"{where}: {message.target} waits for no answer of {message.source}")
        waiting.pop()
    elif message.text in bound.bindings.steps:
        if last is None or last.source != message.source:
            raise DiagramError(f"{where}: a step of no call of {message.source}")
    elif last is not None and last.target == message.source:
        waiting.append(message)  # What was called calls on.
    else:
        _answered(bound, waiting, in_par)
        waiting.append(message)


def _answered(bound: Bound, waiting: list[Message], in_par: bool) -> None:
    for message in waiting:
        if not (in_par and message.text.startswith(bound.bindings.reads)):
            where = bound.where(message)
            raise DiagramError(f"{where}: no reply to {message.text} before the next call")
    waiting.clear()
