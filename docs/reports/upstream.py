"""Shows what `make upstream` found: how the programs of upstream's pages about sessions end."""

from collections import Counter
from itertools import groupby
from pathlib import Path
from typing import Any

from docs.reports.reports import load
from executable_pages.marks import spoken

UNKNOWN = "Nothing was run in this checkout. `make upstream` does it."
# How a block ends, and what that is no fault of.
KINDS = {
    "name": "a name that the block does not define; many continue the block above them",
    "package": "a package that is not among the two; many of the pages say to install it",
    "absent": "a parameter, class, attribute or storage that this release does not have",
    "network": "another machine, which there was not",
    "time": "no end within a minute, as a server has",
    "other": "another error",
}


def lines(root: Path) -> list[str]:
    """The counts, what is said most, and each page with its lines, in the language of pages."""
    found = load(root, "upstream")
    if not found:
        return [UNKNOWN]
    return [
        *_about(found),
        "",
        *_kinds(found),
        "",
        "### What this release does not have",
        "",
        *_absent(found),
        "",
        "### Page by page",
        "",
        *_pages(found),
    ]


def _about(found: dict[str, Any]) -> list[str]:
    packages = " and ".join(f"`{name}` {version}" for name, version in found["packages"].items())
    address = f"https://github.com/{found['source']}/tree/{found['commit']}"
    alone, order = found["alone"], found["in_order"]
    blocks = sum(found["blocks"].values())
    return [
        f"Run on {spoken(found['date'])} with {packages}, on "
        f"[commit {found['commit'][:7]}]({address}) of {spoken(found['committed'])}. Chosen were "
        f"pages by their path: {found['rule']}. Of {found['chosen']} such pages "
        f"{len(found['blocks'])} have Python, {blocks} blocks. Run alone, "
        f"**{blocks - len(alone)}** end without an error; behind the blocks above them on their "
        f"pages **{blocks - len(order)}**."
    ]


def _kinds(found: dict[str, Any]) -> list[str]:
    alone, order = (Counter(row["kind"] for row in found[way]) for way in ("alone", "in_order"))
    rows = ["| What stops a block | Alone | In page order |", "|---|---|---|"]
    shown = [each for each in KINDS if alone[each] or order[each]]
    return rows + [f"| {KINDS[each]} | {alone[each]} | {order[each]} |" for each in shown]


def _absent(found: dict[str, Any]) -> list[str]:
    """What is said of absent names, the most frequent first; a block counts once, either way."""
    places = {
        (row["page"], row["line"], row["said"])
        for way in ("alone", "in_order")
        for row in found[way]
        if row["kind"] == "absent"
    }
    counts = Counter(said for _, _, said in places)
    rows = ["| It says | Places |", "|---|---|"]
    shown = sorted(counts.items(), key=lambda each: (-each[1], each[0]))
    return rows + [f"| {_code(said)} | {count} |" for said, count in shown]


def _pages(found: dict[str, Any]) -> list[str]:
    rows = {page: list(of) for page, of in groupby(found["alone"], lambda row: row["page"])}
    made: list[str] = []
    for page, blocks in found["blocks"].items():
        failed = rows.get(page, [])
        title = f"{page.removeprefix('docs/')}: {blocks - len(failed)} of {blocks} end well"
        made += [f'<Accordion title="{title}">', ""]
        made += [f"- line {row['line']}: {_said(row)}" for row in failed] or ["Nothing stops here."]
        made += ["", "</Accordion>", ""]
    return made


def _said(row: dict[str, Any]) -> str:
    return _code(row["said"]) if row["said"] else KINDS["time"]


def _code(said: str) -> str:
    """An error as code in a table."""
    return "`` " + said.replace("|", "\\|") + " ``" if "`" in said else f"`{said}`"
