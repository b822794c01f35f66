"""Performs a sequence diagram: each arrow is a call or a check, none is decoration."""

import itertools
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from executable_pages.testing.diagrams.bound import DRIVEN, Bound, Kind
from executable_pages.testing.diagrams.cast import Call, Cast, Setting
from executable_pages.testing.diagrams.mermaid import lines_of
from executable_pages.testing.diagrams.recording import Recorder
from executable_pages.testing.diagrams.texts import (
    NOTHING,
    call_of,
    is_same,
    literal,
    raised,
    times,
)
from executable_pages.testing.diagrams.tree import (
    Block,
    Change,
    Diagram,
    Message,
    Note,
    Statement,
    walk,
)
from executable_pages.testing.processes import RemoteError
from executable_pages.testing.sandbox import Sandbox

MODES = ("instances", "processes")


class Mismatch(AssertionError):
    """What happened is not what an arrow says."""


class _Wrong(Exception):
    """Why an arrow does not hold."""


class _Ended(Exception):
    """A process is gone, so nothing can go on."""


def choices(diagram: Diagram) -> Iterator[dict[int, int]]:
    """Every way through the diagram: the section taken of each `alt` and each `opt`, by line."""
    forks = [
        # An `opt` and a `break` may also be passed by.
        (block.line, range(len(block.sections) + (block.kind in ("opt", "break"))))
        for block in walk(diagram.statements)
        if isinstance(block, Block) and block.kind in DRIVEN
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
        bound: Bound,
        setting: Setting,
        sandbox: Sandbox,
        taken: dict[int, int] | None = None,
    ) -> None:
        self.bound, self.setting = bound, setting
        self.diagram, self.bindings = bound.diagram, bound.bindings
        self.taken = taken or {}
        self.passed: set[int] = set()
        self.failed: dict[int, str] = {}
        self.last: dict[str, Call] = {}
        self.leaving: set[str] = set()
        self.recorder = Recorder(bound)
        self.cast = Cast(bound, setting, sandbox)

    def run(self) -> None:
        """Perform the diagram to its end, also when an arrow fails.

        Raises:
            Mismatch: An arrow does not hold; the message names its line and shows all arrows.
        """
        try:
            self._all(self.diagram.statements)
            for name, call in self.last.items():
                self._settle(name, call, self.diagram.line)
        except _Ended:
            pass
        finally:
            self.cast.close()
        if self.failed:
            line, why = next(iter(self.failed.items()))
            where = self.diagram.where(line)
            raise Mismatch(
                f"{where} on {self.setting.target}, {self.setting.mode}: {why}\n{self.drawing()}"
            )

    def _all(self, statements: list[Statement]) -> bool:
        """Perform statements and say whether one of them ends the diagram."""
        for statement in statements:
            match statement:
                case Block():
                    if self._block(statement):
                        return True
                case Change(kind="create"):
                    self.cast.create(statement.name)
                case Change():
                    self.leaving.add(statement.name)
                case _:
                    self._arrow(statement)
        return False

    def _block(self, block: Block) -> bool:
        if block.kind == "par":
            with ThreadPoolExecutor(len(block.sections)) as pool:
                for done in [pool.submit(self._all, inside) for _, inside in block.sections]:
                    done.result()
            return False
        if block.kind == "loop":
            [(label, inside)] = block.sections
            return any(self._all(inside) for _ in range(times(label) or 0))
        index = self.taken.get(block.line, 0)
        if index == len(block.sections):
            return False
        label, inside = block.sections[index]
        if block.kind not in DRIVEN or (block.kind == "critical" and index == 0):
            return self._all(inside)
        with self.cast.brought_about(label):
            ended = self._all(inside)
        return ended or block.kind == "break"

    def _arrow(self, arrow: Message | Note) -> None:
        why = ""
        try:
            if isinstance(arrow, Note):
                self._note(arrow)
            else:
                self._message(arrow)
        except _Wrong as wrong:
            why = str(wrong)
            self.failed.setdefault(arrow.line, why)
        except (EOFError, OSError, RemoteError) as error:
            self.failed.setdefault(arrow.line, f"the process is gone: {error}")
            raise _Ended from error
        else:
            self.passed.add(arrow.line)
        if isinstance(arrow, Message):
            asking = arrow.target if arrow.is_reply else arrow.source
            self.recorder.take(arrow, self.last.get(asking), why)

    def _message(self, message: Message) -> None:
        match self.bound.kind_of(message):
            case Kind.CALL:
                self._call(message)
            case Kind.INNER:
                self._inner(message)
            case Kind.STEP:
                self._step(message)
            case Kind.REPLY:
                self._reply(message)
        for name in self.leaving & {message.source, message.target}:
            self.leaving.remove(name)
            self.cast.destroy(name)

    def _call(self, message: Message) -> None:
        if message.source in self.last:
            self._settle(message.source, self.last[message.source], message.line)
        spoken = call_of(message.text, self.bound.where(message))
        call = self.cast.perform(message.source, message.target, spoken)
        self.last[message.source] = call
        if self.bound.has_part(message.target):
            self.last[message.target] = call
        self._observe(spoken.qualifiers, call)

    def _inner(self, message: Message) -> None:
        """A call that a part made while it answered."""
        spoken = call_of(message.text, self.bound.where(message))
        found = self.cast.inner_call(self._last_of(message.source).root, spoken)
        if found is None:
            raise _Wrong(f"{message.source} never did this, or not in this order")
        self.last[message.source] = found
        self._observe(spoken.qualifiers, found)

    def _step(self, message: Message) -> None:
        call = self._last_of(message.source)
        call.is_shown, left = True, call.left
        if message.text in self.bindings.unseen():
            return
        if message.text not in left:
            raise _Wrong(f"the call did not do this, or not in this order; it did {_seen(left)}")
        missed = []
        while (event := left.popleft()) != message.text:
            missed.append(event)
        if missed:
            raise _Wrong(f"not in this order: before it, the call did {_seen(missed)}")

    def _note(self, note: Note) -> None:
        if qualifiers := self.bound.qualifiers_of(note):
            self._observe(qualifiers, self._last_of(note.over[0]))

    def _reply(self, message: Message) -> None:
        name = message.target
        call = self._last_of(name)
        if call.is_answered:
            raise _Wrong(f"{name} has had its answer already")
        call.is_answered = True
        if call.is_shown and call.left:
            raise _Wrong(f"the call did more than its steps say: {_seen(call.left)}")
        self._compare(message.text, call)

    def _compare(self, text: str, call: Call) -> None:
        if error := raised(text):
            if error not in call.raises:
                found = call.raises[0] if call.raises else f"the answer {call.answer!r}"
                raise _Wrong(f"expected {error}, and it was {found} {call.message}".rstrip())
            return
        if call.raises:
            raise _Wrong(f"expected {text}, and it raised {call.raises[0]}: {call.message}")
        wanted = literal(text)
        assert wanted is not NOTHING
        answer = self.bindings.shown(call.answer, wanted)
        if not is_same(wanted, answer):
            raise _Wrong(f"expected {wanted!r}, and the answer was {answer!r}")

    def _observe(self, qualifiers: list[str], call: Call) -> None:
        for qualifier in qualifiers:
            if not self.bindings.qualifiers[qualifier](call.trace):
                raise _Wrong(f"[{qualifier}] was not observed; the call did {_seen(call.trace)}")

    def _last_of(self, name: str) -> Call:
        if name not in self.last:
            raise _Wrong(f"{name} has called nothing yet")
        return self.last[name]

    def _settle(self, name: str, call: Call, line: int) -> None:
        if call.raises and not call.is_answered:
            why = f"{name}'s call ended with {call.raises[0]}, and no arrow says so: {call.message}"
            self.failed.setdefault(line, why)

    def drawing(self) -> str:
        """The diagram with a tick or a cross at each arrow that was reached."""
        lines = []
        for number, text in enumerate(lines_of(self.diagram.text.rstrip()), self.diagram.line):
            sign = "✗" if number in self.failed else "✓" if number in self.passed else " "
            why = f"   <- {self.failed[number]}" if number in self.failed else ""
            lines.append(f"{sign} {text}{why}")
        return "\n".join(lines)


def _seen(events: Any) -> str:
    return ", ".join(events) or "nothing that can be seen"
