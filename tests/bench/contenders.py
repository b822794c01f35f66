"""Who is measured: the reference, the release, what readers would pick instead, and the floors."""

import os
import sys
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from tests.pages.processes import Worker
from tests.pages.sandbox import Sandbox
from tests.subject.recipes import RECIPES
from tests.subject.targets import ROOT, Target

PROGRAM = "tests.bench.worker"
PEERS = ROOT / ".venv" / "peers" / "bin" / "python"


@dataclass
class Contender:
    """A store under a name; `largest` is the longest session that it is measured with."""

    name: str
    factory: str
    kind: str
    python: str = sys.executable
    largest: int = 10_000
    lists: bool = False
    server: AbstractContextManager[dict[str, str]] = field(default_factory=nullcontext)

    def start(self, stack: ExitStack, place: Path) -> "Running":
        """Start its server, and give it a directory of its own."""
        sandbox = Sandbox(place / self.name.replace(" ", "-"))
        environment = dict(stack.enter_context(self.server) or {})
        for recipe in RECIPES:
            if recipe.name == self.name:
                recipe.write(sandbox.work)
        return Running(self, stack, sandbox, environment)


@dataclass
class Running:
    """A contender with its processes, which start when they are needed."""

    contender: Contender
    stack: ExitStack
    sandbox: Sandbox
    environment: dict[str, str]
    _workers: list[Worker] = field(default_factory=list)

    def variables(self) -> dict[str, str]:
        """The environment of its processes."""
        path = {"PYTHONPATH": f"{ROOT}{os.pathsep}{self.sandbox.work}"}
        return self.sandbox.environment(Target.RELEASE, extra=self.environment | path)

    def workers(self, count: int) -> list[Worker]:
        """So many processes, each with a client of its own."""
        while len(self._workers) < count:
            worker = Worker(
                PROGRAM,
                self.sandbox,
                Target.RELEASE,
                extra=self.variables(),
                python=self.contender.python,
            )
            self.stack.enter_context(worker)
            worker.call("open_store", self.contender.factory)
            self._workers.append(worker)
        return self._workers[:count]


def _own(name: str, opener: str, kind: str, *, lists: bool = False) -> Contender:
    return Contender(name, f"tests.bench.openers:{opener}", kind, lists=lists)


REFERENCE = "Reference"
FAST = "Reference, not durable"
RELEASE = "Release, JSON"
RELEASE_SQLITE = "Release, SQLite index"
TRANSCRIPT = "Release, SQLite transcript"
OPENAI = "openai-agents SQLiteSession"
LANGCHAIN = "LangChain file"
FLOCK = "Floor, flock"
FILELOCK = "Floor, filelock"
FLOCK_FLUSHED = "Floor, flock, flushed"
FILELOCK_FLUSHED = "Floor, filelock, flushed"


def core() -> list[Contender]:
    """Those that need no server."""
    peers = {"kind": "peer", "python": str(PEERS)}
    return [
        _own(REFERENCE, "reference", "reference", lists=True),
        _own(FAST, "reference_not_durable", "reference", lists=True),
        _own(RELEASE, "release_json", "release", lists=True),
        _own(RELEASE_SQLITE, "release_sqlite", "release", lists=True),
        _own(TRANSCRIPT, "release_transcript", "release"),
        Contender(OPENAI, "tests.bench.openers:openai_agents", **peers),
        Contender(LANGCHAIN, "tests.bench.openers:langchain_file", **peers),
        _own(FLOCK, "flock_floor", "floor", lists=True),
        _own(FILELOCK, "filelock_floor", "floor"),
        _own(FLOCK_FLUSHED, "flock_floor_flushed", "floor"),
        _own(FILELOCK_FLUSHED, "filelock_floor_flushed", "floor"),
    ]


def recipes() -> list[Contender]:
    """The recipes, each on its real server; they are filled one message at a time."""
    return [
        Contender(each.name, each.store, "recipe", largest=1_000, server=each.server())
        for each in RECIPES
    ]
