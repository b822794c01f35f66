"""What pages say of costs is what the report of the last whole bench says."""

import json

import pytest

from tests.bench.contenders import (
    FAST,
    FLOCK,
    FLOCK_FLUSHED,
    LANGCHAIN,
    OPENAI,
    REFERENCE,
    RELEASE,
    TRANSCRIPT,
)
from tests.bench.report import OUTPUT

# The lower quartile: what else the machine was busy with is in the upper times.
APPENDS = {
    (row["contender"], row["size"]): row["low"]
    for row in json.loads(OUTPUT.read_text("utf-8"))["rows"]
    if row["work"] == "append"
}


@pytest.mark.pages
@pytest.mark.parametrize("store", [OPENAI, "SQLite", "Postgres", "Redis"])
def test_append_costs_the_same_at_any_length(store: str) -> None:
    """The stores that are advised for long conversations take as long for a long one."""
    longest = max(size for name, size in APPENDS if name == store)
    assert longest >= 1_000
    assert APPENDS[store, longest] < 1.5 * APPENDS[store, 0]


@pytest.mark.pages
@pytest.mark.parametrize("store", [TRANSCRIPT, REFERENCE, RELEASE, LANGCHAIN])
def test_append_costs_more_with_every_message(store: str) -> None:
    """The stores that are not advised for long conversations take longer for a long one."""
    assert APPENDS[store, 10_000] > 2 * APPENDS[store, 1_000] > 2 * APPENDS[store, 100]


@pytest.mark.pages
@pytest.mark.parametrize(("store", "floor"), [(REFERENCE, FLOCK_FLUSHED), (FAST, FLOCK)])
def test_long_append_beats_the_floor(store: str, floor: str) -> None:
    """Where a session is long the reference is faster than the work done in the usual way."""
    for size in (1_000, 10_000):
        assert APPENDS[store, size] < APPENDS[floor, size]
