"""Draws the conformance matrix: guarantees down, stores across, each cell from evidence."""

import json
from collections import defaultdict
from pathlib import Path

from digests import of_implementation
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page

PLACE = "<Matrix />"
UNKNOWN = "not measured in this checkout"
CELLS = {"passed": "yes", "failed": "[**no**](known-differences.md)", "not offered": "-"}

Outcomes = dict[str, dict[str, set[str]]]


def on_page_markdown(markdown: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Put the matrix where a page asks for it."""
    if PLACE not in markdown:
        return markdown
    root = Path(config.config_file_path).parent
    return markdown.replace(PLACE, "\n".join(table(outcomes(root))))


def outcomes(root: Path) -> Outcomes:
    """What became of the clauses, by guarantee and store; empty without current evidence."""
    path = root / "build" / "evidence.json"
    if not path.exists():
        return {}
    evidence = json.loads(path.read_text(encoding="utf-8"))
    if evidence.get("implementation") != of_implementation(root):
        return {}
    found: Outcomes = defaultdict(lambda: defaultdict(set))
    for claim in evidence["claims"]:
        if claim["kind"] == "clause":
            found[claim["guarantee"]][claim["store"]].add(claim["outcome"])
    return found


def table(found: Outcomes) -> list[str]:
    """The rows of the matrix."""
    if not found:
        return [f"The matrix is {UNKNOWN}. `make test` measures it."]
    stores = sorted({store for row in found.values() for store in row}, key=_order)
    rows = ["| Guarantee | " + " | ".join(stores) + " |", "|---" * (len(stores) + 1) + "|"]
    for guarantee in sorted(found):
        cells = [cell(found[guarantee].get(store, set())) for store in stores]
        link = f"[{guarantee}](guarantees.md#{guarantee})"
        rows.append(f"| {link} | " + " | ".join(cells) + " |")
    return rows


def cell(outcome: set[str]) -> str:
    """One store's verdict on one guarantee: the worst of its clauses."""
    for verdict in ("failed", "passed", "not offered"):
        if verdict in outcome:
            return CELLS[verdict]
    return "?"


def _order(store: str) -> tuple[int, str]:
    """The reference first, then the release, then the recipes."""
    return (not store.startswith("Reference")) + (not store.startswith("Re")), store
