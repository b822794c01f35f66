"""The processes in which a diagram's participants live, and what they were asked."""

from collections import deque
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import chain
from subprocess import Popen
from time import monotonic_ns
from typing import Any

from tests.pages.diagrams import trace
from tests.pages.diagrams.tree import Diagram
from tests.pages.diagrams.vocabulary import CONDITIONS, TURNS, Spoken, role
from tests.pages.processes import Worker
from tests.pages.sandbox import Sandbox
from tests.subject.model_server import ModelServer, answer, turns_of
from tests.subject.targets import Target


@dataclass
class Call:
    """The last call of a participant, and how far the arrows after it have been matched."""

    answer: Any = None
    raises: list[str] = field(default_factory=list)
    message: str = ""
    trace: list[str] = field(default_factory=list)
    calls: deque[dict[str, Any]] = field(default_factory=deque)
    is_answered: bool = False
    is_shown: bool = False
    outer: "Call | None" = None

    def __post_init__(self) -> None:
        unseen = trace.LOCKING if trace.BLIND else ()
        self.left = deque(event for event in self.trace if event not in unseen)


def call_from(done: dict[str, Any], **more: Any) -> Call:
    """A call as the worker tells it."""
    told = {key: done[key] for key in ("answer", "raises", "message", "trace") if key in done}
    return Call(**told, **more)


class _Clocked(list[Any]):
    """Requests with the time at which each came."""

    def append(self, item: Any) -> None:
        super().append(item)
        self.times = [*getattr(self, "times", []), monotonic_ns()]


class Cast:
    """The parts of one performance: workers, and a model server where the diagram has one."""

    def __init__(
        self,
        diagram: Diagram,
        target: Target,
        mode: str,
        sandbox: Sandbox,
        model_url: str | None,
        factory: str,
        extra: dict[str, str] | None,
    ) -> None:
        self._diagram, self._target, self._sandbox = diagram, target, sandbox
        self._factory, self._extra, self._model_url = factory, extra, model_url
        self._kinds = {name: role(diagram, name) for name in diagram.participants}
        self._exit = ExitStack()
        self._models: dict[int, _Clocked] = {}
        self._workers: dict[str, Worker] = {}
        self._holder: Worker | None = None
        actors = [name for name, kind in self._kinds.items() if kind == "user"]
        self._users = {name: str(number) for number, name in enumerate(actors, 7)}
        with ExitStack() as undo:
            undo.push(self._exit)
            self._shared = self._start() if mode == "instances" else None
            for name in diagram.participants:
                if name not in diagram.created:
                    self.create(name)
            undo.pop_all()

    def close(self) -> None:
        """End every process."""
        self._exit.close()

    def _start(self) -> Worker:
        url, requests = self._model_url, None
        if "model" in self._kinds.values():
            server = self._exit.enter_context(ModelServer())
            server.requests = requests = _Clocked()
            url = server.url
        worker = Worker(
            "tests.pages.diagrams.parts",
            self._sandbox,
            self._target,
            model_url=url,
            extra=self._extra,
        )
        self._exit.callback(worker.close)
        if requests is not None:
            self._models[id(worker)] = requests
        return worker

    def create(self, name: str) -> None:
        """Make the part of a participant, in a process of its own or in the shared one."""
        if (kind := self._kinds[name]) in ("store", "bot"):
            self._workers[name] = self._shared or self._start()
            self._workers[name].call("make", name, kind, self._factory)

    def destroy(self, name: str) -> None:
        """Let a participant go; a process of its own ends."""
        if worker := self._workers.pop(name, None):
            if worker is self._shared:
                worker.call("forget", name)
            else:
                worker.close()

    def process_of(self, name: str) -> "Popen[str]":
        """The process that a participant lives in."""
        return self._workers[name].process

    def perform(self, caller: str, callee: str, spoken: Spoken) -> Call:
        """Make a call and wait for its end."""
        performer = caller if self._kinds[caller] in ("store", "bot") else callee
        worker = self._workers[performer]
        requests = self._models.get(id(worker), _Clocked())
        before = len(requests)
        user = self._users.get(caller, "7")
        done = worker.call("perform", performer, user, *spoken[:3])
        sent = (
            {"turns": turns_of(request), "at": at}
            for request, at in zip(
                requests[before:], getattr(requests, "times", [])[before:], strict=True
            )
        )
        calls = sorted(chain(done.get("calls", []), sent), key=lambda made: made["at"])
        return call_from(done, calls=deque(calls))

    @contextmanager
    def brought_about(self, condition: str) -> Iterator[None]:
        """Make a condition true for a while."""
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
        try:
            yield
        finally:
            for worker in workers:
                worker.call(end)


def inner_call(call: Call, spoken: Spoken) -> Call | None:
    """The next call inside of `call` that is the spoken one; those before it are gone."""
    while call.calls:
        made = call.calls.popleft()
        if "turns" in made:
            said = [text for _, text in made["turns"]]
            if spoken.method == TURNS and spoken.args == [said]:
                return Call(answer=answer(made["turns"]), outer=call)
        elif made["method"] == spoken.method:
            values = list(made["given"].values())[: len(spoken.args)]
            named = {key: made["given"].get(key) for key in spoken.kwargs}
            if values == spoken.args and named == spoken.kwargs:
                return call_from(made, outer=call)
    return None
