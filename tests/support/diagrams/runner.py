"""Performs a sequence diagram: each arrow is a call or a check, none is decoration."""

import ast
import itertools
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.support.diagrams.grammar import (
    Block,
    Diagram,
    DiagramError,
    Message,
    Note,
    Statement,
    walk,
)
from tests.support.diagrams.trace import ACQUIRE, RELEASE, RELOAD, WRITE
from tests.support.processes import Worker
from tests.support.sandbox import Sandbox
from tests.support.targets import Target

ROLES = {
    "store": re.compile(r"\b(store [A-Z]|process|worker|gateway|writer|reader|client)\b", re.I),
    "bot": re.compile(r"\bbot manager\b", re.I),
    "file": re.compile(r"\b(session file|session store|bucket|disk|database|server)\b", re.I),
    "lock": re.compile(r"\block\b", re.I),
    "model": re.compile(r"\bmodel\b", re.I),
}
STEPS = (ACQUIRE, RELOAD, WRITE, RELEASE)
MODES = ("instances", "processes")

_CALL = re.compile(r"^(?P<call>\w+\(.*\))(?P<marks>(?:\s*\[[^\]\"']+\])*)$")
_MARK = re.compile(r"\[([^\]]+)\]")
_TIMES = re.compile(r"^(\d+) times?$")
_RAISES = re.compile(r"^(?:raises )?(?P<error>[A-Z]\w*(?:Error|Timeout))$")
# Words of a condition, and how it is brought about and ended in the processes of the stores.
CONDITIONS = {
    "the disk has room": None,
    "the disk is full": ("fill_disk", "free_disk"),
    "the lock is free": None,
    "the lock is held": ("hold_lock", "free_lock"),
}
MARKS = {"FileLock", "fresh reload", "atomic write"}


class Mismatch(AssertionError):
    """What happened is not what an arrow says."""


@dataclass
class Call:
    """The last call of a participant, and how far the arrows after it have been matched."""

    answer: Any = None
    raises: list[str] = field(default_factory=list)
    message: str = ""
    trace: list[str] = field(default_factory=list)
    calls: list[dict[str, Any]] = field(default_factory=list)
    is_answered: bool = False
    shown: bool = False


def role(diagram: Diagram, name: str) -> str:
    """The kind of part that a participant stands for.

    Raises:
        DiagramError: Its name says none.
    """
    participant = diagram.participants[name]
    if participant.is_actor:
        return "user"
    for kind, words in (("bot", ROLES["bot"]), *ROLES.items()):
        if words.search(participant.alias):
            return kind
    where = diagram.where(participant.line)
    raise DiagramError(f"{where}: nothing real is called {participant.alias!r}; see ROLES")


def check(diagram: Diagram) -> None:
    """Bind every participant, message and condition without performing any.

    Raises:
        DiagramError: One cannot be bound.
    """
    for name in diagram.participants:
        role(diagram, name)
    for statement in walk(diagram.statements):
        if isinstance(statement, Message):
            _kind_of(diagram, statement)
        elif isinstance(statement, Block):
            for label, _ in statement.sections:
                _check_label(diagram, statement, label)


def _check_label(diagram: Diagram, block: Block, label: str) -> None:
    where = diagram.where(block.line)
    if block.kind == "loop" and not _TIMES.match(label):
        raise DiagramError(f"{where}: a loop says how often: `loop 100 times`, not {label!r}")
    if block.kind in ("alt", "opt", "break") and label not in CONDITIONS:
        known = ", ".join(CONDITIONS)
        raise DiagramError(f"{where}: nobody can bring about {label!r}; there are {known}")


def _kind_of(diagram: Diagram, message: Message) -> str:
    source, target = role(diagram, message.source), role(diagram, message.target)
    text, where = message.text, diagram.where(message.line)
    if message.is_reply:
        if _RAISES.match(text) or _literal(text) is not _NOTHING:
            return "reply"
        raise DiagramError(f"{where}: a reply is a literal or an error, not {text!r}")
    if source in ("store", "bot") and text in STEPS:
        return "step"
    found = _CALL.match(text)
    if found is None:
        raise DiagramError(f"{where}: no call and no step of one: {text!r}")
    if unknown := [mark for mark in _MARK.findall(found["marks"]) if mark not in MARKS]:
        raise DiagramError(f"{where}: nobody observes [{unknown[0]}]; there are {sorted(MARKS)}")
    if _arguments(found["call"]) is None:
        raise DiagramError(f"{where}: its arguments are not literals: {text!r}")
    if source == "store" or (source == "user" and target in ("bot", "store")):
        return "call"
    if source == "bot":
        return "inner call"
    raise DiagramError(f"{where}: {message.source} cannot call anything")


