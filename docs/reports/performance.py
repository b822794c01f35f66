"""Shows what `make bench` measured: stores side by side in one run, as plots with their tables."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from docs.reports import plots
from docs.reports.costs import UNKNOWN, failed
from docs.reports.reports import load
from executable_pages import reader
from executable_pages.digests import of_store
from executable_pages.tree import Html, Node, Place

Rows = list[dict[str, Any]]

# In this order, so that each keeps its colour from plot to plot.
PLOTTED = (
    "Reference",
    "Reference, not durable",
    "PraisonAI, DefaultSessionStore",
    "PraisonAI, SqliteTranscriptStore",
    "openai-agents, SQLiteSession",
    "LangChain, file",
    "SQLite",
    "Floor, filelock",
)
_NOWHERE = Place(1, 1, 0, 0)


class Plot(NamedTuple):
    """What one plot shows: the rows of some work, and which of their numbers."""

    name: str
    title: str
    work: str
    over: str
    value: str
    x: str
    y: str


PLOTS = (
    Plot("reads", "Reading a whole history", "read", "size", "median", "messages", "milliseconds"),
    Plot("appends", "Appending a message", "append", "size", "median", "messages", "milliseconds"),
    Plot(
        "writers",
        "Processes that append to one session of 100 messages",
        "one session",
        "processes",
        "rate",
        "processes",
        "appends a second",
    ),
)


def nodes(root: Path) -> list[Node]:
    """The plots, each with its table, the ratios that were aimed at, and what was measured on."""
    found = load(root, "performance")
    if not found:
        return _read([UNKNOWN])
    shown: list[Node] = []
    for plot in PLOTS:
        drawn = _series(plot, found["rows"])
        description = f"{plot.y.capitalize()} against {plot.x}; the table below has the numbers."
        svg = plots.lines(plot.name, plot.title, description, drawn, x=plot.x, y=plot.y)
        shown += _read([f"## {plot.title}"])
        shown.append(Html(_NOWHERE, text=f'<div class="wide">{svg}</div>'))
        shown += _read(["", *_numbers(plot, found["rows"])])
    return shown + _read(_tables(found, root))


def lines(root: Path) -> list[str]:
    """The same as Markdown, without the drawings."""
    found = load(root, "performance")
    if not found:
        return [UNKNOWN]
    shown = []
    for plot in PLOTS:
        shown += [f"## {plot.title}", "", *_numbers(plot, found["rows"]), ""]
    return shown + _tables(found, root)


def _tables(found: dict[str, Any], root: Path) -> list[str]:
    """What stands behind the plots."""
    return [
        *("## What else was measured", "", *_others(found["rows"]), ""),
        *("## What was aimed at", "", *_goals(found["goals"]), ""),
        *("## What else was tried", "", *_trials(found.get("trials", [])), ""),
        _about(found, root),
    ]


def _series(plot: Plot, rows: Rows) -> dict[str, list[plots.Point]]:
    """The points of each store that has some."""
    series = {
        name: [
            (float(row[plot.over]), _value(row, plot.value))
            for row in rows
            if row["work"] == plot.work and row["contender"] == name and not failed(row)
        ]
        for name in PLOTTED
    }
    return {name: points for name, points in series.items() if points}


def _numbers(plot: Plot, rows: Rows) -> list[str]:
    """The table of a plot."""
    drawn = _series(plot, rows)
    # Of writes that were lost or refused no speed is told: the table says what became of them.
    told = {
        (row["contender"], float(row[plot.over])): failed(row)
        for row in rows
        if row["work"] == plot.work and row["contender"] in PLOTTED
    }
    over = sorted({x for _, x in told})
    head = [plot.x.capitalize(), *(f"{x:,.0f}" for x in over)]
    grows = plot.over == "size"
    table = [_row([*head, "Grows like"] if grows else head)]
    table.append("|---" * (len(head) + grows) + "|")
    for name, points in drawn.items():
        there = dict(points)
        cells = [plots.number(there[x]) if x in there else told.get((name, x)) or "-" for x in over]
        table.append(_row([name, *cells, *([_growth(points)] if grows else [])]))
    return [f'<Accordion title="The numbers, in {plot.y}">', "", *table, "", "</Accordion>"]


def _growth(points: Sequence[plots.Point]) -> str:
    """How the cost grows from 100 messages on: n to the power of the slope."""
    long = [point for point in points if point[0] >= 100]
    return f"n^{plots.exponent(long):.1f}" if len(long) > 1 else "-"


def _value(row: dict[str, Any], name: str) -> float:
    return float(row[name]) * (1 if name == "rate" else 1e3)


def _others(rows: Rows) -> list[str]:
    table = ["| Work | Store | Median, ms | 99th percentile, ms |", "|---|---|---|---|"]
    for row in rows:
        if row["work"] not in {plot.work for plot in PLOTS} or row["kind"] == "recipe":
            said = [plots.number(1e3 * row[k]) for k in ("median", "p99")]
            said = [failed(row), "-"] if failed(row) else said
            table.append(_row([_work(row), row["contender"], *said]))
    return table


def _work(row: dict[str, Any]) -> str:
    if row["work"] in ("list", "find by agent"):
        return f"{row['work']}, {row['size']:,} sessions"
    many = f", {row['processes']} processes" if row["processes"] > 1 else ""
    return f"{row['work']}, {row['size']:,} messages{many}"


def _goals(goals: list[dict[str, Any]]) -> list[str]:
    table = ["| Ratio | Aim | Measured | Verdict | The floor on `flock` |", "|---|---|---|---|---|"]
    for goal in goals:
        verdict = "met" if goal["met"] else "**missed**"
        floor = goal.get("floor")
        cells = [goal["what"], goal["aim"], f"{goal['value']:,.2f}", verdict]
        table.append(_row([*cells, "-" if floor is None else f"{floor:,.2f}"]))
    return table


def _trials(found: Rows) -> list[str]:
    if not found:
        return [UNKNOWN]
    table = ["| To | Way | Median, ms | What it gives up |", "|---|---|---|---|"]
    for each in found:
        cells = [each["work"], each["way"], plots.number(1e3 * each["median"]), each["gives_up"]]
        table.append(_row(cells))
    return table


def crossing(root: Path) -> list[str]:
    """Up to how many messages an append to a JSON file is the cheaper one, as it was measured."""
    goals = load(root, "performance").get("goals", [])
    found = [goal["value"] for goal in goals if goal["what"].startswith("messages at which")]
    if not goals:
        return [UNKNOWN]
    if not found:
        return ["Measured: an append to a JSON file costs more than one to SQLite at every length."]
    return [
        f"Measured: up to about **{found[0]:,.0f} messages** of 160 characters, an append that "
        "does not flush costs less in a JSON file than in the SQLite of openai-agents, which "
        "flushes once. [From there on](/verification/performance) a file costs more."
    ]


def _about(found: dict[str, Any], root: Path) -> str:
    machine, versions = found["machine"], found["versions"]
    about = (
        f"One run on {found['date']}: {machine['cores']} cores ({machine['processor']}), "
        f"{machine['system']}, {machine['file system']}, Python {machine['python']}; "
        + ", ".join(f"{name} {version}" for name, version in versions.items())
    )
    if found["store"] != of_store(root):
        about += ". The code of the store has changed since"
    return f"{about}."


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _read(lines: list[str]) -> list[Node]:
    return reader.read(Path("<Benchmark />"), ("\n".join(lines) + "\n").encode()).children
