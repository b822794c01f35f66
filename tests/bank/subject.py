"""The bank as page testing sees it: what its pages, tables and diagrams speak of."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from executable_pages.testing.diagrams.bindings import Bindings
from executable_pages.testing.json_text import Json
from executable_pages.testing.processes import Worker
from executable_pages.testing.proofs import proofs
from executable_pages.testing.sandbox import Sandbox
from executable_pages.testing.scanner import Table
from executable_pages.testing.subject import Subject
from executable_pages.testing.tables import compare
from executable_pages.testing.target import Target
from executable_pages.testing.wrong import Wrong

FACTS = """
import inspect
import bank

def parameters(name):
    found = inspect.signature(getattr(bank, name)).parameters.values()
    return [
        [f"`{p.name}`", f"`{p.annotation.__name__}`",
         "required" if p.default is p.empty else f"`{p.default!r}`"]
        for p in found
    ]

def again(name, entries):
    account = bank.Account(name)
    for amount in entries:
        account.deposit(amount) if amount > 0 else account.withdraw(-amount)
    return account.statement()
"""


@dataclass(frozen=True)
class Module:
    """The one implementation: the module in a directory."""

    directory: Path

    def path(self) -> Sequence[Path]:
        """Where `import bank` finds it."""
        return [self.directory]

    def environment(self, home: Path) -> Mapping[str, str]:
        """It needs no variables."""
        return {}

    def __str__(self) -> str:
        return "bank"


def _parameters(table: Table, about: str, target: Target, sandbox: Sandbox) -> None:
    with Worker(FACTS, sandbox, target) as worker:
        found = worker.call("parameters", about)
    for column in range(3):
        compare(table, column, [parameter[column] for parameter in found], target)


def _statement(shown: Json, target: Target, sandbox: Sandbox) -> None:
    if not isinstance(shown.value, dict):
        raise Wrong(f"{shown.where()}: a statement is an object")
    with Worker(FACTS, sandbox, target) as worker:
        real = worker.call("again", shown.value.get("account"), shown.value.get("entries", []))
    for key in [*real, *shown.value]:
        if shown.value.get(key) != real.get(key):
            raise Wrong(f"{shown.where(f'$.{key}')}: {key} of a statement is {real.get(key)!r}")


BINDINGS = Bindings(
    roles={"teller": re.compile(r"\bteller\b", re.I), "ledger": re.compile(r"\bledger\b", re.I)},
    parts=frozenset({"teller"}),
    calls=frozenset({("teller", "ledger")}),
    stage="bank_stage",
)


def subject(root: Path) -> Subject:
    """The project in a directory."""
    return Subject(
        root=root,
        targets=[Module(root)],
        tables={"parameters": _parameters},
        json=_statement,
        bindings=BINDINGS,
        proofs=lambda: proofs(root),
    )
