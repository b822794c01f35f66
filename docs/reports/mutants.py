"""Shows what became of the lies that `make mutants` told to pages and code.

The numbers stand in `docs/verification/mutants.json`, since telling every lie takes longer than a
test run. Digests in it say which pages and which code they are about.
"""

from pathlib import Path
from typing import Any

from docs.reports import reports
from executable_pages.digests import of_implementation, of_pages
from executable_pages.evidence import UNKNOWN

EARLIER = "measured before the last change of"


def report_of(root: Path) -> Path:
    """Where `make mutants` leaves its report."""
    return reports.place(root, "mutants")


def load(root: Path) -> dict[str, Any]:
    """The report; empty when there is none."""
    return reports.load(root, "mutants")


def caught(report: dict[str, Any]) -> int:
    """How many lies were caught."""
    return sum(each["caught"] for each in report.get("told", []))


def stale(report: dict[str, Any], root: Path) -> str:
    """What has changed since the lies were told; empty for nothing."""
    now = {"the pages": of_pages(root), "the code": of_implementation(root)}
    then = {"the pages": report.get("pages"), "the code": report.get("implementation")}
    changed = [name for name, digest in now.items() if then[name] != digest]
    return f"{EARLIER} {' and '.join(changed)}" if changed else ""


def table(report: dict[str, Any], root: Path) -> list[str]:
    """What was told and caught, a row for each kind, in the language of pages."""
    if not report.get("told"):
        return [f"The lies are {UNKNOWN}. `make mutants` tells them."]
    rows = ["| Lies told to | Kind | Told | Caught |", "|---|---|---|---|"]
    for each in report["told"]:
        rows.append(f"| {each['sort']} | {each['kind']} | {each['told']} | {each['caught']} |")
    for sort in dict.fromkeys(each["sort"] for each in report["told"]):
        here = [each for each in report["told"] if each["sort"] == sort]
        told, caught = (sum(each[key] for each in here) for key in ("told", "caught"))
        rows.append(f"| **{sort}** | all | **{told}** | **{caught}**, {caught / told:.1%} |")
    if unjudged := report.get("unjudged"):
        text = "was to judge them was ended from outside, twice."
        rows += ["", f"Of {len(unjudged)} that were not caught nothing is known: what {text}"]
    if why := stale(report, root):
        rows += ["", f"This was {why}."]
    if note := report.get("note"):
        rows += ["", note]
    return rows


def survivors(report: dict[str, Any]) -> list[str]:
    """Each lie that nothing caught, with the reason why that is no gap, grouped by reason."""
    reasons: dict[str, list[dict[str, Any]]] = {}
    for each in report.get("survivors", []):
        reasons.setdefault(each["reason"] or "No reason is known.", []).append(each)
    if not reasons:
        return ["None."]
    lines: list[str] = []
    for reason, lies in reasons.items():
        lines += [f"**{reason}**", ""]
        lines += [f"- `{each['where']}`, {each['kind']}: {_code(each['lie'])}" for each in lies]
        lines.append("")
    return lines


def _code(text: str) -> str:
    """Text as inline code, with single backticks or none inside."""
    return f"`` {text} ``" if "`" in text else f"`{text}`"
