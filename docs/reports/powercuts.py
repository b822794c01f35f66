"""Shows what power cuts on real file systems left of what had been acknowledged.

The numbers stand in `docs/verification/powercuts.json`, which `make powercuts` writes as root.
"""

from pathlib import Path
from typing import Any

from docs.reports import reports
from executable_pages.evidence import UNKNOWN
from executable_pages.marks import spoken


def report_of(root: Path) -> Path:
    """Where `make powercuts` leaves its report."""
    return reports.place(root, "powercuts")


def load(root: Path) -> dict[str, Any]:
    """The report; empty when there is none."""
    return reports.load(root, "powercuts")


def table(root: Path) -> list[str]:
    """A row for each store and file system, in the language of pages."""
    report = load(root)
    if not report:
        return [f"The cuts are {UNKNOWN}. `make powercuts` makes them, as root."]
    rows = [
        "| Store | On | Cuts | With a loss | Acknowledged | Lost | Oldest | Also what was safe |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for each in report["rows"]:
        cells = [each["store"], each["file_system"], str(each["cuts"]), _bad(each)]
        cells += [f"{each['acknowledged']:,}", f"**{each['lost']:,}**"]
        cells += [f"{each['seconds']:.1f} s" if each["lost"] else "", str(each["safe"] or "")]
        rows.append(f"| {' | '.join(cells)} |")
    return [*rows, "", f"Done on {spoken(report['day'])}, on {report['machine']}."]


def _bad(row: dict[str, Any]) -> str:
    """After how many cuts something was lost, and how often the server refused what was left."""
    refused = row.get("refused", 0)
    return f"**{row['bad']}**" + (f", {refused} without a start" if refused else "")
