"""`make bench`: the reference store beside the released one, in one run, as ratios.

Times of one machine say little about another; ratios of one run hold better. Nothing here
passes or fails.
"""

import json
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from tests.support.processes import Worker
from tests.support.sandbox import Sandbox
from tests.support.targets import ROOT, Target

SIZES = (10, 100, 1_000, 10_000)
SECONDS = 1.0
PROGRAM = "tests.bench.worker"


def measure(target: Target, place: Path) -> dict[str, float]:
    """All numbers of one target; times in milliseconds."""
    sandbox = Sandbox(place)
    found: dict[str, float] = {}
    with ExitStack() as stack:
        workers = [stack.enter_context(Worker(PROGRAM, sandbox, target)) for _ in range(4)]
        first = workers[0]
        for size in SIZES:
            first.call("prepare", size)
            found[f"read, {size} messages"] = 1e3 * first.call("read", size, SECONDS)
            found[f"append, {size} messages"] = 1e3 * first.call("append", size, SECONDS)
        for worker in workers:
            worker.ask("append_many", 50)
        times = sorted(time for worker in workers for time in worker.answer())
        found["append beside three others, median"] = 1e3 * times[len(times) // 2]
        found["append beside three others, slowest"] = 1e3 * times[-1]
        stop = sandbox.work / "stop"
        workers[1].ask("write_until", str(stop))
        waits = sorted(workers[2].call("waits", 12))
        stop.touch()
        workers[1].answer()
        found["read beside a busy writer, median"] = 1e3 * waits[len(waits) // 2]
        found["read beside a busy writer, slowest"] = 1e3 * waits[-1]
    return found


def table(numbers: dict[Target, dict[str, float]]) -> list[str]:
    """The numbers as Markdown; the ratio says how many times faster the reference is."""
    rows = ["| measured | release, ms | reference, ms | ratio |", "|---|---|---|---|"]
    for what, reference in numbers[Target.REFERENCE].items():
        release = numbers[Target.RELEASE][what]
        rows.append(f"| {what} | {release:.2f} | {reference:.2f} | {release / reference:.1f} |")
    return rows


def main() -> None:
    """Measure both, print the table and write `build/bench.json`."""
    numbers: dict[Target, dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as directory:
        for target in (Target.RELEASE, Target.REFERENCE):
            numbers[target] = measure(target, Path(directory) / str(target))
    print("\n".join(table(numbers)))
    build = ROOT / "build"
    build.mkdir(exist_ok=True)
    named: dict[str, Any] = {str(target): found for target, found in numbers.items()}
    (build / "bench.json").write_text(json.dumps(named, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
