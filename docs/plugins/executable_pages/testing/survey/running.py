"""Runs the Python of a tree of pages: each block alone, and then those of a page in their order.

Blocks run in forks of a few processes of a named Python, in directories of their own, without
network and with a time limit; `block_runner.py` is what these processes run.
"""

import ast
import json
import os
import shutil
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import Any, Self

from executable_pages.testing.shell import OFFLINE
from executable_pages.testing.survey.page import Snippet
from executable_pages.testing.survey.report import Finding

RUNNER = Path(__file__).with_name("block_runner.py")
# What each kind of failure is called in a table.
KINDS = {
    "name": "a name that is never defined",
    "parameter": "a parameter that does not exist, or a call that does not fit",
    "attribute": "an attribute or a module that does not exist",
    "package": "a package that is not installed",
    "network": "a call that needs the network or a key",
    "output": "other output than is shown",
    "time": "no end in time",
    "input": "a question to whoever runs it",
    "file": "a file that is not there",
    "other": "another error",
}
WAYS = ("alone", "in page order")
# Seconds for each block; what imports much is imported beforehand.
LIMIT = 10
NOTHING: Mapping[str, str] = MappingProxyType({})
_MOST = 60
_INHERITED = ("PATH", "LANG", "LC_ALL", "SYSTEMROOT")


def cause(way: str, kind: str) -> str:
    """What a failure is called: how the block was run, and what was wrong."""
    return f"run {way}: {KINDS[kind]}"


@dataclass
class Ran:
    """What the blocks of a tree came to: how many were run, and how many ended well, each way."""

    blocks: int
    well: Counter[str]
    findings: list[Finding]


class _Python:
    """A process that runs blocks in forks of its own."""

    def __init__(
        self,
        python: str,
        modules: Sequence[str],
        home: Path,
        variables: Mapping[str, str],
        servers: Mapping[str, str],
    ) -> None:
        environment = {key: os.environ[key] for key in _INHERITED if key in os.environ}
        temporary = home / "tmp"
        temporary.mkdir(exist_ok=True)
        environment |= {"HOME": str(home), "TMPDIR": str(temporary), "NO_COLOR": "1", **OFFLINE}
        environment |= variables
        # Every address of another machine is refused before it is asked; where the system can, a
        # process has no network at all.
        self._process = subprocess.Popen(
            [*_apart(), python, str(RUNNER)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
            cwd=home,
            text=True,
            encoding="utf-8",
        )
        for name, command in servers.items():
            self._say({"serve": {"name": name, "command": command, "directory": os.getcwd()}})
        self._say({"ahead": modules, "limit": LIMIT})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()

    def _say(self, request: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()

    def run(self, snippets: Sequence[Snippet], directory: Path) -> list[dict[str, Any]]:
        """What each of some blocks comes to, one after the other in a directory."""
        directory.mkdir()
        blocks = [(each.text, each.written) for each in snippets]
        self._say({"blocks": blocks, "cwd": str(directory), "limit": LIMIT})
        assert self._process.stdout is not None
        found: list[dict[str, Any]] = json.loads(self._process.stdout.readline())
        return found


def _apart() -> list[str]:
    """The command that takes the network away, where this system has it and allows it."""
    found = shutil.which("unshare")
    for command in ([found, "-n"], [found, "-rn"]) if found else ():
        if not subprocess.run([*command, "true"], capture_output=True, check=False).returncode:
            return list(map(str, command))
    return []


def modules_of(snippets: Iterable[Snippet]) -> list[str]:
    """The modules that blocks import, the most frequent ones first."""
    found = Counter[str]()
    for snippet in snippets:
        names = set[str]()
        for node in ast.walk(ast.parse(snippet.text)):
            if isinstance(node, ast.Import):
                names |= {each.name for each in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names.add(node.module)
        found.update(names)
    return [name for name, _ in found.most_common(_MOST)]


def run(
    snippets: Sequence[Snippet],
    python: str = sys.executable,
    variables: Mapping[str, str] = NOTHING,
    servers: Mapping[str, str] = NOTHING,
) -> Ran:
    """Run each block alone, and then the blocks of each page in their order.

    They have `variables` in their environment. `servers` are commands, which run in their network;
    the first line that one prints is the value of the variable that it stands under.

    Raises:
        OSError: There is no such Python, or this system cannot fork.
    """
    if not hasattr(os, "fork"):
        raise OSError("blocks run in forks, which this system does not have")
    # Each runs in a directory of its own, from which a path of the caller leads nowhere.
    python = os.path.abspath(python) if os.path.dirname(python) else python
    ran = Ran(len(snippets), Counter(), [])
    jobs = [(WAYS[0], [each]) for each in snippets]
    jobs += [(WAYS[1], list(page)) for _, page in groupby(snippets, lambda each: each.page)]
    own = threading.local()
    with TemporaryDirectory(prefix="survey-") as directory, ExitStack() as stack:
        root, modules = Path(directory), modules_of(snippets)
        homes = iter(range(1_000_000))

        def begin() -> None:
            home = root / f"home-{next(homes)}"
            home.mkdir()
            own.python = _Python(python, modules, home, variables, servers)
            stack.push(own.python)

        def one(numbered: tuple[int, tuple[str, list[Snippet]]]) -> list[dict[str, Any]]:
            number, (_, blocks) = numbered
            told: list[dict[str, Any]] = own.python.run(blocks, root / f"work-{number}")
            return told

        # Blocks wait for locks, sleeps and time limits more than they compute.
        with ThreadPoolExecutor((os.cpu_count() or 1) + 1, initializer=begin) as pool:
            told = list(pool.map(one, enumerate(jobs)))
    for (way, blocks), results in zip(jobs, told, strict=True):
        for snippet, result in zip(blocks, results, strict=True):
            ran.findings += _findings(way, snippet, result)
            ran.well[way] += not result["kind"]
    return ran


def _findings(way: str, snippet: Snippet, result: dict[str, Any]) -> Iterator[Finding]:
    if result["kind"]:
        line = snippet.line + max(result.get("line", 0), 1) - 1
        what = cause(way, result["kind"])
        said = result.get("said", "")
        yield Finding(what, snippet.page, line, 0, result["what"], snippet.line - 1, said)


def announcement(snippets: Sequence[Snippet], python: str) -> str:
    """What will be run, in one line.

    Raises:
        OSError: There is no such Python.
    """
    ask = "import sys; print('.'.join(map(str, sys.version_info[:3])))"
    done = subprocess.run([python, "-c", ask], capture_output=True, text=True, check=False)
    if done.returncode:
        raise OSError(f"{python} is no Python: {done.stderr.strip()[:200]}")
    pages = len({each.page for each in snippets})
    return (
        f"running {len(snippets)} Python blocks of {pages} pages, each alone and then in page "
        f"order, with {python} ({done.stdout.strip()}), without network, {LIMIT} seconds at most "
        "for each"
    )
