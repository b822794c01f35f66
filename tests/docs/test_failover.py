"""What `make failover` reports: each kind ten times, and no safe setting lost a message."""

import json
from typing import Any

import psycopg
import pytest
import redis.exceptions
import redis.sentinel

from docs.reports import failover, reports
from tests.failover.__main__ import TIMES
from tests.failover.cases import CASES
from tests.subject.targets import ROOT

Report = dict[str, Any]


@pytest.fixture
def report() -> Report:
    """The report as the site shows it."""
    found: Report = json.loads(reports.place(ROOT, "failover").read_text("utf-8"))
    return found


def test_every_kind_was_run_ten_times(report: Report) -> None:
    """The report has a row for each way to lose a machine of each deployment, of ten or more."""
    wanted = {(case.recipe, case.setting, loss) for case in CASES for loss in case.losses}
    found = {(row["recipe"], row["setting"], row["loss"]): row for row in report["rows"]}
    assert set(found) == wanted
    assert all(row["failovers"] >= TIMES for row in found.values())
    assert all(row["acknowledged"] > row["failovers"] for row in found.values())


def test_no_safe_setting_lost_a_message(report: Report) -> None:
    """With the settings that are called safe, no acknowledged message is gone."""
    safe = {(case.recipe, case.setting) for case in CASES if case.safe}
    rows = [row for row in report["rows"] if (row["recipe"], row["setting"]) in safe]
    assert rows
    assert [row for row in rows if row["gone"]] == []


def test_other_settings_lost_some(report: Report) -> None:
    """With each other setting the same crowd lost messages: the run can find a loss."""
    for case in CASES:
        rows = [row for row in report["rows"] if row["setting"] == case.setting]
        assert case.safe or sum(row["gone"] for row in rows if row["recipe"] == case.recipe)


def test_no_message_was_doubled(report: Report) -> None:
    """No setting stored a message twice, though callers repeated calls that raised."""
    assert [row for row in report["rows"] if row["doubled"]] == []


def test_a_partition_leaves_stale_readers(report: Report) -> None:
    """Who reaches the old primary alone reads what is not so any more, with any setting."""
    for row in report["rows"]:
        if row["loss"] == "partition":
            assert row["explained"] < row["failovers"]


def test_the_page_names_what_was_raised(report: Report) -> None:
    """What callers were raised is of the classes that the page names."""
    named = {
        "Redis": (redis.exceptions.TimeoutError, redis.exceptions.ConnectionError),
        "Postgres": (psycopg.OperationalError,),
    }
    known = {
        "Redis": vars(redis.exceptions) | vars(redis.sentinel),
        "Postgres": vars(psycopg.errors) | vars(psycopg),
    }
    for row in report["rows"]:
        raised = [known[row["recipe"]][error] for error in row["errors"]]
        assert all(issubclass(each, named[row["recipe"]]) for each in raised), row["errors"]


def test_page_shows_every_row(report: Report) -> None:
    """Each row of the report stands in the table, with what is gone."""
    table = failover.table(ROOT)
    for row in report["rows"]:
        [line] = [
            line
            for line in table
            if line.startswith(f"| {row['recipe']}, {row['setting']} | {row['loss']} |")
        ]
        assert f"| {row['acknowledged']:,} | **{row['gone']:,}** |" in line


def test_report_of_another_program_is_said_to_be_older(
    report: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When a recipe has changed since its machines were lost, the page says so."""
    for row in report["rows"]:
        row["program"] = "another"
    monkeypatch.setattr(failover, "load", lambda root, name: report)
    assert "before the last change of Postgres and Redis" in failover.table(ROOT)[-1]
