"""The processes in which a diagram's participants live, and what they were asked."""

from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import chain
from subprocess import Popen
from time import monotonic_ns
from typing import Any

from executable_pages.recording import Step
from executable_pages.testing.diagrams.bindings import USER, Beside
from executable_pages.testing.diagrams.bound import Bound
from executable_pages.testing.diagrams.texts import Spoken
from executable_pages.testing.forks import Fork
from executable_pages.testing.processes import Worker
from executable_pages.testing.sandbox import Sandbox
from executable_pages.testing.target import Target


@dataclass
class Call:
    """The last call of a participant, and how far the arrows after it have been matched."""

    answer: Any = None
    raises: list[str] = field(default_factory=list)
    message: str = ""
    trace: list[str] = field(default_factory=list)
    left: deque[str] = field(default_factory=deque)
    calls: deque[dict[str, Any]] = field(default_factory=deque)
    is_answered: bool = False
    is_shown: bool = False
    outer: "Call | None" = None
    # For a recording: what everyone shares before and after, when it ended, and its arrow.
    before: Any = None
    held: Any = None
    at: int = 0
    is_changed: bool = False
    record: Step | None = None

    @property
    def root(self) -> "Call":
        """The call that this one was made inside of, if it was; else itself."""
        return self.outer.root if self.outer else self


@dataclass(frozen=True)
class Setting:
    """Where a diagram is performed: on what, in which processes, with what else.

    `mode` is `processes`, one for each part, or `instances` in one process. `factory`, as
    `package.module:function`, opens the parts in place of the project's own. `extra` is for the
    environment of the processes.
    """

    target: Target
    mode: str
    factory: str = ""
    extra: Mapping[str, str] = field(default_factory=dict)


class Cast:
    """The parts of one performance, with what runs beside them."""

    def __init__(self, bound: Bound, setting: Setting, sandbox: Sandbox) -> None:
        self._bound, self._setting, self._sandbox = bound, setting, sandbox
        self._exit = ExitStack()
        self._beside: dict[int, Beside] = {}
        self._workers: dict[str, Worker] = {}
        self._holder: Worker | None = None
        self._actors = [name for name, role in bound.roles.items() if role == USER]
        with ExitStack() as undo:
            undo.push(self._exit)
            self._shared = self._start() if setting.mode == "instances" else None
            for name in bound.diagram.participants:
                if name not in bound.diagram.created:
                    self.create(name)
            undo.pop_all()

    def close(self) -> None:
        """End every process."""
        self._exit.close()

    def _start(self) -> Worker:
        bindings, setting = self._bound.bindings, self._setting
        beside = self._exit.enter_context(bindings.beside(set(self._bound.roles.values())))
        extra = {**setting.extra, **beside.extra}
        worker = Worker(bindings.stage, self._sandbox, setting.target, extra=extra)
        self._exit.callback(worker.close)
        self._beside[id(worker)] = beside
        return worker

    def create(self, name: str) -> None:
        """Make the part of a participant, in a process of its own or in the shared one."""
        if self._bound.has_part(name):
            worker = self._workers[name] = self._shared or self._start()
            worker.call("make", name, self._bound.roles[name], self._setting.factory)

    def destroy(self, name: str) -> None:
        """Let a participant go; a process of its own ends."""
        if worker := self._workers.pop(name, None):
            if worker is self._shared:
                worker.call("forget", name)
            else:
                worker.close()

    def process_of(self, name: str) -> "Popen[str] | Fork":
        """The process that a participant lives in."""
        return self._workers[name].process

    def perform(self, caller: str, callee: str, spoken: Spoken) -> Call:
        """Make a call and wait for its end."""
        performer = callee if self._bound.has_part(callee) else caller
        worker = self._workers[performer]
        beside = self._beside[id(worker)]
        beside.calls()
        number = self._actors.index(caller) if caller in self._actors else 0
        done = worker.call("perform", performer, number, *spoken[:3])
        calls = sorted(chain(done["calls"], beside.calls()), key=lambda made: made["at"])
        return self.call_from(done, calls=deque(calls), at=monotonic_ns())

    def call_from(self, done: Mapping[str, Any], **more: Any) -> Call:
        """A call as the worker tells it."""
        known = ("answer", "raises", "message", "trace", "before", "held")
        told = {key: done[key] for key in known if key in done}
        unseen = self._bound.bindings.unseen()
        left = deque(event for event in told.get("trace", []) if event not in unseen)
        return Call(**told, left=left, **more)

    def inner_call(self, call: Call, spoken: Spoken) -> Call | None:
        """The next call inside of `call` that is the spoken one; those before it are gone."""
        while call.calls:
            made = call.calls.popleft()
            values = list(made["given"].values())[: len(spoken.args)]
            named = {key: made["given"].get(key) for key in spoken.kwargs}
            if (made["method"], values, named) == (spoken.method, spoken.args, spoken.kwargs):
                return self.call_from(made, outer=call)
        return None

    @contextmanager
    def brought_about(self, condition: str) -> Iterator[None]:
        """Make a condition true for a while."""
        way = self._bound.bindings.conditions[condition]
        if way is None:
            yield
            return
        if way.apart:
            self._holder = self._holder or self._start()
            workers = [self._holder]
        else:
            workers = list({id(worker): worker for worker in self._workers.values()}.values())
        for worker in workers:
            worker.call("begin", condition)
        try:
            yield
        finally:
            for worker in workers:
                worker.call("end", condition)
