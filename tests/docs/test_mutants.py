"""The report of `make mutants`: what was told, what was caught, and a reason for the rest."""

import json
from typing import Any

import pytest

from executable_pages.testing.scanner import ROOT
from tests.mutants.pages import CHECKS

REPORT = ROOT / "docs" / "verification" / "mutants.json"


@pytest.fixture
def report() -> dict[str, Any]:
    """The report as the site shows it."""
    found: dict[str, Any] = json.loads(REPORT.read_text("utf-8"))
    return found


def share(report: dict[str, Any], sort: str) -> float:
    """How much of what was told to pages or code was caught."""
    here = [each for each in report["told"] if each["sort"] == sort]
    return sum(each["caught"] for each in here) / sum(each["told"] for each in here)


def test_every_kind_of_lie_was_told(report: dict[str, Any]) -> None:
    """The report leaves out no kind of lie."""
    kinds = {(each["sort"], each["kind"]) for each in report["told"]}
    assert kinds == {
        *(("pages", kind) for kind in CHECKS),
        ("code", "by hand"),
        ("code", "operator"),
    }


def test_enough_was_caught(report: dict[str, Any]) -> None:
    """Of 1,000 lies told to pages 995 were caught, and 95 of 100 told to the code."""
    assert share(report, "pages") >= 0.995
    assert share(report, "code") >= 0.95


def test_every_survivor_has_a_reason(report: dict[str, Any]) -> None:
    """A lie that nothing caught says why that is no gap, and none was left unjudged."""
    assert report.get("unjudged", []) == []
    told = sum(each["told"] - each["caught"] for each in report["told"])
    assert len(report["survivors"]) == told
    assert [each for each in report["survivors"] if not each["reason"]] == []
