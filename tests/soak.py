"""`make soak`: every fault, and the contract on the reference and on every recipe, 20 times each.

A clause that fails once in many runs is a race. The exit code is 1 if any did, or if anything was
lost. `python -m tests.soak faults`, `... network` and `... contract` do one of the three.
"""

import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from tests.contract import test_sticky as sticky
from tests.faults import outages
from tests.faults.report import soak
from tests.subject.contract_run import failures, run_contract
from tests.subject.recipes import ELSEWHERE, RECIPES, Server

TIMES = 20
# A run mostly waits, and what others do at the same time brings races about.
BESIDE = 3


def main(times: int) -> int:
    """Run every store's contract again and again and print what failed."""
    stores: list[tuple[str, str, Server]] = [
        ("Reference", "tests.contract.stores:open_reference", _directory)
    ]
    stores += [(recipe.name, recipe.store, recipe.server) for recipe in [*RECIPES, *ELSEWHERE]]
    if not _blames_what_sticks():
        return 1
    with ThreadPoolExecutor(BESIDE) as pool:
        clean = pool.map(lambda store: _again(*store, times), stores)
    return 0 if set(clean) == {times} else 1


def _blames_what_sticks() -> bool:
    """Run the contract on one shared file of a store that keeps it locked after each refusal."""
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as directory:
        environment = {"STICKY_FILE": str(Path(directory) / "file")}
        found = failures(run_contract(sticky.STORE, Path(directory), environment))
    seconds = time.monotonic() - started
    print(f"A store that sticks: {len(found)} clauses fail, in {seconds:.0f} s", flush=True)
    wrong = sorted(found ^ sticky.BLAMED)
    print(*(f"  wrongly or not blamed: {each}\n" for each in wrong), end="", flush=True)
    return not wrong


def _again(name: str, store: str, server: Server, times: int) -> int:
    with tempfile.TemporaryDirectory() as directory, server() as settings:
        place = Path(directory)
        for recipe in RECIPES:
            recipe.write(place)
        failed = [failures(run_contract(store, place, settings)) for _ in range(times)]
    clean = sum(not each for each in failed)
    clauses = sorted(set().union(*failed))
    print(f"{name}: {clean} of {times} runs passed {' '.join(clauses)}", flush=True)
    return clean


@contextmanager
def _directory() -> Iterator[dict[str, str]]:
    with tempfile.TemporaryDirectory() as directory:
        yield {"CONTRACT_DIRECTORY": directory}


if __name__ == "__main__":
    parts = {"faults": soak, "network": outages.soak, "contract": lambda: main(TIMES)}
    codes = [parts[each]() for each in sys.argv[1:] or parts]
    raise SystemExit(max(codes))
