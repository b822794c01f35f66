"""`make bench`: the reference store beside the released one, in one run, as ratios.

Times of one machine say little about another; ratios of one run hold better, and best when both
are measured in turns. Nothing here passes or fails.
"""

import json
import os
import platform
import statistics
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path

from docs.plugins.digests import of_implementation
from tests.pages.processes import Worker
from tests.pages.sandbox import Sandbox
from tests.subject.targets import ROOT, Target

# docs/plugins/performance.py shows it on the site.
OUTPUT = ROOT / "docs" / "verification" / "performance.json"
SIZES = (10, 100, 1_000, 10_000)
ROUNDS = 3
SECONDS = 0.4
WRITERS = 4
APPENDS = 50
READS = 40
PROGRAM = "tests.bench.worker"
Times = dict[Target, list[float]]


@dataclass
class Row:
    """One measured number of each target; `ratio` says how many times better the reference is."""

    what: str
    unit: str
    release: float
    reference: float
    ratio: float


class Bench:
    """Four processes of each target, each four on a directory of their own."""

    def __init__(self, stack: ExitStack, place: Path) -> None:
        self.sandboxes = {target: Sandbox(place / str(target)) for target in Target}
        self.workers = {
            target: [stack.enter_context(Worker(PROGRAM, sandbox, target)) for _ in range(WRITERS)]
            for target, sandbox in self.sandboxes.items()
        }

    def rows(self) -> Iterator[Row]:
        """Everything that is measured."""
        for size in SIZES:
            name = f"n{size}"
            for target in Target:
                self.workers[target][0].call("prepare", name, size)
            for what in ("read", "append"):
                times = self._in_turns(
                    lambda target, what=what, name=name: self.workers[target][0].call(
                        what, name, SECONDS
                    )
                )
                yield _faster(f"{what}, {size:,} messages", times, statistics.median)
        spans: Times = {target: [] for target in Target}
        crowd = self._in_turns(lambda target: self._crowd(target, spans))
        rates = {each: WRITERS * APPENDS / statistics.median(spans[each]) for each in Target}
        release, reference = rates[Target.RELEASE], rates[Target.REFERENCE]
        yield Row("four writers, throughput", "1/s", release, reference, reference / release)
        yield _faster("four writers, slowest append", crowd, max)
        waits = self._in_turns(self._beside_a_writer)
        yield _faster("read beside a busy writer, median", waits, statistics.median)
        yield _faster("read beside a busy writer, slowest", waits, max)

    def _in_turns(self, measure: Callable[[Target], list[float]]) -> Times:
        times: Times = {target: [] for target in Target}
        for _ in range(ROUNDS):
            for target in Target:
                times[target] += measure(target)
        return times

    def _crowd(self, target: Target, spans: Times) -> list[float]:
        workers = self.workers[target]
        workers[0].call("prepare", "crowd", 100)
        for worker in workers:
            worker.ask("append_many", "crowd", APPENDS)
        times = [time for worker in workers for time in worker.answer()]
        began = min(worker.last["started"] for worker in workers)
        spans[target].append((max(worker.last["ended"] for worker in workers) - began) / 1e9)
        return times

    def _beside_a_writer(self, target: Target) -> list[float]:
        reader, writer, *_ = self.workers[target]
        reader.call("prepare", "busy", 100)
        stop = self.sandboxes[target].work / "stop"
        stop.unlink(missing_ok=True)
        writer.ask("write_until", "busy", str(stop))
        times: list[float] = reader.call("wait", "busy", READS, 3.0)
        stop.touch()
        writer.answer()
        return times


def _faster(what: str, times: Times, choose: Callable[[list[float]], float]) -> Row:
    release, reference = (1e3 * choose(times[each]) for each in (Target.RELEASE, Target.REFERENCE))
    return Row(what, "ms", release, reference, release / reference)


def main() -> None:
    """Measure both, print the ratios and write the report that the site shows."""
    with ExitStack() as stack:
        place = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        rows = list(Bench(stack, place).rows())
    for row in rows:
        values = f"{row.release:>10.2f}{row.reference:>10.2f} {row.unit:<4}"
        print(f"{row.what:<40}{values}{row.ratio:>8.1f} times better")
    found = {
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "implementation": of_implementation(ROOT),
        "rows": [asdict(row) for row in rows],
    }
    OUTPUT.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
