"""This project as page testing sees it."""

import inspect
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache

from executable_pages.testing.proofs import proofs
from executable_pages.testing.sandbox import Sandbox
from executable_pages.testing.scanner import ROOT, Block, scan
from executable_pages.testing.shell import Command, commands, write_module
from executable_pages.testing.subject import Subject
from executable_pages.testing.target import Target as AnyTarget
from tests.subject import clause_processes, moving
from tests.subject.claims import claims
from tests.subject.contract_run import APART
from tests.subject.diagrams import BINDINGS
from tests.subject.kinds import KINDS, is_recipe
from tests.subject.model_server import ModelServer
from tests.subject.programs import PROGRAMS
from tests.subject.session_file import check_session_file
from tests.subject.tables import CHECKS
from tests.subject.targets import Target, require

# Those need the recipe's server: tests/contract/test_recipes.py and test_deployments.py run them.
_NEED_SERVER = ("pytest", "uvicorn", "seq")
_STORES = """
from reference_impl import DefaultSessionStore

def open_store():
    return DefaultSessionStore("sessions")
"""
# The whole contract on this store is in tests/contract/test_conformance.py.
_WHOLE = " ".join(["-p no:cacheprovider", "-p", clause_processes.__name__, *APART])
_PART = f"-k fresh-reads {_WHOLE}"
# Another project, with promises of its own.
_APART = ("bank",)
PROTOCOL = ROOT / "docs" / "features" / "session-protocol.md"


def clauses() -> dict[str, list[tuple[str, str]]]:
    """The name and the sentence of each clause of the contract, by guarantee."""
    # Most pages make no promise, and what the clauses are made of takes a tenth of a second.
    from reference_impl.contract import SessionStoreContract

    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for name, function in inspect.getmembers(SessionStoreContract, inspect.isfunction):
        if guarantee := getattr(function, "guarantee", None):
            sentence = (inspect.getdoc(function) or "").split("\n\n")[0].replace("\n", " ")
            found[guarantee].append((name.removeprefix("test_"), sentence))
    return found


@cache
def proven() -> dict[str, list[tuple[str, str]]]:
    """The name and the sentence of each clause and each test, by promise."""
    found, tests = clauses(), proofs(ROOT / "tests", _APART)
    return {each: found[each] + tests.get(each, []) for each in sorted({*found, *tests})}


def whole_store() -> str:
    """The store that the page about the protocol writes."""
    [block] = [each for each in scan(PROTOCOL).blocks if "def open_store" in each.text]
    return block.text


def _prepare(block: Sequence[Command], sandbox: Sandbox) -> Mapping[str, str]:
    """Put the store there that a command names, and say which part of the contract is run."""
    extra = _PART
    if block[0].block.page == moving.PAGE:
        moving.prepare(block[0].block.text, sandbox.work)
    for command in block:
        if command.words[:1] == ["pytest"]:
            module = command.words[4].partition(":")[0]
            is_protocol = command.block.page == PROTOCOL
            write_module(sandbox.work, module, whole_store() if is_protocol else _STORES)
            extra = _WHOLE if is_protocol else _PART
    return {"PYTEST_ADDOPTS": extra}


def _elsewhere(block: Block) -> bool:
    """Whether a recipe's own test accounts for a block, since it needs the recipe's server."""
    if not is_recipe(SUBJECT.name(block.page)):
        return False
    if block.language in ("bash", "console"):
        return commands(block)[0].words[0] in _NEED_SERVER
    return SUBJECT.kind_of(block) == "diagram"


@contextmanager
def _model() -> Iterator[Mapping[str, str]]:
    with ModelServer() as server:
        yield server.environment


def _require(target: AnyTarget) -> None:
    assert isinstance(target, Target)
    require(target)


SUBJECT = Subject(
    root=ROOT,
    targets=list(Target),
    texts=("README.md", "CONTRIBUTING.md"),
    kinds=KINDS,
    elsewhere=_elsewhere,
    tables=CHECKS,
    json=check_session_file,
    bindings=BINDINGS,
    programs=PROGRAMS,
    prepare=_prepare,
    proofs=proven,
    beside=_model,
    require=_require,
    packages=("praisonaiagents", "praisonai-bot"),
    claims=claims(clauses, proven),
)
