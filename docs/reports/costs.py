"""Shows what the stores of the field cost, as ratios to the reference in the same run."""

from pathlib import Path
from typing import Any

from docs.reports.reports import load
from executable_pages.anchors import slug

UNKNOWN = "Nothing was measured in this checkout. `make bench` does it."
REFERENCE = "Reference"
MESSAGES = 100
WRITERS = 4
# A number and its unit stay on one line.
_UNIT = "\N{NO-BREAK SPACE}ms"
Row = dict[str, Any]


class Costs:
    """The rows of a report, by contender."""

    def __init__(self, rows: list[Row]) -> None:
        self._rows = {(r["contender"], r["work"], r["size"], r["processes"]): r for r in rows}

    def row(
        self, name: str, work: str, size: int = MESSAGES, processes: int = 1
    ) -> dict[str, Any] | None:
        """What was measured of a store at some work, if it was."""
        return self._rows.get((name, work, size, processes))

    def milliseconds(self, name: str, work: str, size: int = MESSAGES) -> str:
        """The median, as a cell says it."""
        row = self.row(name, work, size)
        return short(1e3 * row["median"]) if row else "-"

    def ratio(self, name: str, work: str) -> str:
        """How many times the reference's median it is."""
        mine, theirs = self.row(name, work), self.row(REFERENCE, work)
        return short(mine["median"] / theirs["median"]) if mine and theirs else "-"

    def writers(self, name: str) -> str:
        """Appends a second of four processes, or what became of those that were not kept."""
        row = self.row(name, "one session", processes=WRITERS)
        if row is None:
            return "-"
        return failed(row) or f"{row['rate']:,.0f}"

    def sizes(self) -> list[int]:
        """The lengths of sessions, in messages."""
        return sorted({size for _, work, size, _ in self._rows if work == "append"})


def failed(row: Row) -> str:
    """What was lost and what was refused of the appends of a row, in words; "" if nothing was."""
    said = [f"**{row['lost']:,} lost**"] if row["lost"] else []
    said += [f"{row['refused']:,} refused"] if row["refused"] else []
    return f"{', '.join(said)} of {row['count']:,}" if said else ""


def short(value: float) -> str:
    """A number with two digits that mean something: `0.063`, `1.7`, `12`, `1,200`."""
    return f"{value:.2g}" if value < 9.95 else f"{value:,.0f}"


def lines(root: Path) -> list[str]:
    """The table of the field, and the medians behind it, in the language of pages."""
    found = load(root, "performance")
    if not found:
        return [UNKNOWN]
    costs = Costs(found["rows"])
    stores = found["field"]
    shown = ["| Store | Read | Append | Four writers | Opened cold, ms |", "|---|---|---|---|---|"]
    for store in stores:
        name = store["name"]
        linked = f"[{name}](/verification/field#{slug(name)})" if store["in_field"] else name
        pairs = [(costs.ratio(name, w), costs.milliseconds(name, w)) for w in ("read", "append")]
        times = [f"**{ratio}** ({time}{_UNIT})" for ratio, time in pairs]
        shown.append(
            _row([linked, *times, costs.writers(name), costs.milliseconds(name, "cold open")])
        )
    shown += ["", "| Store | What an append does, and is timed for |", "|---|---|"]
    shown += [_row([store["name"], store["append"]]) for store in stores]
    return [*shown, *_lengths(stores, costs)]


def _lengths(stores: list[Row], costs: Costs) -> list[str]:
    sizes = costs.sizes()
    head = ["Store", *(f"{work} at {size:,}" for work in ("Read", "Append") for size in sizes)]
    table = [_row(head), "|---" * len(head) + "|"]
    for store in stores:
        cells = [costs.milliseconds(store["name"], w, n) for w in ("read", "append") for n in sizes]
        table.append(_row([store["name"], *cells]))
    title = "The field at other lengths, in milliseconds"
    return ["", f'<Accordion title="{title}">', "", *table, "", "</Accordion>"]


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"
