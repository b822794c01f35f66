"""Shows what `make soak` injected into the reference store, and what was lost.

The numbers stand in `docs/verification/durability.json`, since the whole set takes far longer than
a test run. `make test` injects a sample of each, and its evidence says how many.
"""

from pathlib import Path
from typing import Any

from docs.reports import reports
from executable_pages.digests import of_store
from executable_pages.evidence import UNKNOWN, Evidence
from executable_pages.marks import spoken


def report_of(root: Path) -> Path:
    """Where `make soak` leaves its report."""
    return reports.place(root, "durability")


def load(root: Path) -> dict[str, Any]:
    """The report; empty when there is none."""
    return reports.load(root, "durability")


def table(root: Path, evidence: Evidence) -> list[str]:
    """A row for each kind of fault, in the language of pages."""
    report = load(root)
    if not report:
        return [f"The faults are {UNKNOWN}. `make soak` injects them."]
    rows = [
        "| What was done | Kinds | Injected | Lost | Of them in `make test` |",
        "|---|---|---|---|---|",
    ]
    for each in report["rows"]:
        sample = _sample(evidence, each["what"])
        injected, lost = f"{each['tried']:,}", f"{each['bad']:,}"
        rows.append(f"| {each['said']} | {each['kinds']} | {injected} | **{lost}** | {sample} |")
    about = f"Done on {spoken(report['day'])}, on {report['machine']}"
    if report["store"] != of_store(root):
        about += ", before the last change of the store"
    return [*rows, "", f"{about}."]


def breaks(root: Path) -> list[str]:
    """What was taken out of the store, and what then was found."""
    found = load(root).get("breaks", [])
    if not found:
        return [f"What was taken out is {UNKNOWN}."]
    rows = ["| Said of the broken store | Found by | As |", "|---|---|---|"]
    return rows + [f"| {each['said']} | {each['by']} | {each['loss']} |" for each in found]


def _sample(evidence: Evidence, what: str) -> str:
    """How many a test run injected, as far as they all passed."""
    claims = [
        each
        for each in evidence.claims
        if each.kind == "durability" and each.details.get("what") == what
    ]
    if not claims or not all(each.is_proof for each in claims):
        return UNKNOWN
    return f"{sum(int(each.details['tried']) for each in claims):,}"
