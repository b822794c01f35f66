"""The table of what the field costs says what the report of the last whole bench says."""

import json
import re
from pathlib import Path

import pytest

from docs.reports import costs, performance
from executable_pages.testing.scanner import ROOT
from tests.bench.contenders import FAST, REFERENCE
from tests.bench.report import OUTPUT
from tests.contract.peers.registry import PEERS

FOUND = json.loads(OUTPUT.read_text("utf-8"))
ROWS = {(r["contender"], r["work"], r["size"], r["processes"]): r for r in FOUND["rows"]}
STORES = [REFERENCE, FAST, *(peer.name for peer in PEERS)]
# Two digits of a number are within a twentieth of it.
CLOSE = 0.05


def tables(root: Path = ROOT) -> list[dict[str, list[str]]]:
    """The cells behind each store's name, in each table of the page."""
    found: list[dict[str, list[str]]] = []
    for line in costs.lines(root):
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if cells[0] == "Store":
            found.append({})
        elif len(cells) > 1 and not set(line) <= set("|-"):
            found[-1][re.sub(r"\[(.*)\]\(.*\)", r"\1", cells[0])] = cells[1:]
    return found


def number(text: str) -> float:
    """A number as a cell says it."""
    return float(text.replace(",", ""))


def median(name: str, work: str, size: int = 100) -> float:
    """What the report says, in seconds."""
    return float(ROWS[name, work, size, 1]["median"])


@pytest.mark.pages
@pytest.mark.parametrize("name", STORES)
def test_costs_are_those_of_the_report(name: str) -> None:
    """Each store has its ratios to the reference, with the times behind them."""
    read, append, writers, cold = tables()[0][name]
    for cell, work in ((read, "read"), (append, "append")):
        said = re.fullmatch(r"\*\*(.*)\*\* \((.*)\sms\)", cell)
        assert said
        expected = median(name, work) / median(REFERENCE, work)
        assert number(said[1]) == pytest.approx(expected, rel=CLOSE)
        assert number(said[2]) == pytest.approx(1e3 * median(name, work), rel=CLOSE)
    assert number(cold) == pytest.approx(1e3 * median(name, "cold open"), rel=CLOSE)
    row = ROWS[name, "one session", 100, 4]
    if row["lost"] or row["refused"]:
        expected_numbers = [n for n in (row["lost"], row["refused"], row["count"]) if n]
        assert [int(each) for each in re.findall(r"\d+", writers)] == expected_numbers
    else:
        assert number(writers) == pytest.approx(row["rate"], abs=0.51)


@pytest.mark.pages
def test_what_an_append_does_is_told_of_each() -> None:
    """Beside its speed stands what each store of the field does for it."""
    told = tables()[1]
    assert list(told) == STORES
    assert {peer.name: [peer.append] for peer in PEERS}.items() <= told.items()


@pytest.mark.pages
def test_other_lengths_are_those_of_the_report() -> None:
    """Each store has its times at each length at which it was measured, and a dash elsewhere."""
    sizes = sorted({size for _, work, size, _ in ROWS if work == "append"})
    found = tables()[2]
    assert list(found) == STORES
    for name, cells in found.items():
        places = [(work, size) for work in ("read", "append") for size in sizes]
        for cell, (work, size) in zip(cells, places, strict=True):
            if cell == "-":
                assert (name, work, size, 1) not in ROWS
            else:
                assert number(cell) == pytest.approx(1e3 * median(name, work, size), rel=CLOSE)


@pytest.mark.parametrize(("lost", "refused", "said"), [(3, 0, "3 lost"), (0, 2, "2 refused")])
def test_no_speed_is_told_of_lost_writes(lost: int, refused: int, said: str) -> None:
    """Where an append was lost or refused, no plot and no cell shows how fast it was."""
    row = {"contender": REFERENCE, "work": "one session", "size": 100, "processes": 4}
    row |= {"kind": "reference", "median": 1.0, "p99": 1.0, "count": 480}
    worse = row | {"rate": 77.0, "lost": lost, "refused": refused}
    better = row | {"processes": 1, "rate": 55.0, "lost": 0, "refused": 0}
    writers = costs.Costs([worse]).writers(REFERENCE)
    [many] = performance._others([worse | {"work": "many sessions"}])[2:]
    plotted = str(performance._numbers(performance.PLOTS[2], [worse, better]))
    assert said in writers.replace("*", "")
    assert said in many.replace("*", "")
    assert said in plotted
    assert "55" in plotted
    assert "77" not in plotted + writers
    assert "1,000" not in many


@pytest.mark.pages
def test_every_plotted_store_was_measured() -> None:
    """No plot names a store that no run has measured."""
    assert set(performance.PLOTTED) <= {row["contender"] for row in FOUND["rows"]}
