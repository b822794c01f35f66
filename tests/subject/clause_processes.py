"""The other processes of the contract as forks of one that has imported the kit and its packages.

A run of the contract starts some 16 processes, half of them in the place of those it has killed.
With `-p tests.subject.clause_processes` each begins as a fork, and imports the store itself: what
its module remembers is its own, as in a new interpreter. All have one hash seed, another than that
of pytest. tests/contract/test_package.py and test_contract_cli.py start new interpreters.
"""

import ast
import os
import sys
from pathlib import Path

from executable_pages.testing.forks import Fork, start
from reference_impl.contract import processes

AHEAD = "CLAUSE_PROCESSES_AHEAD"
_KIT = ("reference_impl.contract.worker", "filelock", "msgspec")


def forked(*arguments: str) -> Fork:
    """Start this interpreter with some arguments, as `processes.interpreter` does."""
    ahead = (*_KIT, *os.environ.get(AHEAD, "").split())
    # The kit is that of this checkout, which may be a copy in which a lie was told.
    seeded = processes.environment()
    return start(ahead, arguments, Path.cwd(), seeded, errors=False, own=True)


def imports(text: str) -> list[str]:
    """The modules that a program imports."""
    found = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            found |= {each.name for each in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return sorted(found)


# Where this system cannot fork so, each process is a new interpreter.
start_one = forked if sys.platform == "linux" else processes.interpreter


def pytest_configure() -> None:
    """Let the processes of the contract begin so."""
    processes.interpreter = start_one
