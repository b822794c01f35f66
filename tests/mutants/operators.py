"""The mutation tool's own set: mutmut makes every small change of the store's modules.

It runs in a copy of the tree, on the tests that start no process, each change only on those that
reach it. What they let pass is told again to the slower ones, and so is what they did not come to
an end with: mutmut counts a process that was killed as caught. `[tool.mutmut]` has the settings.

There are more changes than a quarter of an hour takes, so one in `EVERY` is made. The names of the
changes say which: the same ones each time, and a new function leaves those of the others alone.
"""

import difflib
import re
import subprocess
import sys
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.mutants import code
from tests.mutants.reasons import reason_for
from tests.mutants.told import Verdict

KIND = "operator"
_RESULT = re.compile(r"^\s*(?P<name>reference_impl\.(?P<module>\w+)\.\S+): (?P<status>.+)$")
EVERY = 40
CAUGHT = ("killed", "caught by type check")
# From the quickest to the slowest: what mutmut's own tests do not reach.
SLOWER = (
    code.QUICK,
    ["tests/store/test_concurrency.py", "tests/store/test_properties.py"],
    ["tests/contract/test_conformance.py", "-k", "Reference"],
)


def run(only: str = "", every: int = 1) -> list[Verdict]:
    """Make one in `EVERY` changes whose name contains `only`, and say what caught each.

    `every` thins them out further.
    """
    with TemporaryDirectory(prefix="mutants-") as directory:
        places = [code.copy(Path(directory) / str(number)) for number in range(code.jobs())]
        first = places[0]
        # The list of changes is there when mutmut has run once, and this module is the shortest.
        _mutmut(first, "run", "--max-children", str(len(places)), "reference_impl.stack.*")
        named = [name for name, _, _ in _results(first) if only in name and _is_chosen(name)]
        told = set(named[::every])
        if not told:
            return []
        _mutmut(first, "run", "--max-children", str(len(places)), *sorted(told))
        found = [each for each in _results(first) if each[0] in told]
        verdicts = [
            Verdict(KIND, module, name, status, 0.0)
            for name, module, status in found
            if status in CAUGHT
        ]
        left = [(name, module) for name, module, status in found if status not in CAUGHT]
        lies = [_lie(first, name, module) for name, module in left]
        return verdicts + _again(lies, places)


def _is_chosen(name: str) -> bool:
    return zlib.crc32(name.encode()) % EVERY == 0


def _results(place: Path) -> list[tuple[str, str, str]]:
    """Every change with its module and what became of it."""
    return [
        (match["name"], f"reference_impl/{match['module']}.py", match["status"])
        for line in _mutmut(place, "results", "--all", "true").splitlines()
        if (match := _RESULT.match(line))
    ]


def _mutmut(place: Path, *words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "mutmut", *words],
        cwd=place,
        env=code.environment(place) | {"PYTHONPATH": "", "MUTMUT": "yes"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"mutmut {words[0]} failed:\n{done.stdout[-4000:]}{done.stderr[-2000:]}")
    return done.stdout


def _lie(place: Path, name: str, module: str) -> code.Lie:
    """A change as a lie to a whole module; the module is as before afterwards."""
    path = place / module
    true = path.read_text("utf-8")
    try:
        _mutmut(place, "apply", name)
        lied = path.read_text("utf-8")
    finally:
        path.write_text(true, "utf-8")
    return code.Lie(KIND, path.name, difference(true, lied), true, lied)


def difference(true: str, lied: str) -> str:
    """The lines that a change takes away and puts in their place."""
    rows = difflib.unified_diff(true.splitlines(), lied.splitlines(), lineterm="", n=0)
    changed = [row for row in rows if row[:1] in "+-" and row[:3] not in ("+++", "---")]
    return " ".join(f"{row[0]} {row[1:].strip()}" for row in changed)


def _again(lies: list[code.Lie], places: list[Path]) -> list[Verdict]:
    """Tell what is left to the slower tests."""

    def tell(numbered: tuple[int, code.Lie]) -> Verdict:
        number, lie = numbered
        # One that changes nothing would take the slower tests to their end.
        if reason := reason_for(lie.where, lie.said):
            return Verdict(KIND, lie.where, lie.said, "", 0.0, reason)
        return code.judged(lie, places[number % len(places)], SLOWER)

    def in_turn(number: int) -> list[Verdict]:
        return [tell((number, lie)) for lie in lies[number :: len(places)]]

    with ThreadPoolExecutor(len(places)) as pool:
        return [each for part in pool.map(in_turn, range(len(places))) for each in part]
