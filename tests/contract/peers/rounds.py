"""What two runs of the contract on one store come to, cell by cell.

A cell is a promise of a store. A cell on which the two runs differ is a race, or was held up by the
machine: both run its clauses again, for more rounds, until they agree or have tried often enough.
So does a cell that an earlier report has seen otherwise: a race that went well is no change.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from docs.reports.field import COLOURS, verdict

Row = dict[str, Any]
# Runs some clauses, all without names, for so many rounds each.
Contract = Callable[[Iterable[str], int], list[Row]]
ROUNDS = 5
TRIES = 3
_COUNTED = re.compile(r"failed in (\d+) of (\d+) rounds(?: \((.*)\))?")
# What was lost or torn once, is. Anything else has to happen again: a busy machine delays a call.
_SURE, _AGAIN = ("lost", "torn"), ("broken", "error", "refused", "not judged")


def verdicts(row: Row) -> Counter[str]:
    """How often a clause had which verdict, in the rounds of one report."""
    counted = _COUNTED.fullmatch(row.get("rounds", ""))
    if counted is None:
        return Counter([row["verdict"]])
    failed, rounds = int(counted[1]), int(counted[2])
    kinds = Counter({row["verdict"]: failed} if failed else {})
    if counted[3]:
        pairs = (each.split(" ", 1) for each in counted[3].split(", "))
        kinds = Counter({kind: int(number) for number, kind in pairs})
    return kinds + Counter(passed=rounds - failed)


def judge(seen: Counter[str]) -> str:
    """The verdict on a clause from all its rounds."""
    for kind in _SURE:
        if seen[kind]:
            return kind
    failed = sum(seen[kind] for kind in _AGAIN)
    if failed and failed >= min(2, seen.total()):
        return next(kind for kind in _AGAIN if seen[kind])
    return "passed" if seen["passed"] else "not offered"


class Run:
    """One of the runs: each clause with the verdicts of its rounds, and what was said of it."""

    def __init__(self) -> None:
        self.seen: dict[str, Counter[str]] = {}
        self.said: dict[str, list[Row]] = {}
        self.guarantees: dict[str, str] = {}

    def add(self, rows: list[Row]) -> None:
        """Take in a report."""
        for row in rows:
            name = row["clause"]
            self.guarantees[name] = row["guarantee"]
            self.seen[name] = self.seen.get(name, Counter()) + verdicts(row)
            self.said.setdefault(name, []).append(row)

    def cells(self) -> dict[str, str]:
        """The verdict on each promise."""
        clauses = [
            {"guarantee": self.guarantees[name], "verdict": judge(seen)}
            for name, seen in self.seen.items()
        ]
        return {
            each: verdict({"clauses": clauses}, each)
            for each in dict.fromkeys(self.guarantees.values())
        }


def twice(
    contract: Contract, earlier: Mapping[str, str] | None = None
) -> tuple[list[Row], dict[str, list[str]]]:
    """The clauses of two runs together, and the cells on which they still do not agree.

    `earlier` are cells of another report: what is another one now runs again, too.
    """
    runs, before = [Run(), Run()], earlier or {}
    for run in runs:
        run.add(contract((), 1))
    for _ in range(TRIES):
        cells = runs[0].cells()
        again = dict.fromkeys(_differences(*runs))
        again |= {each: None for each, told in before.items() if cells.get(each, told) != told}
        if not again:
            break
        for run in runs:
            run.add(contract(again, ROUNDS))
    return [_together(name, runs) for name in runs[0].seen], _differences(*runs)


def _differences(one: Run, other: Run) -> dict[str, list[str]]:
    theirs = other.cells()
    return {
        guarantee: [mine, theirs[guarantee]]
        for guarantee, mine in one.cells().items()
        if mine != theirs[guarantee]
    }


def _together(name: str, runs: list[Run]) -> Row:
    """A clause with the worse verdict of both runs, and with what was said when it came to it."""
    guarantee = runs[0].guarantees[name]
    both = [{"guarantee": guarantee, "verdict": judge(run.seen[name])} for run in runs]
    told = verdict({"clauses": both}, guarantee)
    said = [row for run in runs for row in run.said[name] if row["verdict"] == told]
    seen = runs[0].seen[name] + runs[1].seen[name]
    row: Row = {"clause": name, "guarantee": guarantee, "verdict": told}
    row["counts"] = next((each["counts"] for each in said if each["counts"]), "")
    row["failed"], row["rounds"] = (
        sum(seen[each] for each in COLOURS if each != "passed"),
        seen.total(),
    )
    row["drawings"] = list(dict.fromkeys(filter(None, (_drawing(each["detail"]) for each in said))))
    return row


def _drawing(detail: str) -> str:
    """The diagram in what a clause says; the rest speaks of this machine's directories."""
    found = re.search(r"```mermaid\n(.*?\n)```", detail, re.DOTALL)
    return found[1] if found else ""
