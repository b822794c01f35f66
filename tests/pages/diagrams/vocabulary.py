"""What the words of a diagram are bound to; docs/verification/diagrams.md says it to its reader."""

import ast
import enum
import json
import re
from typing import Any, NamedTuple

from tests.pages.diagrams import trace
from tests.pages.diagrams.trace import ACQUIRE, RELEASE, RELOAD, TIMEOUT, WRITE
from tests.pages.diagrams.tree import Block, Change, Diagram, DiagramError, Message, Note, walk

# The first that fits counts: a model server is a model, and no file.
ROLES = {
    "bot": re.compile(r"\bbot manager\b", re.I),
    "model": re.compile(r"\bmodel\b", re.I),
    "store": re.compile(r"\b(store [A-Z]|process|worker|gateway|writer|reader|client)\b", re.I),
    "file": re.compile(r"\b(session file|session store|bucket|disk|database|server)\b", re.I),
    "lock": re.compile(r"\block\b", re.I),
}
# Who a step of a call is shown at: the lock's own steps at the lock, if the diagram has one.
STEPS = {
    ACQUIRE: ("lock", "file"),
    TIMEOUT: ("lock", "file"),
    RELEASE: ("lock", "file"),
    RELOAD: ("file",),
    WRITE: ("file",),
}
# Who answers whom.
ANSWERED = {
    "bot": ("user",),
    "file": ("store", "bot"),
    "lock": ("store", "bot"),
    "model": ("bot",),
    "store": ("user",),
    "user": (),
}
MARKS = ("FileLock", "fresh reload", "atomic write")
# How a condition is brought about and ended in the processes of the stores.
CONDITIONS = {
    "the disk has room": None,
    "the disk is full": ("fill_disk", "free_disk"),
    "the lock is free": None,
    "the lock is held": ("hold_lock", "free_lock"),
}
DRIVEN = ("alt", "opt", "break", "critical")
TURNS = "turns"

_CALL = re.compile(r"^(?P<call>\w+\(.*\))(?P<marks>(?:\s*\[[^\]\"']+\])*)$")
_MARK = re.compile(r"\[([^\]]+)\]")
_TIMES = re.compile(r"^([1-9]\d*) times?$")
_RAISES = re.compile(r"^(?:raises )?(?P<error>[A-Z]\w*(?:Error|Timeout))$")


class Kind(enum.Enum):
    """What an arrow is."""

    CALL = "a call of a participant's store or of a bot manager"
    INNER = "a call that a bot manager makes while it answers"
    REQUEST = "a request that a bot manager sends to the model server"
    STEP = "something that a store's call does"
    REPLY = "an answer"


class Spoken(NamedTuple):
    """A call as a diagram writes it."""

    method: str
    args: list[Any]
    kwargs: dict[str, Any]
    marks: list[str]


def role(diagram: Diagram, name: str) -> str:
    """The kind of part that a participant stands for.

    Raises:
        DiagramError: Its name says none.
    """
    participant = diagram.participants[name]
    if participant.is_actor:
        return "user"
    for kind, words in ROLES.items():
        if words.search(participant.alias):
            return kind
    where = diagram.where(participant.line)
    raise DiagramError(f"{where}: nothing real is called {participant.alias!r}; see ROLES")


def check(diagram: Diagram) -> None:
    """Bind every participant, message and condition without performing any.

    Raises:
        DiagramError: One cannot be bound.
    """
    aliases: dict[str, str] = {}
    for name, participant in diagram.participants.items():
        role(diagram, name)
        if (other := aliases.setdefault(participant.alias, name)) != name:
            where = diagram.where(participant.line)
            raise DiagramError(f"{where}: {name} and {other} are both {participant.alias!r}")
    leaving, gone = set[str](), set[str]()
    for statement in walk(diagram.statements):
        if isinstance(statement, Message):
            kind_of(diagram, statement)
            names = {statement.source, statement.target}
            if absent := names & gone:
                raise DiagramError(f"{diagram.where(statement.line)}: {min(absent)} is gone")
            gone |= names & leaving
        elif isinstance(statement, Change) and statement.kind == "destroy":
            leaving.add(statement.name)
        elif isinstance(statement, Note):
            _note(diagram, statement)
        elif isinstance(statement, Block):
            _frame(diagram, statement)


def _note(diagram: Diagram, note: Note) -> None:
    where = diagram.where(note.line)
    if marks_of(note) and role(diagram, note.over[0]) not in ("store", "bot"):
        raise DiagramError(f"{where}: a mark stands over the one whose call it is of")


def _frame(diagram: Diagram, block: Block) -> None:
    where = diagram.where(block.line)
    for number, (label, _) in enumerate(block.sections):
        is_action = block.kind == "critical" and number == 0
        if block.kind == "loop" and not _TIMES.match(label):
            raise DiagramError(f"{where}: a loop says how often: `loop 100 times`, not {label!r}")
        if block.kind in DRIVEN and not is_action and label not in CONDITIONS:
            known = ", ".join(CONDITIONS)
            raise DiagramError(f"{where}: nobody can bring about {label!r}; there are {known}")
    if block.kind != "par":
        return
    busy: dict[str, int] = {}
    for number, (_, inside) in enumerate(block.sections):
        for message in (s for s in walk(inside) if isinstance(s, Message)):
            for name in (message.source, message.target):
                if role(diagram, name) not in ("file", "lock", "model") and (
                    busy.setdefault(name, number) != number
                ):
                    at = diagram.where(message.line)
                    raise DiagramError(f"{at}: {name} is in two branches at the same time")


