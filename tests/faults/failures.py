"""Failing calls: an error at each system call of each kind of write and read."""

from collections import defaultdict
from pathlib import Path
from typing import Any

from tests.faults.cases import Case, Prepared, short
from tests.faults.children import TRACED, Child, Point, Send, descriptors, fork, injected, run
from tests.faults.crashes import list_points
from tests.faults.judge import state
from tests.faults.result import Result

ERRORS = ("ENOSPC", "EIO", "EACCES", "EMFILE", "EROFS", "EINTR")
# A call that never happened cannot close its descriptor; a real close does, whatever it answers.
_KEEPS_OPEN = "close"
Said = dict[str, Any]


def fail(cases: list[Case], place: Path, every: int) -> Result:
    """Let every `every`th call fail with each error, and judge what the caller is told."""
    result = Result("failing calls")
    prepared = [Prepared(case, place / f"case-{n}") for n, case in enumerate(cases)]
    planned: dict[tuple[Point, str], list[Prepared]] = defaultdict(list)
    for each in prepared:
        found = list_points(each, place)
        result.kinds[each.case.name] = len(found) * len(ERRORS)
        for point in found:
            for error in ERRORS:
                planned[point, error].append(each)
    for (point, error), those in result.sampled(planned, every):
        log = place / "log"
        children = [_start(each, place / f"run-{n}") for n, each in enumerate(those)]
        inject = f"inject={point.call}:error={error}:when={point.nth}"
        run(children, log, "-e", TRACED, "-e", inject)
        happened = injected(log)
        for n, (each, child) in enumerate(zip(those, children, strict=True)):
            if child.pid not in happened:
                result.missed.append(f"{each.case.name}: {point}")
            result.judge(
                f"{each.case.name}, {error} at {point.call} {point.nth}",
                _complaints(each, child, point),
            )
            each.drop(place / f"run-{n}")
    return result


def _start(prepared: Prepared, place: Path) -> Child:
    """A child that makes the call, looks, makes it again, looks, and goes on."""
    case = prepared.case
    prepared.copy(place)

    def work(send: Send, before: int) -> None:
        store = None
        said: Said = {"answer": None, "error": None}
        try:
            store = case.open(place)
            with case.limited():
                said["answer"] = short(case.call(store))
        except OSError as error:
            said["error"] = str(error)
        send(said)
        store = store or case.open(place)
        send(descriptors() - before)
        send(None if case.is_read else case.observe(store))
        again = said["answer"]
        if again is False or said["error"] or case.is_read:
            again = short(case.call(store))
        send(again)
        send(None if case.is_read else case.observe(store))
        send(store.add_user_message(case.session, "next secret"))
        send(descriptors() - before)

    return fork(work)


def _complaints(prepared: Prepared, child: Child, point: Point) -> list[str]:
    case = prepared.case
    if child.status is None:
        return ["hangs: a call did not end"]
    if child.status or len(child.said) != 7:
        return [f"raises what is no OSError, or fails later too, after {len(child.said)} answers"]
    said, leaked, found, again, at_last, following, leaked_later = child.said
    wrong = []
    if said["error"] is None and said["answer"] not in (prepared.answer, False):
        wrong.append(f"answers wrongly: {str(said['answer'])[:120]}")
    if case.is_read and said["answer"] is False and prepared.answer is not False:
        wrong.append("answers wrongly: False")
    if said["error"] == "":
        wrong.append("error without words")
    if not case.is_read:
        is_done = said["answer"] == prepared.answer and not case.spills
        wrong += state(prepared, found, is_done=is_done)
        if at_last != prepared.after:
            wrong.append(f"doubled or lost when repeated: {at_last['history']}")
    if again != (True if case.spills else prepared.answer):
        wrong.append(f"fails when repeated: {str(again)[:120]}")
    if following is not True:
        wrong.append("the next write fails")
    allowed = int(point.call == _KEEPS_OPEN)
    if max(leaked, leaked_later) > allowed:
        wrong.append(f"leaked descriptors: {max(leaked, leaked_later)}")
    return wrong
