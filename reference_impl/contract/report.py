"""The verdict of every clause, as a table and as JSON."""

import json
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pytest

PROPERTY = "session_store_clause"


@dataclass(slots=True)
class Row:
    """One clause and what became of it."""

    clause: str
    guarantee: str
    ability: str
    verdict: str = "passed"
    seconds: float = 0.0
    detail: str = ""


@dataclass(slots=True)
class Report:
    """What the clauses of one run said, for one store after another."""

    rows: dict[tuple[str, str], Row] = field(default_factory=dict)
    fairness: dict[str, Any] = field(default_factory=dict)

    def add(self, report: pytest.TestReport) -> None:
        """Take in one phase of a test; anything that is not a clause is passed over."""
        properties = dict(report.user_properties)
        about: Any = properties.get(PROPERTY)
        if not isinstance(about, dict):
            return
        key = (about["store"], about["clause"])
        row = self.rows.setdefault(key, Row(about["clause"], about["guarantee"], about["ability"]))
        row.seconds = round(row.seconds + report.duration, 4)
        if "fairness" in properties:
            self.fairness[about["store"]] = properties["fairness"]
        if report.skipped:
            row.verdict, row.detail = "not offered", _reason(report)
        elif report.failed and row.verdict != "failed":
            row.verdict = "failed" if report.when == "call" else "error"
            crash = getattr(report.longrepr, "reprcrash", None)
            row.detail = crash.message if crash else report.longreprtext

    def stores(self) -> list[str]:
        """The stores of the run, by the name of their factory."""
        return list(dict.fromkeys(store for store, _ in self.rows))

    def lines(self, store: str) -> list[str]:
        """The table of one store."""
        rows = [row for (owner, _), row in self.rows.items() if owner == store]
        cells = [("clause", "verdict", "guarantee", "ability")]
        cells += [(row.clause, row.verdict, row.guarantee, row.ability or "-") for row in rows]
        widths = [max(len(line[column]) for line in cells) for column in range(4)]
        cells.insert(1, ("-" * widths[0], "-" * widths[1], "-" * widths[2], "-" * widths[3]))
        lines = [
            "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
            for line in cells
        ]
        if fairness := self.fairness.get(store):
            lines.append(
                f"slowest read beside a busy writer: {fairness['slowest_wait_seconds']:.3f} s, "
                f"{fairness['slowest_wait_in_writes']} times one write"
            )
        broken = dict.fromkeys(row.guarantee for row in rows if row.verdict == "failed")
        verdicts = Counter(row.verdict for row in rows)
        counts = {"passed": 0, "failed": 0, "not offered": 0} | verdicts
        lines.append(", ".join(f"{count} {verdict}" for verdict, count in counts.items()))
        if broken:
            lines.append(f"guarantees that do not hold: {', '.join(broken)}")
        return lines

    def write(self, path: Path) -> None:
        """Write the report as JSON: one object, or a list of them when there were many stores."""
        reports = [
            {
                "store": store,
                "clauses": [asdict(row) for (owner, _), row in self.rows.items() if owner == store],
                "fairness": self.fairness.get(store),
            }
            for store in self.stores()
        ]
        path.parent.mkdir(parents=True, exist_ok=True)
        content = reports[0] if len(reports) == 1 else reports
        path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def _reason(report: pytest.TestReport) -> str:
    if isinstance(report.longrepr, tuple):
        return report.longrepr[2].removeprefix("Skipped: ").removeprefix("not offered: ")
    return report.longreprtext
