"""Draws the conformance matrix: guarantees down, stores across, each cell from evidence."""

import re
from collections import defaultdict
from pathlib import Path

from executable_pages import reader
from executable_pages.evidence import UNKNOWN, Claim, Evidence
from executable_pages.tree import Fence, PageError

DIFFERENCES = "known-differences.md"
RECIPES = "docs/recipes/"
YES = '<Badge color="green">✓ yes</Badge>'
NO = '<Badge color="red">✗ no</Badge>'

# By guarantee and store, what became of each clause.
Outcomes = dict[str, dict[str, list[dict[str, str]]]]


def outcomes(evidence: Evidence, root: Path) -> Outcomes:
    """The clauses of a run that are about today's pages."""
    found: Outcomes = defaultdict(lambda: defaultdict(list))
    shown = {
        f"{DIFFERENCES}#{claim.details['difference']}"
        for claim in evidence.claims
        if claim.kind == "difference" and claim.verdict == "departs"
    }
    blocks: dict[str, set[str]] = {}
    for claim in evidence.claims:
        if claim.kind != "clause":
            continue
        said = dict(claim.details)
        # A race can go well by luck; the program of the known difference leaves none to it.
        if said.get("departure") in shown:
            said["outcome"] = "failed"
        if claim.page not in blocks:
            blocks[claim.page] = _digests(root / claim.page)
        if _is_about_now(claim, blocks[claim.page]):
            found[said["guarantee"]][said["store"]].append(said)
    return found


def _is_about_now(claim: Claim, blocks: set[str]) -> bool:
    return not claim.page.startswith(RECIPES) or claim.digest in blocks


def table(found: Outcomes, promises: dict[str, str] | None = None) -> list[str]:
    """The rows of the matrix, in the language of pages; `promises` are their sentences."""
    if not found:
        return [f"The matrix is {UNKNOWN}. `make test` measures it."]
    stores = sorted({store for row in found.values() for store in row}, key=_order)
    said = promises or {}
    rows = ["| Guarantee | " + " | ".join(stores) + " |", "|---" * (len(stores) + 1) + "|"]
    # What some store breaks is why one looks here, so it stands first.
    for guarantee in sorted(found, key=lambda each: (not _is_broken(found[each]), each)):
        cells = [cell(found[guarantee].get(store, [])) for store in stores]
        link = f"[{said.get(guarantee, guarantee)}](/verification/guarantees#{guarantee})"
        rows.append(f"| {link} | " + " | ".join(cells) + " |")
    return ['<div className="matrix">', "", *rows, "", "</div>"]


def promises(root: Path) -> dict[str, str]:
    """The sentence of each guarantee, from the page that lists them."""
    path = root / "docs" / "verification" / "guarantees.md"
    try:
        text = path.read_text(encoding="utf-8")
    except OSError:
        return {}
    return dict(re.findall(r"^## (\S+)\n\n(.+)$", text, re.MULTILINE))


def _is_broken(row: dict[str, list[dict[str, str]]]) -> bool:
    return any(clause["outcome"] == "failed" for clauses in row.values() for clause in clauses)


def cell(clauses: list[dict[str, str]]) -> str:
    """One store's verdict on one guarantee: the worst of its clauses."""
    said = {clause["outcome"] for clause in clauses}
    if "failed" in said:
        failed = [clause for clause in clauses if clause["outcome"] == "failed"]
        links = sorted({clause.get("departure") or DIFFERENCES for clause in failed})
        return f"{NO} " + ", ".join(map(_link, links))
    if "passed" in said:
        return YES
    return "-" if "not offered" in said else UNKNOWN


def _link(entry: str) -> str:
    """A link to an entry of the known differences says its heading."""
    page, mark, anchor = entry.partition("#")
    title = anchor.replace("-", " ") or "known differences"
    return f"[{title}](/verification/{page.removesuffix('.md')}{mark}{anchor})"


def _digests(page: Path) -> set[str]:
    """The digests of the blocks that stand on a page now."""
    try:
        return {fence.digest for fence in reader.read(page).every(Fence)}
    except (OSError, PageError):
        return set()


def _order(store: str) -> tuple[int, str]:
    """The reference first, then the release, then the recipes."""
    kinds = ("Reference", "Release")
    return next((n for n, kind in enumerate(kinds) if store.startswith(kind)), len(kinds)), store
