"""Tables that are lived through: a lie in a cell, a row or a way to ask is caught."""

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from executable_pages.testing.sandbox import Sandbox
from executable_pages.testing.scanner import Table
from executable_pages.testing.wrong import Wrong
from tests.subject.lived import REFERENCE, hold_loops, hold_stored, live
from tests.subject.project import SUBJECT
from tests.subject.targets import Target

Hold = Callable[[Table, dict[str, Any], Target], None]
HOLDS: dict[str, Hold] = {"entries": hold_stored, "loops": hold_loops}


def _table(comment: str) -> Table:
    tables = [table for page in SUBJECT.pages() for table in page.tables]
    return next(table for table in tables if table.comment == comment)


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the reference did, once for all lies."""
    sandbox = Sandbox(Path(tmp_path_factory.mktemp("lived")))
    return live("entries", Target.REFERENCE, sandbox)


def _own_rows(table: Table) -> list[int]:
    return [index for index, row in enumerate(table.rows) if row[0].startswith(REFERENCE)]


def _with(table: Table, row: int, column: int, cell: str) -> Table:
    rows = [list(each) for each in table.rows]
    rows[row][column] = cell
    return dataclasses.replace(table, rows=tuple(map(tuple, rows)))


def test_each_cell_of_what_an_agent_stores_is_held(lived: dict[str, Any]) -> None:
    """Whichever cell of a row says something else, the row and the column are named."""
    table = _table("table: stored")
    hold_stored(table, lived, Target.REFERENCE)
    for row in _own_rows(table):
        for column, head in enumerate(table.header[1:], 1):
            with pytest.raises(Wrong, match=f"^docs/features/agent-turns.*{head} is"):
                hold_stored(_with(table, row, column, "perhaps"), lived, Target.REFERENCE)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda first: first.replace(", `achat`", "", 1), "leaves out `achat`"),
        (lambda first: f"{first}, `chat`", "lived through once"),
        (lambda first: f"{first}, `ask`", "`ask`: it is lived through once"),
        (lambda first: first.replace("to its end", "closed early"), "Answer stored is 'no'"),
    ],
)
def test_each_way_to_ask_has_one_row(
    change: Callable[[str], str], complaint: str, lived: dict[str, Any]
) -> None:
    """A way that is left out, stands twice or does not exist fails."""
    table = _table("table: stored")
    row = _own_rows(table)[0]
    lie = _with(table, row, 0, change(table.rows[row][0]))
    with pytest.raises(Wrong, match=complaint):
        hold_stored(lie, lived, Target.REFERENCE)


def test_each_cell_of_what_stops_a_loop_is_held() -> None:
    """Whichever call is said to stop a loop otherwise than it did, its row is named."""
    table = _table("table: loops")
    seen = {
        row[0]: [row[1]] if row[2] == "asks none" else [row[1], row[1], row[2]]
        for row in table.rows
    }
    hold_loops(table, seen, Target.REFERENCE)
    for call, ways in seen.items():
        for number, way in enumerate(ways):
            other = {"stands still": "goes on", "goes on": "stands still"}[way]
            lie = seen | {call: [*ways[:number], other, *ways[number + 1 :]]}
            with pytest.raises(Wrong, match="async-programs"):
                hold_loops(table, lie, Target.REFERENCE)
