"""What `make soak` reports of failing networks: every recipe and kind, and nothing was noticed."""

import json
from typing import Any

import pytest

from docs.reports import outages
from executable_pages.evidence import Evidence
from tests.faults.outages import HARMS, SERVED
from tests.subject.targets import ROOT


@pytest.fixture
def report() -> dict[str, Any]:
    """The report as the site shows it."""
    found: dict[str, Any] = json.loads(outages.report_of(ROOT).read_text("utf-8"))
    return found


def test_each_recipe_met_each_kind_of_harm(report: dict[str, Any]) -> None:
    """The report has a row for each recipe with a server and each harm, at one packet or more."""
    rows = [(row["recipe"], row["said"]) for row in report["rows"]]
    assert rows == [(recipe.name, said) for recipe in SERVED for said in HARMS]
    assert all(row["points"] for row in report["rows"])


def test_nothing_was_lost_doubled_or_raised(report: dict[str, Any]) -> None:
    """No harm was noticed by a caller, except in seconds, and those are within the time limit."""
    for row in report["rows"]:
        assert (row["lost"], row["doubled"], row["raised"]) == (0, 0, 0), row
        assert row["slowest"] <= 6.0


def test_page_shows_every_row(report: dict[str, Any]) -> None:
    """Each row of the report stands in the table, and without evidence no number of a test run."""
    table = outages.table(ROOT, Evidence())
    for row in report["rows"]:
        [line] = [line for line in table if f"| {row['said']} | {row['recipe']} |" in line]
        shown = (
            f"{row['points']:,} | **{row['lost']}** | **{row['doubled']}** | **{row['raised']}**"
        )
        assert f"| {shown} | {row['slowest']:.1f} s | not measured in this checkout |" in line
