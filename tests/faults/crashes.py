"""Crash points: a writer killed at each system call of each kind of write."""

import itertools
import shutil
from collections import defaultdict
from pathlib import Path

from tests.faults.cases import Case, Prepared
from tests.faults.children import TRACED, Child, Point, Send, fork, points, run
from tests.faults.judge import complaints
from tests.faults.result import Result


def crash(cases: list[Case], place: Path, every: int) -> Result:
    """Kill a writer at every `every`th call, and judge what the next process finds."""
    result = Result("crash points")
    prepared = [Prepared(case, place / f"case-{n}") for n, case in enumerate(cases)]
    planned: dict[Point, list[Prepared]] = defaultdict(list)
    for each in prepared:
        found = list_points(each, place)
        result.kinds[each.case.name] = len(found)
        for point in found:
            planned[point].append(each)
    for point, those in result.sampled(planned, every):
        log = place / "log"
        children = [start(each, place / f"run-{n}") for n, each in enumerate(those)]
        inject = f"inject={point.call}:signal=KILL:when={point.nth}"
        run(children, log, "-e", TRACED, "-e", inject)
        for n, (each, child) in enumerate(zip(those, children, strict=True)):
            if not child.is_killed:
                result.missed.append(f"{each.case.name}: {point}")
            wrong = complaints(each, place / f"run-{n}", is_done=is_done(each, child))
            result.judge(f"{each.case.name}, killed at {point.call} {point.nth}", wrong)
    return result


def start(prepared: Prepared, place: Path) -> Child:
    """A child that makes the case's call on a copy of what was prepared."""
    prepared.copy(place)

    def work(send: Send, _: int) -> None:
        with prepared.case.limited():
            answer = prepared.case.call(prepared.case.open(place))
        send({"answer": answer})

    return fork(work)


def is_done(prepared: Prepared, child: Child) -> bool:
    """Whether the call was answered as it is when nothing is wrong."""
    return child.said == [{"answer": prepared.answer}]


_logs = itertools.count()


def list_points(prepared: Prepared, place: Path) -> list[Point]:
    """The system calls of the case's call on its files."""
    log, run_place = place / f"calls-{next(_logs)}", place / "listed"
    child = start(prepared, run_place)
    run([child], log, "-y", "-e", TRACED)
    assert is_done(prepared, child), f"{prepared.case.name}: {child}"
    shutil.rmtree(run_place)
    return points(log, child.pid, run_place)
