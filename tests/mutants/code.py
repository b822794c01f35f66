"""Tells lies to the reference implementation, in a copy of the tree, and runs its tests."""

import multiprocessing
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from tempfile import TemporaryDirectory

from executable_pages.testing.sandbox import end
from executable_pages.testing.scanner import ROOT
from tests.mutants.reasons import reason_for
from tests.mutants.told import Killed, Verdict, killed_by

COPIED = ("reference_impl", "tests", "docs", "pyproject.toml", "mkdocs.yml", "Makefile")
COPIED += ("constraints.txt", "README.md", "CONTRIBUTING.md")
# From the quickest tests to the slowest; a lie that one of them catches is told no further.
QUICK = [
    f"tests/store/test_{name}.py"
    for name in (
        *("store", "files", "steps", "lock", "folding", "session_files", "retention"),
        *("checkpoints", "names", "lists", "default_store", "edges", "turns", "values"),
        *("salvage", "leftovers", "hostile_files", "lock", "life", "faults"),
    )
]
SLOW = ["tests/store/test_concurrency.py", "tests/store/test_properties.py"]
SLOW += ["tests/faults/test_faults.py"]
CONTRACT = ["tests/contract/test_conformance.py", "-k", "Reference"]
AGENT = (
    ["tests/agent/test_agent.py"],
    ["tests/agent/test_agent_turns.py"],
    ["tests/agent/test_stand_ins.py"],
)
BOTS = (
    [
        f"tests/agent/test_{name}.py"
        for name in ("bots", "bot_deliveries", "bot_names", "bot_tools", "bot_turns")
    ],
)
LOOP = (["tests/agent/test_loop_lock.py"], *BOTS)
SUITES = {"agent.py": (*AGENT, *BOTS), "endpoint.py": AGENT, "memory.py": AGENT}
SUITES |= {"bots.py": BOTS, "loop_lock.py": (*LOOP, ["tests/agent/test_agent_turns.py"])}


class NotFound(LookupError):
    """The text that a lie replaces is not there: the code has changed, and the lie has to."""


@dataclass(frozen=True)
class Lie:
    """One replacement in a module of the reference implementation."""

    kind: str
    module: str
    said: str
    old: str
    new: str

    @property
    def where(self) -> str:
        """The module."""
        return f"reference_impl/{self.module}"


def by_hand(module: str, said: str, old: str, new: str) -> Lie:
    """A lie that a person tells: `said` is what would be so."""
    return Lie("by hand", module, said, old, new)


def tell_all(lies: list[Lie]) -> list[Verdict]:
    """Tell each lie in a copy of the tree and say which test caught it.

    Raises:
        NotFound: A lie replaces what is not there.
    """
    for lie in lies:
        source(lie)
    with TemporaryDirectory(prefix="mutants-") as directory:
        places: SimpleQueue[Path] = SimpleQueue()
        for number in range(jobs()):
            places.put(copy(Path(directory) / str(number)))

        def tell(lie: Lie) -> Verdict:
            place = places.get()
            try:
                verdict = _tell(lie, place)
            finally:
                places.put(place)
            print(".", end="", flush=True) if verdict.is_caught else print("S", end="", flush=True)
            return verdict

        with ThreadPoolExecutor(jobs()) as pool:
            found = list(pool.map(tell, lies))
    print()
    return found


def source(lie: Lie, root: Path = ROOT) -> str:
    """The module as the liar wants it."""
    text = (root / "reference_impl" / lie.module).read_text("utf-8")
    if text.count(lie.old) != 1:
        raise NotFound(f"{lie.where}: {lie.said}: its text is there {text.count(lie.old)} times")
    return text.replace(lie.old, lie.new)


def copy(place: Path) -> Path:
    """A copy of the tree in which a lie can be told."""
    place.mkdir(parents=True)
    # Some tests are another user, who has to reach the code as well.
    place.parent.chmod(0o755)
    unwanted = shutil.ignore_patterns("__pycache__", "assets", "mutants")
    for name in COPIED:
        origin = ROOT / name
        if origin.is_dir():
            shutil.copytree(origin, place / name, ignore=unwanted)
        else:
            shutil.copy2(origin, place / name)
    (place / "docs" / "assets").symlink_to(ROOT / "docs" / "assets")
    # An editable install would answer with the code that nobody has lied to.
    code = "import reference_impl; print(reference_impl.__file__)"
    command = [sys.executable, "-c", code]
    done = subprocess.run(
        command, cwd=place, env=environment(place), capture_output=True, text=True, check=True
    )
    assert Path(done.stdout.strip()).is_relative_to(place), done.stdout
    return place


