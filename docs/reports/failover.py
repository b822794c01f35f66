"""Shows what `make failover` found when machines were lost.

The numbers stand in `docs/verification/failover.json`, since ten failovers of each kind take far
longer than a test run.
"""

from pathlib import Path
from typing import Any

from docs.reports.reports import load
from executable_pages import reader
from executable_pages.evidence import UNKNOWN
from executable_pages.marks import spoken
from executable_pages.tree import Fence

HEAD = (
    "Recipe, setting",
    "Lost by",
    "Failovers",
    "Acknowledged",
    "Gone",
    "Raised",
    "Of these stored",
    "Doubled",
    "Outage",
    "In one order",
)


def table(root: Path) -> list[str]:
    """A row for each kind of failover, in the language of pages."""
    report = load(root, "failover")
    if not report:
        return [f"The failovers are {UNKNOWN}. `make failover` brings them about."]
    about = f"Done on {spoken(report['day'])}, on {report['machine']}"
    late = sorted({row["recipe"] for row in report["rows"] if _is_late(root, row)})
    if late:
        about += f", before the last change of {' and '.join(late)}"
    return [*rows(report), "", f"{about}."]


def _is_late(root: Path, row: dict[str, Any]) -> bool:
    """Whether the recipe is another one now."""
    page = reader.read(root / "docs" / "recipes" / f"{row['page']}.md")
    return row["program"] not in {fence.digest for fence in page.every(Fence)}


def rows(report: dict[str, Any]) -> list[str]:
    """The table of a report."""
    return [f"| {' | '.join(HEAD)} |", "|---" * len(HEAD) + "|", *map(_row, report["rows"])]


def _row(row: dict[str, Any]) -> str:
    count = row["failovers"]
    cells = [
        f"{row['recipe']}, {row['setting']}",
        row["loss"],
        f"{count}",
        f"{row['acknowledged']:,}",
        f"**{row['gone']:,}**",
        f"{row['raised']:,}",
        f"{row['stored']:,}",
        f"{row['doubled']:,}",
        f"{row['outage']} s, at most {row['longest']} s",
        f"{row['explained']} of {count}",
    ]
    return f"| {' | '.join(cells)} |"
