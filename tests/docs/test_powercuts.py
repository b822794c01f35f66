"""What `make powercuts` reports: each store on each file system, and what the pages say of it."""

import json
import os
import sys
from typing import Any

import pytest

from docs.reports import powercuts
from tests.powercuts.__main__ import COUNTED, judge, main
from tests.powercuts.images import FILE_SYSTEMS
from tests.powercuts.stores import SUBJECTS
from tests.powercuts.writer import IN_A_SESSION, OLD, SAFE
from tests.subject.targets import ROOT

# What these pages say that a power cut takes nothing from.
SURVIVES = ("durable=True", "SQLite", "appendfsync always")
FORGETS = ("durable=False", "Release", "everysec", "synchronous_commit = off")


@pytest.fixture
def report() -> dict[str, Any]:
    """The report as the site shows it."""
    found: dict[str, Any] = json.loads(powercuts.report_of(ROOT).read_text("utf-8"))
    return found


def test_each_store_lost_power_on_each_file_system(report: dict[str, Any]) -> None:
    """The report leaves out no store and no file system, and in each messages were acknowledged."""
    rows = [(row["store"], row["file_system"]) for row in report["rows"]]
    assert rows == [(subject.name, each) for subject in SUBJECTS for each in FILE_SYSTEMS]
    assert all(row["cuts"] and row["acknowledged"] for row in report["rows"])


def test_what_is_said_to_survive_has_survived(report: dict[str, Any]) -> None:
    """The stores that flush lost nothing and doubled nothing, and the others were seen to lose."""
    for row in report["rows"]:
        is_safe = (
            any(each in row["store"] for each in SURVIVES) or row["store"] == "Postgres recipe"
        )
        if is_safe:
            assert (row["lost"], row["doubled"], row["safe"], row["unreadable"]) == (0, 0, 0, 0), (
                row
            )
    for name in FORGETS:
        assert sum(row["lost"] for row in report["rows"] if name in row["store"]), name


def test_what_had_been_safe_can_be_gone(report: dict[str, Any]) -> None:
    """Without a flush a cut can take messages that had been on the disk, as the page says."""
    for name in ("durable=False", "Release"):
        assert sum(row["safe"] for row in report["rows"] if name in row["store"]), name


def test_page_shows_every_row(report: dict[str, Any]) -> None:
    """Each row of the report stands in the table."""
    table = powercuts.table(ROOT)
    for row in report["rows"]:
        [line] = [each for each in table if f"| {row['store']} | {row['file_system']} |" in each]
        assert f"| {row['cuts']} | **{row['bad']}**" in line
        assert f"| {row['acknowledged']:,} | **{row['lost']:,}** |" in line
        assert ("without a start" in line) == bool(row.get("refused"))


def test_a_loss_is_counted() -> None:
    """A message that is gone, a session that is empty, doubled or raises, is counted once each."""
    row: dict[str, Any] = dict.fromkeys(COUNTED, 0) | {"seconds": 0.0}
    instants = [float(number) for number in range(2 * IN_A_SESSION + 2)]
    whole = [f"m-{number}" for number in range(IN_A_SESSION)]
    left = {OLD: SAFE[1:], "s-0": [*whole, "m-3"], "s-1": [], "s-2": "JSONDecodeError"}
    judge(row, left, instants, 60.0)
    assert row["acknowledged"] == 2 * IN_A_SESSION + 2
    assert (row["lost"], row["seconds"]) == (IN_A_SESSION + 2, 60.0 - IN_A_SESSION)
    assert (row["gone"], row["unreadable"], row["doubled"]) == (2, 1, 1)
    assert (row["bad"], row["safe"]) == (1, 1)


def test_where_power_cannot_be_cut_one_sentence_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without root the command does nothing, and says in one sentence what it needs."""
    monkeypatch.setattr(os, "geteuid", lambda: 1000, raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(sys, "argv", ["powercuts"])
    assert main() == 2
    said = capsys.readouterr().err
    assert said == "Power cuts need root, since they mount file systems.\n"
