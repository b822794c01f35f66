"""The ratios that we aim at, each judged from the rows of one run."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from tests.bench.contenders import (
    FAST,
    FILELOCK,
    FLOCK,
    FLOCK_FLUSHED,
    OPENAI,
    REFERENCE,
    RELEASE,
)
from tests.bench.workloads import Row

SLOWEST_APPEND = 0.060
CROSSING = f"messages at which an append costs what it costs in {OPENAI}"


@dataclass(frozen=True)
class Goal:
    """A ratio, and whether it is on the right side of what we aim at.

    `floor` is the ratio of the bare work of a store of JSON files, done in the usual way.
    """

    what: str
    aim: str
    value: float
    met: bool
    floor: float | None = None

    @property
    def line(self) -> str:
        """The verdict as a line of text."""
        verdict = "met   " if self.met else "missed"
        floor = "" if self.floor is None else f"; the floor on flock: {self.floor:.2f}"
        return f"{verdict}  {self.what}: {self.value:.2f} ({self.aim}{floor})"


class _Rows:
    def __init__(self, rows: list[Row]) -> None:
        self._rows = {(r.work, r.size, r.processes, r.contender): r for r in rows}

    def get(self, work: str, size: int, who: str, processes: int = 1) -> Row | None:
        return self._rows.get((work, size, processes, who))

    def sizes(self, work: str) -> list[int]:
        return sorted({size for w, size, _, _ in self._rows if w == work})


def judge(rows: list[Row]) -> list[Goal]:
    """The verdict on each goal that the rows have numbers for."""
    found = _Rows(rows)
    return [*_reads(found), *_appends(found), *_crowds(found), *_lists(found), *_peers(found)]


def _times(rows: _Rows, work: str, size: int, who: str, other: str) -> float | None:
    """How many times faster `who` is than `other`."""
    one, two = rows.get(work, size, who), rows.get(work, size, other)
    return two.median / one.median if one and two else None


def _at_least(
    what: str, least: float, value: float | None, floor: float | None = None
) -> Iterator[Goal]:
    if value is not None:
        yield Goal(what, f"at least {least:g} times as fast", value, value >= least, floor)


def _at_most(
    what: str, most: float, value: float | None, floor: float | None = None
) -> Iterator[Goal]:
    if value is not None:
        least = 1 / floor if floor else None
        yield Goal(what, f"at most {most:g} times its time", 1 / value, 1 / value <= most, least)


def _reads(rows: _Rows) -> Iterator[Goal]:
    short = "read, 10 messages, against "
    yield from _at_most(
        f"{short}the release",
        1.5,
        _times(rows, "read", 10, REFERENCE, RELEASE),
        _times(rows, "read", 10, FLOCK, RELEASE),
    )
    for size, floor in ((10, 1.3), (100, 1.5), (1_000, 1.5), (10_000, 1.5)):
        what = f"read, {size:,} messages, against "
        value = _times(rows, "read", size, REFERENCE, FILELOCK)
        yield from _at_most(f"{what}the floor on filelock", floor, value)
    for size, least in ((100, 1.5), (1_000, 2.5), (10_000, 3.0)):
        what = f"read, {size:,} messages, against the release"
        yield from _at_least(
            what,
            least,
            _times(rows, "read", size, REFERENCE, RELEASE),
            _times(rows, "read", size, FLOCK, RELEASE),
        )
    beside = rows.get("read beside a writer", 100, REFERENCE, 2)
    idle, write = rows.get("read", 100, REFERENCE), rows.get("append", 100, REFERENCE)
    if beside and idle and write:
        limit = 5 * idle.median + write.median
        what = "read beside a writer in a tight loop, 99th percentile"
        value = beside.p99 / limit
        floor = rows.get("read beside a writer", 100, FLOCK_FLUSHED, 2)
        least = floor.p99 / limit if floor else None
        yield Goal(what, "at most 5 idle reads and one write", value, value <= 1, least)


def _appends(rows: _Rows) -> Iterator[Goal]:
    for size, least in ((10, 1.5), (100, 2.0), (1_000, 4.0), (10_000, 8.0)):
        what = f"durable append, {size:,} messages, against the release, which does not flush"
        yield from _at_least(
            what,
            least,
            _times(rows, "append", size, REFERENCE, RELEASE),
            _times(rows, "append", size, FLOCK_FLUSHED, RELEASE),
        )
    for size, least in ((100, 4.0), (1_000, 6.0), (10_000, 6.0)):
        what = f"append not durable, {size:,} messages, against "
        yield from _at_least(
            f"{what}the release",
            least,
            _times(rows, "append", size, FAST, RELEASE),
            _times(rows, "append", size, FLOCK, RELEASE),
        )
        value = _times(rows, "append", size, FAST, FILELOCK)
        yield from _at_most(f"{what}the floor on filelock", 1.6, value)


def _crowds(rows: _Rows) -> Iterator[Goal]:
    durable, fast, release, floor = (
        rows.get("one session", 100, who, 4) for who in (REFERENCE, FAST, RELEASE, FLOCK)
    )
    if durable and fast and release and floor and release.rate and floor.rate:
        what = "four writers on one session, "
        yield from _at_least(f"{what}durable, against the release", 2, durable.rate / release.rate)
        yield from _at_least(
            f"{what}not durable, the same",
            5,
            fast.rate / release.rate,
            floor.rate / release.rate,
        )
        yield from _at_most(f"{what}not durable, against flock", 1.7, fast.rate / floor.rate)
        slowest = durable.slowest
        aim = f"under {1e3 * SLOWEST_APPEND:g} ms"
        yield Goal(f"{what}slowest append, ms", aim, 1e3 * slowest, slowest < SLOWEST_APPEND)


def _lists(rows: _Rows) -> Iterator[Goal]:
    for work in ("list", "find by agent"):
        for size in rows.sizes(work):
            value = _times(rows, work, size, REFERENCE, RELEASE)
            floor = _times(rows, work, size, FLOCK, RELEASE)
            yield from _at_least(f"{work}, {size:,} sessions, against the release", 5, value, floor)


def _peers(rows: _Rows) -> Iterator[Goal]:
    for size in rows.sizes("read"):
        value = _times(rows, "read", size, REFERENCE, OPENAI)
        floor = _times(rows, "read", size, FLOCK, OPENAI)
        yield from _at_least(f"read, {size:,} messages, against {OPENAI}", 1, value, floor)
    for size in rows.sizes("append"):
        if size <= 1_000:
            value = _times(rows, "append", size, FAST, OPENAI)
            floor = _times(rows, "append", size, FLOCK, OPENAI)
            what = f"append not durable, {size:,}, against {OPENAI}"
            yield from _at_least(what, 1, value, floor)
    if (crossing := _crossing(rows)) is not None:
        yield Goal(CROSSING, "stated", crossing, True)


def _crossing(rows: _Rows) -> float | None:
    """Where the two lines of appends cross, in messages, by interpolation between two sizes."""
    ratios = [
        (size, value)
        for size in rows.sizes("append")
        if (value := _times(rows, "append", size, FAST, OPENAI)) is not None
    ]
    for (small, faster), (large, slower) in pairwise(ratios):
        if faster >= 1 > slower:
            return small + (large - small) * (faster - 1) / (faster - slower)
    return None