def unseen(diagram: Diagram) -> list[str]:
    """What the diagram says of locks and this system cannot observe, each with its place."""
    if not trace.BLIND:
        return []
    found = []
    for statement in walk(diagram.statements):
        text = statement.text if isinstance(statement, Message | Note) else ""
        if text in trace.LOCKING or "[FileLock]" in text:
            word = text if text in trace.LOCKING else "[FileLock]"
            where = diagram.where(statement.line)
            found.append(f"{where}: {word} is not observed: {trace.BLIND}")
    return found


def times(block: Block) -> int:
    """How often a loop runs."""
    found = _TIMES.match(block.sections[0][0])
    assert found is not None
    return int(found[1])


def kind_of(diagram: Diagram, message: Message) -> Kind:
    """What an arrow is.

    Raises:
        DiagramError: It is nothing that can be performed or observed.
    """
    source, target = role(diagram, message.source), role(diagram, message.target)
    text, where = message.text, diagram.where(message.line)
    if message.is_mutual:
        raise DiagramError(f"{where}: an arrow both ways is neither a call nor a reply")
    if message.is_reply:
        if not (raised(text) or literal(text) is not NOTHING):
            raise DiagramError(f"{where}: a reply is a literal or an error, not {text!r}")
        if target not in ANSWERED[source]:
            raise DiagramError(f"{where}: {message.source} answers nobody like {message.target}")
        return Kind.REPLY
    if text in STEPS:
        return _step(diagram, message, source, target)
    spoken = call_of(text, where)
    match source, target:
        case ("store", "file") | ("user", "bot" | "store"):
            return Kind.CALL
        case ("bot", "file"):
            return Kind.INNER
        case ("bot", "model") if spoken.method == TURNS:
            return Kind.REQUEST
        case ("bot", "model"):
            raise DiagramError(f"{where}: a model is sent `{TURNS}([...])`, not {text!r}")
    raise DiagramError(f"{where}: {message.source} cannot call {message.target}")


def _step(diagram: Diagram, message: Message, source: str, target: str) -> Kind:
    where = diagram.where(message.line)
    if source not in ("store", "bot"):
        raise DiagramError(f"{where}: {message.source} calls nothing, so it takes no step")
    there = {role(diagram, name) for name in diagram.participants}
    wanted = next((kind for kind in STEPS[message.text] if kind in there), "file")
    if target != wanted:
        raise DiagramError(f"{where}: `{message.text}` happens to the {wanted}")
    return Kind.STEP


def call_of(text: str, where: str) -> Spoken:
    """Read a call: its method, its arguments, which are literals, and its marks.

    Raises:
        DiagramError: It is none.
    """
    found = _CALL.match(text)
    if found is None:
        raise DiagramError(f"{where}: no call and no step of one: {text!r}")
    marks = _MARK.findall(found["marks"])
    if unknown := [mark for mark in marks if mark not in MARKS]:
        raise DiagramError(f"{where}: nobody observes [{unknown[0]}]; there are {list(MARKS)}")
    try:
        call = ast.parse(found["call"], mode="eval").body
        if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name):
            raise ValueError(text)
        args = [ast.literal_eval(argument) for argument in call.args]
        kwargs = {str(each.arg): ast.literal_eval(each.value) for each in call.keywords}
    except (ValueError, SyntaxError):
        raise DiagramError(f"{where}: its arguments are not literals: {text!r}") from None
    return Spoken(call.func.id, args, kwargs, marks)


def marks_of(note: Note) -> list[str]:
    """The marks in a note; other words in brackets are prose."""
    return [mark for mark in _MARK.findall(note.text) if mark in MARKS]


def raised(text: str) -> str:
    """The name of the error that a reply says, or nothing."""
    found = _RAISES.match(text)
    return found["error"] if found else ""


NOTHING = object()


def literal(text: str) -> Any:
    """The value of a Python or JSON literal, or `NOTHING`."""
    for read in (ast.literal_eval, json.loads):
        try:
            return read(text)
        except (ValueError, SyntaxError):
            continue
    return NOTHING


def told(answer: Any, wanted: Any) -> Any:
    """An answer in the form of the reply: contents alone where the diagram shows those."""
    is_history = isinstance(answer, list) and all(isinstance(m, dict) for m in answer)
    if is_history and isinstance(wanted, list) and all(isinstance(w, str) for w in wanted):
        return [message.get("content") for message in answer]
    return answer


def is_same(one: Any, other: Any) -> bool:
    """Whether two values are the same in JSON, where `True` is not `1`."""
    first, second = (json.dumps(each, sort_keys=True, default=repr) for each in (one, other))
    return first == second
