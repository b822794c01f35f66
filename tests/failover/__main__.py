"""`make failover`: lose machines, print the table, and write the report for the site."""

import argparse
import json
import os
import platform
import statistics
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from typing import Any

from docs.reports import failover, reports
from tests.failover.cases import CASES, Case
from tests.failover.failover import fail_over
from tests.failover.judge import Outcome
from tests.subject.recipes import RECIPES
from tests.subject.servers.losses import Loss
from tests.subject.targets import ROOT

TIMES = 10
# A failover mostly waits. More of them at once would measure each other.
BESIDE = 2
_PYTHON = platform.python_version()


def main() -> int:
    """The exit code is 1 when a safe setting lost a message, or any setting doubled one."""
    parser = argparse.ArgumentParser(prog="python -m tests.failover", description=__doc__)
    parser.add_argument("--times", type=int, default=TIMES, help="failovers of each kind")
    parser.add_argument("--only", default="", help="kinds whose name contains this")
    parser.add_argument("--loss", default="", help="losses whose name contains this")
    chosen = parser.parse_args()
    kinds = [
        (case, loss)
        for case in CASES
        for loss in case.losses
        if chosen.only in case.name and chosen.loss in loss
    ]
    if not kinds:
        parser.error("no kind has this in its name")
    with ProcessPoolExecutor(BESIDE) as pool:
        waiting = [
            (case, loss, [pool.submit(fail_over, case, loss) for _ in range(chosen.times)])
            for case, loss in kinds
        ]
        rows = []
        for case, loss, runs in waiting:
            outcomes = [each.result() for each in runs]
            rows.append(_row(case, loss, outcomes))
            print(json.dumps(rows[-1]), *_wrong(case, outcomes), sep="\n", flush=True)
    report = _report(rows)
    if chosen.times >= TIMES:
        text = json.dumps(report, indent=1, sort_keys=True)
        reports.place(ROOT, "failover").write_text(text + "\n", "utf-8")
    print(*failover.rows(report), sep="\n")
    return int(any(row["doubled"] or (row["safe"] and row["gone"]) for row in rows))


def _wrong(case: Case, outcomes: Iterable[Outcome]) -> list[str]:
    """What a reader of the output should look at."""
    found = [text for each in outcomes for text in (each.gone if case.safe else [])]
    return [f"  {text}" for text in [*found, *(t for each in outcomes for t in each.doubled)]]


def _row(case: Case, loss: Loss, outcomes: Sequence[Outcome]) -> dict[str, Any]:
    outages = sorted(each.outage for each in outcomes)
    return {
        "recipe": case.recipe,
        "setting": case.setting,
        "safe": case.safe,
        "loss": loss,
        "failovers": len(outcomes),
        "acknowledged": sum(each.acknowledged for each in outcomes),
        "gone": sum(len(each.gone) for each in outcomes),
        "raised": sum(each.raised for each in outcomes),
        "stored": sum(each.stored for each in outcomes),
        "doubled": sum(len(each.doubled) for each in outcomes),
        "outage": round(statistics.median(outages), 1),
        "longest": round(outages[-1], 1),
        "explained": sum(not each.unexplained for each in outcomes),
        "reasons": sorted({text for each in outcomes for text in each.unexplained.values()})[:3],
        "errors": sorted(set().union(*(each.errors for each in outcomes))),
    }


def _report(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """The new rows in the order of the cases, with the old rows of kinds that were not run."""
    before = reports.load(ROOT, "failover").get("rows", [])
    known = {_key(row): row for row in [*before, *rows]}
    order = [(case.recipe, case.setting, loss) for case in CASES for loss in case.losses]
    recipes = {recipe.name: recipe for recipe in RECIPES}
    for row in rows:
        recipe = recipes[row["recipe"]]
        row |= {"page": recipe.page, "program": recipe.block.digest}
    return {
        "day": datetime.now(UTC).date().isoformat(),
        "machine": f"{os.cpu_count()} cores, {platform.system()}, Python {_PYTHON}",
        "rows": [known[key] for key in order if key in known],
    }


def _key(row: dict[str, Any]) -> tuple[str, str, str]:
    return row["recipe"], row["setting"], row["loss"]


if __name__ == "__main__":
    raise SystemExit(main())
