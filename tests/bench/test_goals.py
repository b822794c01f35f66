"""What a run is judged by, and what else was tried, say what their names say."""

import os
from pathlib import Path

import pytest

from tests.bench import goals, tried
from tests.bench.contenders import FAST, FLOCK, OPENAI, REFERENCE, RELEASE
from tests.bench.workloads import Row


def row(work: str, size: int, who: str, milliseconds: float) -> Row:
    """A row whose times are all the same."""
    seconds = milliseconds / 1e3
    return Row(work, size, 1, who, "kind", *[seconds] * 5, count=1)


def test_goal_says_what_the_floor_reaches() -> None:
    """A ratio is judged by its aim, and beside it stands what the least work would come to."""
    rows = [row("read", 100, who, took) for who, took in ((REFERENCE, 2), (RELEASE, 4), (FLOCK, 1))]
    [goal] = goals.judge(rows)
    assert (goal.value, goal.floor, goal.met) == (2, 4, True)
    [goal] = goals.judge([row("read", 100, REFERENCE, 3), *rows[1:]])
    assert goal.met is False
    assert goal.line.startswith("missed")


def test_crossing_is_where_two_lines_meet() -> None:
    """Between a size where files are faster and one where they are slower, the costs are equal."""
    times = {(FAST, 0): 1, (OPENAI, 0): 2, (FAST, 100): 4, (OPENAI, 100): 2}
    found = goals.judge([row("append", size, who, took) for (who, size), took in times.items()])
    [crossing] = [goal.value for goal in found if goal.what == goals.CROSSING]
    assert crossing == pytest.approx(100 * (2 - 1) / (2 - 0.5))


def test_every_way_to_list_reads_every_file(tmp_path: Path) -> None:
    """The ways to list that are compared read the same."""
    for number in range(9):
        (tmp_path / f"{number}.json").write_bytes(b"%d" % number)
    place = str(tmp_path)
    ways = (tried._list, tried._list_relative, tried._list_in_threads)
    assert [sorted(way(place)) for way in ways] == [[b"%d" % n for n in range(9)]] * 3


def test_what_a_list_would_remember_by_changes_with_the_file(tmp_path: Path) -> None:
    """A look at each file tells the one that was replaced from the others."""
    for name in ("kept", "replaced"):
        (tmp_path / name).write_bytes(b"old")
    before = set(tried._look(str(tmp_path)))
    (tmp_path / "new").write_bytes(b"new")
    (tmp_path / "new").replace(tmp_path / "replaced")
    after = set(tried._look(str(tmp_path)))
    assert (len(before & after), len(after - before)) == (1, 1)


@pytest.mark.skipif(os.name == "nt", reason="the floor's lock is for POSIX")
def test_floor_lists_what_it_wrote(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The least that a list can do still finds every session, and those of one agent."""
    from tests.bench.floors import Floor

    monkeypatch.chdir(tmp_path)
    floor = Floor(raw=True, flush=False)
    for name, agent in (("a", "Rare"), ("b", "Common")):
        # Longer than a read that is not told how much there is.
        floor.add_message(name, "user", "x" * (1 << 21))
        floor.set_agent_info(name, agent)
    assert len(floor.list_sessions(9)) == 2
    [found] = floor.get_sessions_by_agent("Rare", 9)
    assert found.agent_name == "Rare"


def test_every_way_to_write_leaves_the_whole_file(tmp_path: Path) -> None:
    """The ways to write that are compared leave as many bytes, and nothing unfinished."""
    place = str(tmp_path)
    for options in ({}, {"sync": tried._fdatasync}, {"sync": None, "flags": tried._DSYNC}):
        tried._flushed(place, **options)  # type: ignore[arg-type]
        assert (tmp_path / "flushed").stat().st_size == tried.SHORT
    for options in ({}, {"reserves": True}, {"removes": True}):
        tried._replaced(place, **options)
    tried._in_place(place)
    assert not (tmp_path / ".part").exists()
    sizes = [each.stat().st_size for each in tmp_path.iterdir() if each.name != "flushed"]
    assert sizes == [tried.LONG] * 4
