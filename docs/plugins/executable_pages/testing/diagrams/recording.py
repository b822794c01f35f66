"""Writes down what each arrow of a performance came to, for the site to step through."""

import json
from typing import Any

from executable_pages.recording import Participant, Recording, Run, Step
from executable_pages.testing.diagrams.bound import DRIVEN, Bound, Kind
from executable_pages.testing.diagrams.cast import Call
from executable_pages.testing.diagrams.texts import NOTHING, is_same, literal
from executable_pages.testing.diagrams.tree import Block, Diagram, Message, walk


class Recorder:
    """What happened in one performance, arrow by arrow."""

    def __init__(self, bound: Bound) -> None:
        self._bound = bound
        self._steps: list[tuple[int, Step]] = []

    def take(self, message: Message, call: Call | None, why: str) -> None:
        """Write an arrow down, with the call that it is about and why it does not hold, if so."""
        kind = self._bound.kind_of(message)
        if why and kind is Kind.INNER:
            call = None  # It was never made; `call` is the one around it.
        step = Step(
            source=message.source,
            target=message.target,
            text=message.text,
            kind=kind.name.lower(),
            why=why,
        )
        if call is not None:
            self._fill(step, kind, call)
        self._steps.append((call.root.at if call else self._last, step))

    @property
    def _last(self) -> int:
        return self._steps[-1][0] if self._steps else 0

    def _fill(self, step: Step, kind: Kind, call: Call) -> None:
        if kind in (Kind.STEP, Kind.INNER):
            # What has arrows of its own did not happen with the arrow of the call around it.
            for around in (call.root, call) if kind is Kind.STEP else (call.root,):
                if around.record:
                    around.record.held, around.record.trace = around.before, []
        match kind:
            case Kind.STEP:
                call.is_changed |= step.text in self._bound.bindings.changes
                step.held = call.held if call.is_changed else call.before
                step.trace = [] if step.why else [step.text]
            case Kind.REPLY:
                step.held = call.held
                step.answer = self._answer(step.text, call, bool(step.why))
            case _:
                step.held, step.trace = call.held, list(call.trace)
                call.record = step
        if call.outer and call.root.is_answered:
            # The arrow looks back: what it left is no longer what there is.
            step.held = None

    def _answer(self, text: str, call: Call, is_wrong: bool) -> str:
        if call.raises:
            return text if not is_wrong else f"raises {call.raises[0]}: {call.message}"
        wanted = literal(text)
        answer = self._bound.bindings.shown(call.answer, None if wanted is NOTHING else wanted)
        return text if is_same(wanted, answer) else _written(answer)

    def run(self, name: str) -> Run:
        """The arrows in the order in which their calls came to an end."""
        steps = sorted(self._steps, key=lambda recorded: recorded[0])
        return Run(name=name, steps=[step for _, step in steps])


def recording_of(bound: Bound, runs: list[Run]) -> Recording:
    """The recording of a diagram: who takes part, and what each run came to."""
    participants = [
        Participant(id=name, label=each.alias, kind=bound.roles[name])
        for name, each in bound.diagram.participants.items()
    ]
    return Recording(participants=participants, runs=runs)


def name_of(diagram: Diagram, taken: dict[int, int]) -> str:
    """What tells one way through a diagram from the others: the conditions that it meets."""
    found = []
    for block in walk(diagram.statements):
        if isinstance(block, Block) and block.kind in DRIVEN:
            index = taken.get(block.line, 0)
            is_passed = index == len(block.sections)
            found.append(f"not: {block.sections[0][0]}" if is_passed else block.sections[index][0])
    return ", ".join(found)


def _written(value: Any) -> str:
    return str(value) if value is None or isinstance(value, bool) else json.dumps(value)
