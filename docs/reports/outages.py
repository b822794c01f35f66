"""Shows what became of calls to the recipes' servers when the network failed.

The numbers stand in `docs/verification/outages.json`, which `make soak` writes. `make test` harms
a part of the packets, and its evidence says how many.
"""

from pathlib import Path
from typing import Any

from docs.reports import reports
from executable_pages.evidence import UNKNOWN, Evidence
from executable_pages.marks import spoken


def report_of(root: Path) -> Path:
    """Where `make soak` leaves its report."""
    return reports.place(root, "outages")


def table(root: Path, evidence: Evidence) -> list[str]:
    """A row for each recipe and each kind of harm, in the language of pages."""
    report = reports.load(root, "outages")
    if not report:
        return [f"The points are {UNKNOWN}. `make soak` goes through them."]
    rows = [
        "| At each packet | Recipe | Points | Lost | Doubled | Raised | Slowest | In `make test` |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for each in report["rows"]:
        cells = [each["said"], each["recipe"], f"{each['points']:,}"]
        cells += [f"**{each[name]}**" for name in ("lost", "doubled", "raised")]
        cells += [f"{each['slowest']:.1f} s", _sample(evidence, each)]
        rows.append(f"| {' | '.join(cells)} |")
    return [*rows, "", f"Done on {spoken(report['day'])}, on {report['machine']}."]


def _sample(evidence: Evidence, row: dict[str, Any]) -> str:
    """How many points a test run had, as far as they all passed."""
    claims = [
        each
        for each in evidence.claims
        if each.kind == "outage"
        and (each.details.get("recipe"), each.details.get("said")) == (row["recipe"], row["said"])
    ]
    if not claims or not all(each.is_proof for each in claims):
        return UNKNOWN
    return f"{sum(int(each.details['points']) for each in claims):,}"
