"""The mutation tool's own set: mutmut makes every small change of the store's modules.

It runs in a copy of the tree, on the tests that start no process, each change only on those that
reach it. What they let pass is told again to the slower ones. `[tool.mutmut]` has the settings.
"""

import difflib
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.mutants import code
from tests.mutants.reasons import reason_for
from tests.mutants.told import Verdict

KIND = "operator"
_RESULT = re.compile(r"^\s*(?P<name>reference_impl\.(?P<module>\w+)\.\S+): (?P<status>.+)$")
CAUGHT = ("killed", "caught by type check", "timeout", "segfault")
# From the quickest to the slowest: what mutmut's own tests do not reach.
SLOWER = (
    ["tests/store/test_faults.py"],
    ["tests/store/test_concurrency.py", "tests/store/test_properties.py"],
    ["tests/contract/test_conformance.py", "-k", "Reference"],
)


def run(only: str = "") -> list[Verdict]:
    """Make every change, or those whose name contains `only`, and say what caught each."""
    with TemporaryDirectory(prefix="mutants-") as directory:
        places = [code.copy(Path(directory) / str(number)) for number in range(code.jobs())]
        first = places[0]
        names = [f"*{only}*"] if only else []
        _mutmut(first, "run", "--max-children", str(len(places)), *names)
        found = [
            (match["name"], f"reference_impl/{match['module']}.py", match["status"])
            for line in _mutmut(first, "results", "--all", "true").splitlines()
            if (match := _RESULT.match(line)) and match["status"] != "not checked"
        ]
        verdicts = [
            Verdict(KIND, module, name, status, 0.0)
            for name, module, status in found
            if status in CAUGHT
        ]
        left = [(name, module) for name, module, status in found if status not in CAUGHT]
        lies = [_lie(first, name, module) for name, module in left]
        return verdicts + _again(lies, places)


def _mutmut(place: Path, *words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "mutmut", *words],
        cwd=place,
        env=code.environment(place) | {"PYTHONPATH": ""},
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
        started = time.monotonic()
        place = places[number % len(places)]
        # One that changes nothing would take the slower tests to their end.
        reason = reason_for(lie.where, lie.said)
        by = "" if reason else code.first_failure(lie, place, SLOWER)
        seconds = round(time.monotonic() - started, 1)
        return Verdict(KIND, lie.where, lie.said, by, seconds, reason)

    def in_turn(number: int) -> list[Verdict]:
        return [tell((number, lie)) for lie in lies[number :: len(places)]]

    with ThreadPoolExecutor(len(places)) as pool:
        return [each for part in pool.map(in_turn, range(len(places))) for each in part]
