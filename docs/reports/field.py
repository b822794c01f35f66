"""Shows what `make field` found: the stores that people would pick, under the contract."""

from pathlib import Path
from typing import Any

from docs.reports.matrix import promises
from docs.reports.reports import load
from executable_pages.anchors import slug
from executable_pages.digests import of_contract

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
    found = load(root, "field")
    if not found:
        return [UNKNOWN]
    stores = found["stores"]
    sentences = promises(root)
    about = f"Run on {found['date']}, with the versions shown"
    now = of_contract(root)
    older = sum(each.get("contract", found["contract"]) != now for each in stores)
    if older:
        about += ". The contract has changed since"
    if 0 < older < len(stores):
        about += f" for {older} of {len(stores)} stores: what it asks now is not run there"
    return [
        f"{about}.",
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
    if not said:
        return "not run"
    return next((each for each in WORST if each in said), "not offered")


def broken(store: dict[str, Any]) -> list[str]:
    """The promises that a store was seen to break: what is red on the page."""
    return [each for each in _guarantees([store]) if COLOURS.get(verdict(store, each)) == "red"]


def _overview(stores: list[dict[str, Any]]) -> list[str]:
    rows = [
        "| Store | Version | Promises that hold | Broken | Refused | Of 400 appends |",
        "|---|---|---|---|---|---|",
    ]
    for store in stores:
        told = [verdict(store, each) for each in _guarantees([store])]
        failed = len(broken(store))
        cells = [
            f"[{store['name']}](#{slug(store['name'])})",
            store["version"],
            str(told.count("passed")),
            f"**{failed}**" if failed else "0",
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
    if said == "not run":
        return said
    return f'<Badge color="{colour}">{said}</Badge>' if colour else "-"


def _section(store: dict[str, Any], sentences: dict[str, str]) -> list[str]:
    what = f"`{store['distribution']}` {store['version']}, made for {store['made_for']}."
    counted = f"100 appends each to one session, without the contract: {_counted(store['count'])}."
    section = ["", f"## {store['name']}", "", f"{what} {store['better']}", ""]
    section.append(f"Four processes, {counted}{_errors(store['count'])}")
    if store["report"]:
        section += ["", f"Reported as {store['report']}."]
    if store["runs"] == 1:
        section += ["", "Races were judged in one run so far, and may go otherwise in another one."]
    for promise, (one, other) in store["differ"].items():
        section += [
            "",
            f"Two runs do not agree on `{promise}`: **{one}** in one, **{other}** in the other.",
        ]
    failed = [each for each in store["clauses"] if COLOURS.get(each["verdict"]) == "red"]
    section += ["", "What does not hold:", ""] if failed else []
    for each in failed:
        counts = f" {each['counts']}." if each["counts"] else ""
        promise = sentences.get(each["guarantee"], each["guarantee"])
        often = f" in {each['failed']} of {each['rounds']} rounds"
        section.append(
            f"- {_title(each)}: **{each['verdict']}**{often}.{counts} Promised: {promise}"
        )
    for program, shown in _programs(store):
        title = f"{' and '.join(shown)}, shown without the contract"
        section += _folded(
            title, ["```python", *program["text"].splitlines(), "```", "", _said(program)]
        )
    for each in failed:
        if "drawing" in each:
            drawing = ["```text", *each["drawing"].splitlines(), "```", "", _replayed(each)]
            section += _folded(f"{_title(each)}, as it was recorded", drawing)
    return section


def _folded(title: str, lines: list[str]) -> list[str]:
    return ["", f'<Accordion title="{title}">', "", *lines, "", "</Accordion>"]


def _programs(store: dict[str, Any]) -> list[tuple[dict[str, Any], list[str]]]:
    """Each program of a store, with the promises that it shows to be broken."""
    shown: dict[str, tuple[dict[str, Any], list[str]]] = {}
    for promise, program in store["programs"].items():
        shown.setdefault(program["fault"], (program, []))[1].append(promise)
    return list(shown.values())


def _said(program: dict[str, Any]) -> str:
    which = "The first run" if program["run"] == 1 else f"Run {program['run']}"
    return f"{which} ended with:\n\n```text\nAssertionError: {program['said']}\n```"


def _replayed(clause: dict[str, Any]) -> str:
    told, right = clause["replayed"], clause["reference"]
    return (
        f"Performed again {told['rounds']} times on this store, it was answered wrongly "
        f"{told['wrong']} times, {told['as_drawn']} of them exactly so; "
        f"in {right['rounds']} times on the reference, never."
    )


def _errors(count: dict[str, Any]) -> str:
    said = ", ".join(f"{number} `{name}`" for name, number in count["errors"].items())
    return f" The errors: {said}." if said else ""


def _title(clause: dict[str, Any]) -> str:
    return str(clause["clause"]).replace("_", " ")
