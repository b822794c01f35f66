"""Who is measured: the reference, the stores of the field, the recipes, and the floors."""

import os
import sys
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from executable_pages.testing.processes import Worker
from executable_pages.testing.sandbox import Sandbox, importable
from tests.bench.openers import DIRECTORY
from tests.contract.peers.registry import PEERS, Peer
from tests.subject.recipes import RECIPES
from tests.subject.targets import ROOT, Target

PROGRAM = "tests.bench.worker"
PYTHON_OF_PEERS = ROOT / ".venv" / "peers" / "bin" / "python"


@dataclass
class Contender:
    """A store under a name; `largest` is the longest session that it is measured with.

    One that is `copied` cannot make a long session at once. It takes part in what the table of the
    field shows, and in nothing else.
    """

    name: str
    factory: str
    kind: str
    python: str = sys.executable
    largest: int = 10_000
    lists: bool = False
    copied: bool = False
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
        own = {"PYTHONPATH": f"{importable()}{os.pathsep}{self.sandbox.work}"}
        own |= {"PEER_DIRECTORY": DIRECTORY, "PYTHONWARNINGS": "ignore"}
        own |= {"DO_NOT_TRACK": "1", "OTEL_SDK_DISABLED": "true"}
        return self.sandbox.environment(Target.RELEASE, extra=self.environment | own)

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
            worker.call("open_store", self.contender.factory, self.contender.copied)
            self._workers.append(worker)
        return self._workers[:count]

    def keep(self, count: int) -> None:
        """End all processes but so many."""
        while len(self._workers) > count:
            self._workers.pop().close()


def _own(name: str, opener: str, kind: str, *, lists: bool = False) -> Contender:
    return Contender(name, f"tests.bench.openers:{opener}", kind, lists=lists)


def _peer(factory: str) -> Peer:
    return next(each for each in PEERS if each.factory == f"tests.contract.peers.{factory}")


REFERENCE = "Reference"
FAST = "Reference, not durable"
FLOCK = "Floor, flock"
FILELOCK = "Floor, filelock"
FLOCK_FLUSHED = "Floor, flock, flushed"
FILELOCK_FLUSHED = "Floor, filelock, flushed"
RELEASE = _peer("praisonai:open_json").name
TRANSCRIPT = _peer("praisonai:open_transcript").name
OPENAI = _peer("openai_agents:open_sqlite").name
LANGCHAIN = _peer("langchain:open_file").name

# Those that make a long session at once, or are made to.
FILLED = {
    RELEASE: "",
    _peer("praisonai:open_index").name: "",
    TRANSCRIPT: "",
    OPENAI: "tests.bench.openers:openai_agents",
    LANGCHAIN: "tests.bench.openers:langchain_file",
}
LISTING = (RELEASE, _peer("praisonai:open_index").name)


def _of_field(peer: Peer) -> Contender:
    return Contender(
        peer.name,
        FILLED.get(peer.name) or peer.factory,
        "release" if peer.is_release else "peer",
        sys.executable if peer.is_release else str(PYTHON_OF_PEERS),
        peer.largest,
        lists=peer.name in LISTING,
        copied=peer.name not in FILLED,
    )


def core() -> list[Contender]:
    """Those that need no server, and make a session of any length at once."""
    return [
        _own(REFERENCE, "reference", "reference", lists=True),
        _own(FAST, "reference_not_durable", "reference", lists=True),
        *(_of_field(peer) for peer in PEERS if peer.name in FILLED),
        _own(FLOCK, "flock_floor", "floor", lists=True),
        _own(FILELOCK, "filelock_floor", "floor"),
        _own(FLOCK_FLUSHED, "flock_floor_flushed", "floor"),
        _own(FILELOCK_FLUSHED, "filelock_floor_flushed", "floor"),
    ]


def rest_of_field() -> list[Contender]:
    """The stores of the field that `core` does not have."""
    return [_of_field(peer) for peer in PEERS if peer.name not in FILLED]


def recipes() -> list[Contender]:
    """The recipes, each on its real server; they are filled one message at a time."""
    return [
        Contender(each.name, each.store, "recipe", largest=1_000, server=each.server())
        for each in RECIPES
    ]
