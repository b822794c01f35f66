"""Shows what `make field` found: the stores that people would pick, under the contract."""

import json
from pathlib import Path
from typing import Any

from docs.plugins.anchors import slug
from docs.plugins.matrix import promises

UNKNOWN = "No store was run in this checkout. `make field` does it."
# The worst of a promise's clauses is what a store is told, in this order.
WORST = ("lost", "torn", "broken", "error", "refused", "not judged", "passed", "not offered")
COLOURS = {
    "passed": "green",
    "lost": "red",
    "torn": "red",
    "broken": "red",
    "error": "red",
    "refused": "orange",
    "not judged": "orange",
}


def lines(root: Path) -> list[str]:
    """The overview, every cell, and a section for each store, in the language of pages."""
    path = root / "docs" / "verification" / "field.json"
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return [UNKNOWN]
    stores = found["stores"]
    sentences = promises(root)
    return [
        f"Run on {found['date']}, with the versions shown.",
        "",
        *_overview(stores),
        "",
        "## Every promise",
        "",
        *_cells(stores, sentences),
        *(line for store in stores for line in _section(store, sentences)),
    ]


def verdict(store: dict[str, Any], guarantee: str) -> str:
    """What a store is told about a promise: the worst of its clauses."""
    said = {each["verdict"] for each in store["clauses"] if each["guarantee"] == guarantee}
    return next((each for each in WORST if each in said), "not offered")


def _overview(stores: list[dict[str, Any]]) -> list[str]:
    rows = [
        "| Store | Version | Promises that hold | Broken | Refused | Of 400 appends |",
        "|---|---|---|---|---|---|",
    ]
    for store in stores:
        told = [verdict(store, each) for each in _guarantees([store])]
        broken = sum(COLOURS.get(each) == "red" for each in told)
        cells = [
            f"[{store['name']}](#{slug(store['name'])})",
            store["version"],
            str(told.count("passed")),
            f"**{broken}**" if broken else "0",
            str(told.count("refused")),
            _counted(store["count"]),
        ]
        rows.append(f"| {' | '.join(cells)} |")
    return rows


def _counted(count: dict[str, Any]) -> str:
    """What became of the appends of four processes, as one says it."""
    parts = [f"{count['kept']} kept"]
    if count["lost"]:
        parts.append(f"**{count['lost']} lost**")
    if count["refused"]:
        parts.append(f"{count['refused']} refused")
    if count["unreadable"]:
        parts.append("unreadable")
    return ", ".join(parts)


def _cells(stores: list[dict[str, Any]], sentences: dict[str, str]) -> list[str]:
    head = "| Promise | " + " | ".join(store["name"] for store in stores) + " |"
    rows = ['<div className="matrix">', "", head, "|---" * (len(stores) + 1) + "|"]
    for guarantee in _guarantees(stores):
        cells = [_badge(verdict(store, guarantee)) for store in stores]
        promise = f"[{sentences.get(guarantee, guarantee)}](/verification/guarantees#{guarantee})"
        rows.append(f"| {promise} | {' | '.join(cells)} |")
    return [*rows, "", "</div>"]


def _guarantees(stores: list[dict[str, Any]]) -> list[str]:
    return list(dict.fromkeys(each["guarantee"] for store in stores for each in store["clauses"]))


def _badge(said: str) -> str:
    colour = COLOURS.get(said)
    return f'<Badge color="{colour}">{said}</Badge>' if colour else "-"


def _section(store: dict[str, Any], sentences: dict[str, str]) -> list[str]:
    what = f"`{store['distribution']}` {store['version']}, made for {store['made_for']}."
    counted = f"100 appends each to one session, without the contract: {_counted(store['count'])}."
    section = ["", f"## {store['name']}", "", f"{what} {store['better']}", ""]
    section.append(f"Four processes, {counted}{_errors(store['count'])}")
    if store["report"]:
        section += ["", f"Reported as {store['report']}."]
    failed = [each for each in store["clauses"] if COLOURS.get(each["verdict"]) == "red"]
    section += ["", "What does not hold:", ""] if failed else []
    for each in failed:
        counts = f" {each['counts']}." if each["counts"] else ""
        promise = sentences.get(each["guarantee"], each["guarantee"])
        section.append(f"- {_title(each)}: **{each['verdict']}**.{counts} Promised: {promise}")
    for each in failed:
        if each["drawing"]:
            opened = f'<Accordion title="{_title(each)}, as it was recorded">'
            drawing = ["```text", *each["drawing"].splitlines(), "```"]
            section += ["", opened, "", *drawing, "", "</Accordion>"]
    return section


def _errors(count: dict[str, Any]) -> str:
    said = ", ".join(f"{number} `{name}`" for name, number in count["errors"].items())
    return f" The errors: {said}." if said else ""


def _title(clause: dict[str, Any]) -> str:
    return str(clause["clause"]).replace("_", " ")