def environment(place: Path) -> dict[str, str]:
    """The environment of a test run in a copy."""
    # Without byte code: a lie of the same length in the same second would not be noticed.
    own = {
        "PYTHONPATH": str(place),
        # mutmut asks for `python -m mypy`, which is this environment's.
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]),
        "PYTHONDONTWRITEBYTECODE": "1",
        "EVIDENCE": os.devnull,
        "TMPDIR": str(place.parent),
        "HYPOTHESIS_STORAGE_DIRECTORY": str(place / ".hypothesis"),
    }
    return dict(os.environ) | own


def _tell(lie: Lie, place: Path) -> Verdict:
    return judged(lie, place, SUITES.get(lie.module) or _store(lie.module))


def judged(lie: Lie, place: Path, suites: Iterable[list[str]]) -> Verdict:
    """What some suites say of a lie that is told in a copy."""
    suites = tuple(suites)
    started = time.monotonic()
    by, unjudged = "", ""
    for _ in range(2):
        try:
            by, unjudged = first_failure(lie, place, suites), ""
            break
        except Killed as error:
            unjudged = str(error)
    seconds = round(time.monotonic() - started, 1)
    reason = "" if by or unjudged else reason_for(lie.where, lie.said)
    return Verdict(lie.kind, lie.where, lie.said, by, seconds, reason, unjudged)


def _store(module: str) -> tuple[list[str], ...]:
    """The suites of the store, those named for a module before all others."""
    stem = module.removesuffix(".py")
    return (sorted(QUICK, key=lambda path: stem not in path), SLOW, CONTRACT)


def first_failure(lie: Lie, place: Path, suites: Iterable[list[str]]) -> str:
    """What catches a lie in a copy, which tells the truth again afterwards; empty for nothing."""
    module = place / "reference_impl" / lie.module
    true = module.read_text("utf-8")
    try:
        module.write_text(source(lie, place), "utf-8")
        return next(filter(None, (failure(suite, place) for suite in suites)), "")
    finally:
        module.write_text(true, "utf-8")


def failure(suite: list[str], place: Path, limit: float = 600) -> str:
    """The first test of a suite that fails; empty when all pass.

    Raises:
        Killed: It was ended before it could say so.
    """
    options = ["-x", "-q", "-p", "no:cacheprovider", "--target", "reference", "--timeout", "60"]
    process = subprocess.Popen(
        [sys.executable, "-m", "pytest", *options, *suite],
        cwd=place,
        env=environment(place),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        out, _ = process.communicate(timeout=limit)
    except subprocess.TimeoutExpired:
        end(process)
        process.communicate()
        raise Killed(f"{suite[0]} and what follows it did not end in {limit:g} s") from None
    if process.returncode == 0:
        return ""
    found = re.search(r"^(?:FAILED|ERROR) (\S+)", out, re.MULTILINE)
    if found:
        return found[1]
    if by := killed_by(process.returncode):
        raise Killed(f"{suite[0]} and what follows it were ended by {by}")
    # One that breaks an import or crashes Python is caught as well.
    return f"pytest ended with exit code {process.returncode}"


def check_truth() -> None:
    """Hold that the tests pass in a copy without a lie, or nothing is proven by their failing."""
    suites = [QUICK, SLOW, CONTRACT, *SUITES["loop_lock.py"], *AGENT]
    with TemporaryDirectory(prefix="mutants-") as directory, ThreadPoolExecutor(jobs()) as pool:
        place = copy(Path(directory) / "true")
        for by in pool.map(lambda suite: failure(suite, place), suites):
            if by:
                raise AssertionError(f"without any lie, {by} fails")


def jobs() -> int:
    """How many lies are told at the same time."""
    return min(2, multiprocessing.cpu_count())
