"""The verdict of every clause, as a table and as JSON."""

import json
import textwrap
import traceback
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import pytest

from reference_impl.contract.guarantees import GUARANTEES

PROPERTY = "session_store_clause"
# What may become of a clause whose promise does not hold.
FAILED = ("lost", "torn", "refused", "broken")
WIDTH = 100
# What a reader has to see comes first.
_RANK = dict.fromkeys((*FAILED, "error"), 0) | {"passed": 2, "not offered": 3}


@dataclass(slots=True)
class Row:
    """One clause and what became of it."""

    clause: str
    guarantee: str
    ability: str
    since: int = 1
    verdict: str = "passed"
    seconds: float = 0.0
    detail: str = ""
    counts: str = ""
    rounds: str = ""
    refused: list[str] = field(default_factory=list)

    @property
    def shown(self) -> str:
        """The verdict, and whether something was refused that may be refused."""
        return f"{self.verdict}*" if self.refused and self.verdict == "passed" else self.verdict


@dataclass(slots=True)
class Report:
    """What the clauses of one run said, for one store after another."""

    rows: dict[tuple[str, str], Row] = field(default_factory=dict)
    fairness: dict[str, Any] = field(default_factory=dict)
    # By store, the version of the contract that judged it.
    contracts: dict[str, int] = field(default_factory=dict)
    seed: int | None = None

    def add(self, report: pytest.TestReport) -> None:
        """Take in one phase of a test; anything that is not a clause is passed over."""
        properties: dict[str, Any] = dict(report.user_properties)
        about: Any = properties.get(PROPERTY)
        if not isinstance(about, dict):
            return
        key = (about["store"], about["clause"])
        said = (about[each] for each in ("clause", "guarantee", "ability", "since"))
        row = self.rows.setdefault(key, Row(*said))
        self.contracts[about["store"]] = about["contract"]
        row.seconds = round(row.seconds + report.duration, 4)
        row.counts = str(properties.get("counts", row.counts))
        row.rounds = str(properties.get("rounds", row.rounds))
        row.refused = list(properties.get("refused", row.refused))
        if "fairness" in properties:
            self.fairness[about["store"]] = properties["fairness"]
        if report.skipped:
            row.verdict, row.detail = "not offered", _reason(report)
            if row.detail.startswith("not judged: "):
                row.verdict, row.detail = "not judged", row.detail.removeprefix("not judged: ")
        elif report.failed:
            is_setup = report.when == "setup"
            row.verdict = "error" if is_setup else str(properties.get("verdict", "broken"))
            row.detail = "\n".join(filter(None, (row.detail, report.longreprtext)))

    def stores(self) -> list[str]:
        """The stores of the run, by the name of their factory."""
        return list(dict.fromkeys(store for store, _ in self.rows))

    def lines(self, store: str) -> list[str]:
        """The table of one store, what failed first, and what it means, in 100 columns."""
        rows = [row for (owner, _), row in self.rows.items() if owner == store]
        failed = [row for row in rows if row.verdict in FAILED]
        lines = _table(sorted(rows, key=lambda row: _RANK.get(row.verdict, 1)))
        if fairness := self.fairness.get(store):
            lines.append(
                f"slowest read beside a busy writer: {fairness['slowest_wait_seconds']:.3f} s, "
                f"{fairness['slowest_wait_in_writes']} times one write"
            )
        lines += [f"{row.clause} refuses: {', '.join(row.refused)}" for row in rows if row.refused]
        lines += _not_offered(rows)
        lines += [f"{row.clause} {row.rounds}" for row in failed if row.rounds]
        lines.append(f"seed of the random moments: {self.seed} (--session-store-seed)")
        lines += _since(failed, self.contracts[store])
        counts = {
            "passed": sum(row.verdict == "passed" for row in rows),
            "failed": len(failed),
            "not offered": sum(row.verdict == "not offered" for row in rows),
        }
        counts |= Counter(row.verdict for row in rows if row.verdict not in (*FAILED, *counts))
        lines.append(", ".join(f"{count} {verdict}" for verdict, count in counts.items()))
        if failed:
            kinds = Counter(row.verdict for row in failed)
            shown = ", ".join(f"{kinds[each]} {each}" for each in FAILED if kinds[each])
            lines.append(f"of those that failed: {shown}")
            lines.append("guarantees that do not hold:")
            broken = dict.fromkeys(row.guarantee for row in failed)
            lines += [f"  {each}: {GUARANTEES.get(each, '')}" for each in broken]
        return [part for line in lines for part in wrapped(line)]

    def write(self, path: Path) -> None:
        """Write the report as JSON: one object, or a list of them when there were many stores."""
        reports = [
            {
                "store": store,
                "contract": self.contracts[store],
                "seed": self.seed,
                "kit": _version("session-persistence-docs"),
                "store_version": _version(store.partition(":")[0].partition(".")[0]),
                "clauses": [asdict(row) for (owner, _), row in self.rows.items() if owner == store],
                "fairness": self.fairness.get(store),
            }
            for store in self.stores()
        ]
        path.parent.mkdir(parents=True, exist_ok=True)
        content = reports[0] if len(reports) == 1 else reports
        path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def wrapped(line: str) -> list[str]:
    """A line in parts of at most 100 columns, the later ones indented."""
    indent = " " * (len(line) - len(line.lstrip()) + 4)
    options: dict[str, Any] = {"break_long_words": False, "break_on_hyphens": False}
    return textwrap.wrap(line, WIDTH, subsequent_indent=indent, **options) or [""]