_NOTHING = object()


def _literal(text: str) -> Any:
    try:
        return ast.literal_eval(re.sub(r"\b(true|false|null)\b", _python, text))
    except (ValueError, SyntaxError):
        return _NOTHING


def _python(match: re.Match[str]) -> str:
    return {"true": "True", "false": "False", "null": "None"}[match[0]]


def _arguments(text: str) -> tuple[str, list[Any], dict[str, Any]] | None:
    try:
        call = ast.parse(text, mode="eval").body
        if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name):
            return None
        args = [ast.literal_eval(argument) for argument in call.args]
        kwargs = {str(each.arg): ast.literal_eval(each.value) for each in call.keywords}
    except (ValueError, SyntaxError):
        return None
    return call.func.id, args, kwargs


def choices(diagram: Diagram) -> Iterator[dict[int, int]]:
    """Every way through the diagram: the section taken of each `alt` and each `opt`, by line."""
    forks = [
        (block.line, range(len(block.sections) + (block.kind in ("opt", "critical", "break"))))
        for block in walk(diagram.statements)
        if isinstance(block, Block) and block.kind in ("alt", "opt", "critical", "break")
    ]
    for taken in itertools.product(*(sections for _, sections in forks)):
        yield dict(zip((line for line, _ in forks), taken, strict=True))


def has_par(diagram: Diagram) -> bool:
    """Whether something happens at the same time, which takes processes."""
    return any(isinstance(s, Block) and s.kind == "par" for s in walk(diagram.statements))


