"""What `make soak` reports of faults: all were injected, nothing was lost, breaks are found."""

import json
from typing import Any

import pytest

from docs.reports import durability
from executable_pages.evidence import Evidence
from tests.faults.report import RUNS
from tests.mutants.durability import CAUGHT
from tests.subject.targets import ROOT


@pytest.fixture
def report() -> dict[str, Any]:
    """The report as the site shows it."""
    found: dict[str, Any] = json.loads(durability.report_of(ROOT).read_text("utf-8"))
    return found


def test_every_fault_was_injected(report: dict[str, Any]) -> None:
    """The report leaves out no harness, and each did all that it had planned."""
    assert [row["command"] for row in report["rows"]] == [" ".join(options) for options, _ in RUNS]
    assert [row["what"] for row in report["rows"] if row["tried"] != row["of"]] == []
    assert [row["what"] for row in report["rows"] if row["missed"]] == []


def test_nothing_was_lost(report: dict[str, Any]) -> None:
    """No fault took anything away."""
    assert sum(row["bad"] for row in report["rows"]) == 0


def test_every_break_was_found(report: dict[str, Any]) -> None:
    """Each thing that was taken out of the store was missed by the loss that it brings."""
    assert {row["said"]: row["loss"] for row in report["breaks"]} == {
        each.lie.said: each.loss for each in CAUGHT
    }


def test_page_shows_every_row(report: dict[str, Any]) -> None:
    """Each row of the report stands in the table, and without evidence no number of a test run."""
    table = durability.table(ROOT, Evidence())
    for row in report["rows"]:
        [line] = [line for line in table if row["said"] in line]
        assert f"| {row['tried']:,} | **{row['bad']:,}** | not measured in this checkout |" in line
    assert len(durability.breaks(ROOT)) == len(CAUGHT) + 2
