"""Draws the conformance matrix: guarantees down, stores across, each cell from evidence."""

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

from digests import of_implementation, of_text
from markdown_it import MarkdownIt
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page

PLACE = "<Matrix />"
UNKNOWN = "not measured in this checkout"
DIFFERENCES = "known-differences.md"
RECIPES = "docs/recipes/"

# By guarantee and store, what became of each clause.
Outcomes = dict[str, dict[str, list[dict[str, Any]]]]


def on_page_markdown(markdown: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Put the matrix where a page asks for it."""
    if PLACE not in markdown:
        return markdown
    root = Path(config.config_file_path).parent
    return markdown.replace(PLACE, "\n".join(table(outcomes(root))))


def outcomes(root: Path) -> Outcomes:
    """The clauses of the last run that are about today's code and today's pages."""
    path = root / "build" / "evidence.json"
    if not path.exists():
        return {}
    evidence = json.loads(path.read_text(encoding="utf-8"))
    if evidence.get("implementation") != of_implementation(root):
        return {}
    found: Outcomes = defaultdict(lambda: defaultdict(list))
    shown = {
        f"{DIFFERENCES}#{claim['difference']}"
        for claim in evidence["claims"]
        if claim["kind"] == "difference" and claim["verdict"] == "departs"
    }
    for claim in evidence["claims"]:
        if claim["kind"] != "clause":
            continue
        # A race can go well by luck; the program of the known difference leaves none to it.
        if claim.get("departure") in shown:
            claim["outcome"] = "failed"
        recipe = claim["page"].startswith(RECIPES)
        if not recipe or claim["digest"] in _digests(root / claim["page"]):
            found[claim["guarantee"]][claim["store"]].append(claim)
    return found


def table(found: Outcomes) -> list[str]:
    """The rows of the matrix."""
    if not found:
        return [f"The matrix is {UNKNOWN}. `make test` measures it."]
    stores = sorted({store for row in found.values() for store in row}, key=_order)
    rows = ["| Guarantee | " + " | ".join(stores) + " |", "|---" * (len(stores) + 1) + "|"]
    for guarantee in sorted(found):
        cells = [cell(found[guarantee].get(store, [])) for store in stores]
        link = f"[{guarantee}](guarantees.md#{guarantee})"
        rows.append(f"| {link} | " + " | ".join(cells) + " |")
    return rows


def cell(clauses: list[dict[str, Any]]) -> str:
    """One store's verdict on one guarantee: the worst of its clauses."""
    said = {clause["outcome"] for clause in clauses}
    if "failed" in said:
        failed = [clause for clause in clauses if clause["outcome"] == "failed"]
        links = sorted({clause.get("departure") or DIFFERENCES for clause in failed})
        return "**no**: " + ", ".join(f"[{_title(link)}]({link})" for link in links)
    if "passed" in said:
        return "yes"
    return "-" if "not offered" in said else UNKNOWN


def _title(link: str) -> str:
    """What a link to an entry says: its heading."""
    return link.partition("#")[2].replace("-", " ") or "known differences"


def _digests(page: Path) -> set[str]:
    """The digests of the blocks that stand on a page now."""
    try:
        tokens = MarkdownIt("commonmark").parse(page.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return set()
    return {of_text(token.content) for token in tokens if token.type == "fence"}


def _order(store: str) -> tuple[int, str]:
    """The reference first, then the release, then the recipes."""
    kinds = ("Reference", "Release")
    return next((n for n, kind in enumerate(kinds) if store.startswith(kind)), len(kinds)), store