def _table(rows: Sequence[Row]) -> list[str]:
    cells = [("clause", "verdict", "guarantee")]
    cells += [(row.clause, row.shown, row.guarantee) for row in rows]
    widths = [max(len(line[column]) for line in cells) for column in range(3)]
    cells.insert(1, ("-" * widths[0], "-" * widths[1], "-" * widths[2]))
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in cells
    ]


def _not_offered(rows: Sequence[Row]) -> list[str]:
    """Each reason for which clauses were left out, and how many clauses those are."""
    reasons = Counter(row.detail for row in rows if row.verdict == "not offered")
    lines = [f"not offered, {count} of the clauses: {why}" for why, count in reasons.items()]
    return lines + [
        f"{row.clause} was not judged: {row.detail}" for row in rows if row.verdict == "not judged"
    ]


def _since(failed: Sequence[Row], contract: int) -> list[str]:
    """Which version judged, and which failures an author can put off."""
    lines = [f"judged by contract {contract} (--session-store-contract)"]
    for first in sorted({row.since for row in failed if row.since > 1}):
        names = ", ".join(row.clause for row in failed if row.since == first)
        lines.append(f"asked since contract {first}: {names}")
    return lines


def in_rounds(verdicts: Sequence[str], rounds: int) -> str:
    """In how many rounds a clause failed, and with which verdicts when they differ."""
    kinds = Counter(verdicts)
    shown = ", ".join(f"{kinds[each]} {each}" for each in FAILED if kinds[each])
    differ = f" ({shown})" if len(kinds) > 1 else ""
    return f"failed in {len(verdicts)} of {rounds} rounds{differ}"


def explained(about: dict[str, Any], verdict: str, error: BaseException) -> str:
    """What a clause found, the promise that does not hold, and where the store raised."""
    words = str(error) or type(error).__name__
    if not isinstance(error, AssertionError):
        words = f"{type(error).__name__}: {words}"
        words += "".join(
            f"\n  {each.filename}:{each.lineno} in {each.name}" for each in _own(error)
        )
    promise = GUARANTEES.get(about["guarantee"], "")
    # A drawing is read by Mermaid, line by line; what stands before and after is read by people.
    prose, mark, drawing = words.partition("```mermaid\n")
    drawing, end, after = drawing.partition("\n```")
    lines = [f"{about['clause']}: {verdict}", f"{about['guarantee']}: {promise}"]
    before = [part for line in [*lines, *prose.splitlines()] for part in wrapped(line)]
    behind = [part for line in after.splitlines() for part in wrapped(line)]
    return "\n".join([*before, mark + drawing + end + "\n".join(behind)]).rstrip("\n")


def _own(error: BaseException) -> list[traceback.FrameSummary]:
    """The frames of the store's code: those after the last one of the contract."""
    own: list[traceback.FrameSummary] = []
    for frame in traceback.extract_tb(error.__traceback__):
        is_ours = Path(frame.filename).parent == Path(__file__).parent
        own = [] if is_ours else [*own, frame]
    return own


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _reason(report: pytest.TestReport) -> str:
    if isinstance(report.longrepr, tuple):
        return report.longrepr[2].removeprefix("Skipped: ").removeprefix("not offered: ")
    return report.longreprtext
