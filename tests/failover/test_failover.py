"""A short part of `make failover`, and how its outcomes are judged."""

import os
from typing import Any

import pytest

from tests.failover.cases import CASES, Case
from tests.failover.failover import fail_over
from tests.failover.judge import judge

SAFE = [case for case in CASES if case.safe]


@pytest.mark.skipif(os.name == "nt", reason="the servers' wheels are for POSIX")
@pytest.mark.parametrize("case", SAFE, ids=[case.name for case in SAFE])
def test_a_safe_setting_loses_nothing(case: Case) -> None:
    """While the old primary is cut off and goes on taking writes, no acknowledged one is lost.

    Nothing is doubled either, though callers repeat what raised.
    """
    outcome = fail_over(case, "partition")
    assert outcome.acknowledged > 0
    assert outcome.gone == []
    assert outcome.doubled == []
    assert outcome.errors


def _call(client: str, text: str, start: int, end: int | None = None, **more: Any) -> Any:
    call = {"client": client, "method": "add_message", "session": "s", "messages": [text]}
    none = {"limit": None, "answer": end is not None, "error": None, "raised_at": None}
    return call | none | {"start": start, "end": end} | more


def test_what_was_acknowledged_and_is_not_there_is_gone() -> None:
    """An append that was answered counts as gone, and its history as unexplained, if it is lost."""
    outcome = judge([_call("far0", "a", 0, 1), _call("far0", "b", 2, 3)], {"s": ["b"]}, "far")
    assert (outcome.acknowledged, outcome.gone, outcome.raised) == (2, ["a"], 0)
    assert "'a'" in outcome.unexplained["s"]


def test_what_raised_may_be_there_or_not() -> None:
    """An append that raised or was not answered is neither done nor not done, and never lost."""
    records = [
        {"raised": "TimeoutError"},
        _call("far0", "a", 0, 1, answer=None, error="TimeoutError: x"),
        _call("far0", "b", 2),
        _call("far0", "c", 3, 4),
    ]
    for found, stored in ((["a", "c"], 1), (["c"], 0), (["c", "b", "a"], 2)):
        outcome = judge(records, {"s": found}, "far")
        assert (outcome.acknowledged, outcome.raised, outcome.stored) == (1, 2, stored)
        assert (outcome.gone, outcome.unexplained) == ([], {})
        assert outcome.errors == {"TimeoutError": 1}


def test_what_is_there_twice_is_doubled() -> None:
    """A message that the new primary holds twice is told by its text."""
    outcome = judge([_call("far0", "a", 0, 1)], {"s": ["a", "a"]}, "far")
    assert outcome.doubled == ["a"]
    assert outcome.unexplained


def test_the_outage_is_the_longest_time_without_an_answer() -> None:
    """The outage is measured between answers of those who lost the primary, and not of others."""
    second = 1_000_000_000
    records = [
        _call("far0", "a", 0, second),
        _call("near0", "x", 0, 3 * second),
        _call("far1", "b", 0, 5 * second),
        _call("far0", "c", 5 * second, 6 * second),
    ]
    assert judge(records, {"s": ["a", "x", "b", "c"]}, "far").outage == 4.0
