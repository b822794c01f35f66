"""The work that every contender does, in turns."""

import statistics
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.bench.contenders import Running
from tests.bench.copies import SESSION

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


# Of the field so many processes append to one session, and its turns are so much shorter.
FIELD_CROWDS, FIELD_SHARE = (1, 4), 0.4

FULL = Extent((0, 10, 100, 1_000, 10_000), 3, 0.35, (1, 4, 16), 160, 10_000)
QUICK = Extent((10, 100, 1_000), 2, 0.08, (4,), 80, 300)


@dataclass(frozen=True)
class Row:
    """One contender's times at one kind of work, in seconds; `rate` in operations a second.

    Of the appends of a crowd, `refused` are those that the store did not acknowledge, and `lost`
    those that it did, and which were not there in the end. Where there are any, there is no rate.
    """

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
    refused: int = 0
    lost: int = 0

    @property
    def line(self) -> str:
        """The row as a line of text."""
        where = f"{self.work}, {self.size:,} messages, {self.processes} processes"
        rate = f", {self.rate:,.0f}/s" if self.rate else ""
        rate += f", {self.lost} lost" if self.lost else ""
        rate += f", {self.refused} refused" if self.refused else ""
        times = f"{1e3 * self.median:9.3f} ms (p99 {1e3 * self.p99:9.3f}){rate}"
        return f"{where:<50} {self.contender:<38} {times}"


class Bench:
    """Contenders that are measured beside each other."""

    def __init__(self, running: list[Running], extent: Extent) -> None:
        self.running = running
        self.extent = extent
        self._spans: dict[str, list[float]] = {}
        self._failed: dict[str, Counter[str]] = {}

    def rows(self) -> Iterator[Row]:
        """Everything that is measured."""
        extent = self.extent
        for size in extent.sizes:
            fit = [each for each in self.running if size <= each.contender.largest]
            # What is filled message by message takes long: all at once.
            first = [each.workers(1)[0] for each in fit]
            for worker in first:
                worker.ask("prepare", f"n{size}", size)
            for worker in first:
                worker.answer()
            for work in ("read", "append"):
                yield from self._in_turns(
                    work, size, 1, fit, lambda each, w=work, n=size: self._alone(each, w, n)
                )
        whole = [each for each in self.running if not each.contender.copied]
        for count in extent.crowds:
            for work in ("one session", "many sessions"):
                is_for_all = work == "one session" and count in FIELD_CROWDS
                yield from self._in_turns(
                    work,
                    100,
                    count,
                    self.running if is_for_all else whole,
                    lambda e, w=work, c=count: self._crowd(e, w, c),
                )
                for each in self.running:
                    if each.contender.copied:
                        each.keep(1)
        yield from self._in_turns("read beside a writer", 100, 2, whole, self._beside)
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
            spans, failed = self._spans.get(name), self._failed.get(name, Counter())
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
                self.extent.appends / statistics.median(spans)
                if spans and not failed.total()
                else 0.0,
                failed["refused"],
                failed["lost"],
            )
        self._spans.clear()
        self._failed.clear()

    def _alone(self, each: Running, work: str, size: int) -> list[float]:
        seconds = self.extent.seconds * (FIELD_SHARE if each.contender.copied else 1)
        what = (size, seconds) if work == "append" else (seconds,)
        times: list[float] = each.workers(1)[0].call(work, f"n{size}", *what)
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
            worker.ask("join", name)
        for worker in workers:
            worker.answer()
        for number, (worker, name) in enumerate(zip(workers, names, strict=True)):
            worker.ask("append_many", name, number, self.extent.appends // count)
        answers = [worker.answer() for worker in workers]
        began = min(worker.last["started"] for worker in workers)
        ended = max(worker.last["ended"] for worker in workers)
        self._spans.setdefault(each.contender.name, []).append((ended - began) / 1e9)
        failed = self._failed.setdefault(each.contender.name, Counter())
        for name, worker in filled.items():
            saved = [
                t for n, a in zip(names, answers, strict=True) if n == name for t in a["saved"]
            ]
            failed["lost"] += worker.call("missing", name, saved)
        times = [time for answer in answers for time in answer["times"]]
        failed["refused"] += len(times) - sum(len(answer["saved"]) for answer in answers)
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
        session, own = "n100", {}
        if each.contender.copied:
            session, own = SESSION, {"PEER_DIRECTORY": each.workers(1)[0].call("place", "n100")}
        read = f"from {module} import {function}\ns = {function}()\nr = s.get_chat_history"
        read += f"({session!r})"
        code = f"{read}\nif hasattr(r, 'send'):\n    import asyncio; asyncio.run(r)"
        began = time.perf_counter()
        subprocess.run(
            [each.contender.python, "-c", code],
            cwd=each.sandbox.work,
            env=each.variables() | own,
            check=True,
            capture_output=True,
        )
        return [time.perf_counter() - began]
