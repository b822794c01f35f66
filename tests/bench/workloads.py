"""The work that every contender does, in turns."""

import statistics
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.bench.contenders import Running

Measure = Callable[[Running], list[float]]


@dataclass(frozen=True)
class Extent:
    """How much is measured: seconds for each turn, and how many of everything.

    `appends` are those of all processes of a crowd together.
    """

    sizes: tuple[int, ...]
    turns: int
    seconds: float
    crowds: tuple[int, ...]
    appends: int
    sessions: int


FULL = Extent((0, 10, 100, 1_000, 10_000), 3, 0.35, (1, 4, 16), 160, 10_000)
QUICK = Extent((10, 100, 1_000), 2, 0.1, (4,), 80, 300)


@dataclass(frozen=True)
class Row:
    """One contender's times at one kind of work, in seconds; `rate` in operations a second."""

    work: str
    size: int
    processes: int
    contender: str
    kind: str
    median: float
    low: float
    high: float
    p99: float
    slowest: float
    count: int
    rate: float = 0.0

    @property
    def line(self) -> str:
        """The row as a line of text."""
        where = f"{self.work}, {self.size:,} messages, {self.processes} processes"
        rate = f", {self.rate:,.0f}/s" if self.rate else ""
        times = f"{1e3 * self.median:9.3f} ms (p99 {1e3 * self.p99:9.3f}){rate}"
        return f"{where:<48} {self.contender:<30} {times}"


class Bench:
    """Contenders that are measured beside each other."""

    def __init__(self, running: list[Running], extent: Extent) -> None:
        self.running = running
        self.extent = extent
        self._spans: dict[str, list[float]] = {}

    def rows(self) -> Iterator[Row]:
        """Everything that is measured."""
        extent = self.extent
        for size in extent.sizes:
            fit = [each for each in self.running if size <= each.contender.largest]
            for each in fit:
                each.workers(1)[0].call("prepare", f"n{size}", size)
            for work in ("read", "append"):
                yield from self._in_turns(
                    work, size, 1, fit, lambda each, w=work, n=size: self._alone(each, w, n)
                )
        for count in extent.crowds:
            for work in ("one session", "many sessions"):
                self._spans.clear()
                yield from self._in_turns(
                    work, 100, count, self.running, lambda e, w=work, c=count: self._crowd(e, w, c)
                )
        yield from self._in_turns("read beside a writer", 100, 2, self.running, self._beside)
        yield from self._in_turns("cold open", 100, 1, self.running, self._cold)
        lists = [each for each in self.running if each.contender.lists]
        for each in lists:
            each.workers(1)[0].call("prepare_many", extent.sessions)
        for work, method in (("list", "list_all"), ("find by agent", "find_by_agent")):
            yield from self._in_turns(
                work,
                extent.sessions,
                1,
                lists,
                lambda e, m=method: e.workers(1)[0].call(m, extent.sessions, extent.seconds),
            )

    def _in_turns(
        self, work: str, size: int, processes: int, running: list[Running], measure: Measure
    ) -> Iterator[Row]:
        times: dict[str, list[float]] = {each.contender.name: [] for each in running}
        for _ in range(self.extent.turns):
            for each in running:
                times[each.contender.name] += measure(each)
        for each in running:
            name = each.contender.name
            found = sorted(times[name])
            quarters = statistics.quantiles(found, n=4) if len(found) > 1 else found * 3
            spans = self._spans.get(name)
            yield Row(
                work,
                size,
                processes,
                name,
                each.contender.kind,
                statistics.median(found),
                quarters[0],
                quarters[2],
                found[min(len(found) - 1, round(0.99 * len(found)))],
                found[-1],
                len(found),
                self.extent.appends / statistics.median(spans) if spans else 0.0,
            )
        self._spans.clear()

    def _alone(self, each: Running, work: str, size: int) -> list[float]:
        times: list[float] = each.workers(1)[0].call(work, f"n{size}", self.extent.seconds)
        if work == "append":
            # The next turn begins with a session of the same length.
            each.workers(1)[0].call("prepare", f"n{size}", size)
        return times

    def _crowd(self, each: Running, work: str, count: int) -> list[float]:
        workers = each.workers(count)
        names = [f"crowd-{n if work == 'many sessions' else 0}" for n in range(count)]
        # What is filled message by message takes long: each process fills its own.
        filled = dict(zip(names, workers, strict=True))
        for name, worker in filled.items():
            worker.ask("prepare", name, 100)
        for worker in filled.values():
            worker.answer()
        for worker, name in zip(workers, names, strict=True):
            worker.ask("append_many", name, self.extent.appends // count)
        times = [time for worker in workers for time in worker.answer()]
        began = min(worker.last["started"] for worker in workers)
        ended = max(worker.last["ended"] for worker in workers)
        self._spans.setdefault(each.contender.name, []).append((ended - began) / 1e9)
        return times

    def _beside(self, each: Running) -> list[float]:
        reader, writer = each.workers(2)
        reader.call("prepare", "busy", 100)
        stop = each.sandbox.work / "stop"
        stop.unlink(missing_ok=True)
        writer.ask("write_until", "busy", str(stop), 100)
        try:
            times: list[float] = reader.call("read_beside", "busy", 100, 8 * self.extent.seconds)
        finally:
            stop.touch()
            writer.answer()
        return times

    def _cold(self, each: Running) -> list[float]:
        """A new process that opens the store and reads once, from its start to its end."""
        module, _, function = each.contender.factory.partition(":")
        read = f"from {module} import {function}\ns = {function}()\nr = s.get_chat_history('n100')"
        code = f"{read}\nif hasattr(r, 'send'):\n    import asyncio; asyncio.run(r)"
        began = time.perf_counter()
        subprocess.run(
            [each.contender.python, "-c", code],
            cwd=each.sandbox.work,
            env=each.variables(),
            check=True,
            capture_output=True,
        )
        return [time.perf_counter() - began]