class Performance:
    """One way through a diagram, performed on one target in a directory of its own."""

    def __init__(
        self,
        diagram: Diagram,
        target: Target,
        mode: str,
        sandbox: Sandbox,
        *,
        taken: dict[int, int] | None = None,
        model_url: str | None = None,
        factory: str = "",
        extra: dict[str, str] | None = None,
    ) -> None:
        check(diagram)
        self.diagram, self.target, self.sandbox = diagram, target, sandbox
        self.taken = taken or {}
        self.passed: set[int] = set()
        self.last: dict[str, Call] = {}
        self._exit = ExitStack()
        self._workers: dict[str, Worker] = {}
        self._start = lambda: self._exit.enter_context(
            Worker(
                "tests.support.diagrams.parts", sandbox, target, model_url=model_url, extra=extra
            )
        )
        self._holder: Worker | None = None
        try:
            shared = self._start() if mode == "instances" else None
            for name in diagram.participants:
                if (kind := role(diagram, name)) in ("store", "bot"):
                    self._workers[name] = shared or self._start()
                    self._workers[name].call("make", name, kind, factory)
        except BaseException:
            self._exit.close()
            raise

    def run(self) -> None:
        """Perform the diagram.

        Raises:
            Mismatch: An arrow does not hold; the message names its line and shows all arrows.
        """
        with self._exit:
            self._all(self.diagram.statements)
            for name, call in self.last.items():
                self._settled(name, call, None)

    def _all(self, statements: list[Statement]) -> bool:
        for statement in statements:
            if isinstance(statement, Message):
                self._message(statement)
            elif isinstance(statement, Block) and self._block(statement):
                return True
            elif isinstance(statement, Note):
                self.passed.add(statement.line)
        return False

    def _block(self, block: Block) -> bool:
        """Perform a block and say whether it ends the diagram."""
        if block.kind == "par":
            with ThreadPoolExecutor(len(block.sections)) as pool:
                for done in [pool.submit(self._all, inside) for _, inside in block.sections]:
                    done.result()
            return False
        if block.kind == "loop":
            times = _TIMES.match(block.sections[0][0])
            assert times is not None
            return any(self._all(block.sections[0][1]) for _ in range(int(times[1])))
        if block.kind in ("alt", "opt", "break"):
            index = self.taken.get(block.line, 0)
            if index == len(block.sections):
                return False
            label, inside = block.sections[index]
            with self._brought_about(label):
                ended = self._all(inside)
            return ended or block.kind == "break"
        return any(self._all(inside) for _, inside in block.sections[:1])

    @contextmanager
    def _brought_about(self, condition: str) -> Iterator[None]:
        ways = CONDITIONS[condition]
        if ways is None:
            yield
            return
        begin, end = ways
        if begin == "hold_lock":
            self._holder = self._holder or self._start()
            workers = [self._holder]
        else:
            workers = list({id(worker): worker for worker in self._workers.values()}.values())
        for worker in workers:
            worker.call(begin)
        yield
        for worker in workers:
            worker.call(end)

    def _message(self, message: Message) -> None:
        match _kind_of(self.diagram, message):
            case "call":
                self._call(message)
            case "inner call":
                self._inner(message)
            case "step":
                self._step(message)
            case _:
                self._reply(message)
        self.passed.add(message.line)

    def _call(self, message: Message) -> None:
        caller = message.source
        performer = caller if caller in self._workers else message.target
        if caller in self.last:
            self._settled(caller, self.last[caller], message)
        found = _CALL.match(message.text)
        assert found is not None
        arguments = _arguments(found["call"])
        assert arguments is not None
        done = self._workers[performer].call("perform", performer, *arguments)
        call = Call(
            done.get("answer"),
            done.get("raises", []),
            done.get("message", ""),
            done["trace"],
            done.get("calls", []),
        )
        self.last[caller] = self.last[performer] = call
        for mark in _MARK.findall(found["marks"]):
            if not _observed(mark, call.trace):
                self._fail(message, f"[{mark}] was not observed; the call did {call.trace}")

    def _inner(self, message: Message) -> None:
        """A call that a bot manager made while it answered."""
        found = _CALL.match(message.text)
        assert found is not None
        arguments = _arguments(found["call"])
        assert arguments is not None
        call = self.last.get(message.source)
        while call is not None and call.calls:
            made = call.calls.pop(0)
            if made["method"] == arguments[0] and made["args"][: len(arguments[1])] == arguments[1]:
                self.last[message.source] = Call(made["answer"], calls=call.calls)
                return
        self._fail(message, f"{message.source} never did this")

    def _step(self, message: Message) -> None:
        call = self.last.get(message.source)
        if call is None:
            self._fail(message, f"{message.source} has called nothing yet")
        call.shown = True
        if not call.trace or call.trace.pop(0) != message.text:
            self._fail(message, "the call did not do this, or not in this order")

    def _reply(self, message: Message) -> None:
        call = self.last.get(message.target)
        if call is None:
            self._fail(message, f"{message.target} has asked nothing yet")
        if call.is_answered:
            self._fail(message, f"{message.target} has had its answer already")
        if call.shown and call.trace:
            self._fail(message, f"the call did more than its steps say: {call.trace}")
        call.is_answered = True
        expected = _RAISES.match(message.text)
        if expected:
            if expected["error"] not in call.raises:
                found = call.raises[:1] or [f"the answer {call.answer!r}"]
                self._fail(message, f"{found[0]} instead: {call.message}")
            return
        if call.raises:
            self._fail(message, f"{call.raises[0]}: {call.message}")
        wanted = _literal(message.text)
        if wanted != _as_told(call.answer, wanted):
            self._fail(message, f"the answer was {_as_told(call.answer, wanted)!r}")

    def _settled(self, name: str, call: Call, message: Message | None) -> None:
        if call.raises and not call.is_answered:
            why = f"{call.raises[0]}, and no arrow says so: {call.message}"
            self._fail(message, f"{name}'s call ended with {why}")

    def _fail(self, message: Message | None, why: str) -> Any:
        line = message.line if message else self.diagram.line
        where = self.diagram.where(line)
        raise Mismatch(f"{where} on {self.target}: {why}\n{self.drawing(line)}")

    def drawing(self, failed: int) -> str:
        """The diagram with a tick or a cross at each arrow."""
        lines = []
        for number, text in enumerate(self.diagram.text.splitlines(), self.diagram.line):
            sign = "✗" if number == failed else "✓" if number in self.passed else " "
            lines.append(f"{sign} {text}")
        return "\n".join(lines)


def _observed(mark: str, events: list[str]) -> bool:
    """Whether a trace shows what a mark says, under the lock."""
    if ACQUIRE not in events or RELEASE not in events:
        return False
    inside = events[events.index(ACQUIRE) : len(events) - events[::-1].index(RELEASE)]
    match mark:
        case "fresh reload":
            return RELOAD in inside
        case "atomic write":
            return WRITE in inside and "write in place" not in events
        case _:
            touched = {RELOAD, WRITE, "write in place", "remove"}
            return bool(touched & set(inside)) and not touched & set(_outside(events))


def _outside(events: list[str]) -> list[str]:
    is_held, found = False, []
    for event in events:
        is_held = event == ACQUIRE or (is_held and event != RELEASE)
        if not is_held:
            found.append(event)
    return found


def _as_told(answer: Any, wanted: Any) -> Any:
    """An answer in the form of the reply: contents alone where the diagram shows those."""
    is_history = isinstance(answer, list) and all(isinstance(m, dict) for m in answer)
    if is_history and isinstance(wanted, list) and all(isinstance(w, str) for w in wanted):
        return [message.get("content") for message in answer]
    return answer
