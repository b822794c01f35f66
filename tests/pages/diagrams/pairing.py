"""Holds calls and replies together: an arrow left out or out of place is an error."""

from tests.pages.diagrams.tree import Block, Diagram, DiagramError, Message, Statement
from tests.pages.diagrams.vocabulary import STEPS

READS = ("get_", "session_exists(", "list_")


def check_pairs(diagram: Diagram) -> None:
    """Hold that each call has its reply before anyone calls again, and each reply its call.

    A read beside others, in a `par`, may do without: its answer depends on who was first.

    Raises:
        DiagramError: An arrow stands alone, or a branch of a `par` is empty.
    """
    _section(diagram, diagram.statements, in_par=False)


def _section(diagram: Diagram, statements: list[Statement], *, in_par: bool) -> None:
    waiting: list[Message] = []
    for statement in statements:
        if isinstance(statement, Message):
            _message(diagram, statement, waiting, in_par)
        elif isinstance(statement, Block):
            _answered(diagram, waiting, in_par)
            for _, inside in statement.sections:
                if statement.kind in ("par", "loop") and not inside:
                    where = diagram.where(statement.line)
                    raise DiagramError(f"{where}: a branch in which nothing happens")
                _section(diagram, inside, in_par=in_par or statement.kind == "par")
    _answered(diagram, waiting, in_par)


def _message(diagram: Diagram, message: Message, waiting: list[Message], in_par: bool) -> None:
    where = diagram.where(message.line)
    last = waiting[-1] if waiting else None
    if message.is_reply:
        if last is None or (last.source, last.target) != (message.target, message.source):
            raise DiagramError(f"{where}: {message.target} waits for no answer of {message.source}")
        waiting.pop()
    elif message.text in STEPS:
        if last is None or last.source != message.source:
            raise DiagramError(f"{where}: a step of no call of {message.source}")
    elif last is not None and last.target == message.source:
        waiting.append(message)  # What was called calls on, as a bot manager calls its store.
    else:
        _answered(diagram, waiting, in_par)
        waiting.append(message)


def _answered(diagram: Diagram, waiting: list[Message], in_par: bool) -> None:
    for message in waiting:
        if not (in_par and message.text.startswith(READS)):
            where = diagram.where(message.line)
            raise DiagramError(f"{where}: no reply to {message.text} before the next call")
    waiting.clear()
