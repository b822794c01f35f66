"""What becomes of turns that wait: each is folded in once, and nothing of them stays behind."""

import errno
import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from reference_impl import DefaultSessionStore, files
from reference_impl.access import _FIRST
from reference_impl.session import SessionData, SessionMessage
from reference_impl.spill import Stored
from tests.store.test_salvage import contents, full_disk, waiting

Call = Callable[[DefaultSessionStore], bool]


def test_turn_that_was_archived_is_not_folded_in_again(tmp_path: Path, home: Path) -> None:
    """A turn whose file came to stay is known where it stands, in the archive too."""
    store = DefaultSessionStore(tmp_path / "sessions", retention="compact", active_window=2)
    with full_disk(store.session_dir):
        store.add_user_message("s", "waits")
    [path] = waiting(home)
    kept = path.read_bytes()
    for text in "abc":
        store.add_user_message("s", text)
    archived = [message.content for message in store.get_session("s").archived_messages]
    assert "waits" in archived
    path.parent.mkdir(mode=0o700)
    path.write_bytes(kept)
    assert "waits" not in contents(store)
    found = [message.content for message in store.get_session("s").archived_messages]
    assert found.count("waits") == 1


def test_turn_that_says_the_same_again_is_folded_in(store: DefaultSessionStore) -> None:
    """Who says a thing twice has said it twice, whichever of the two had to wait."""
    store.add_user_message("s", "yes")
    store.add_assistant_message("s", "sure?")
    with full_disk(store.session_dir):
        assert store.add_user_message("s", "yes") is False
    assert contents(store) == ["yes", "sure?", "yes"]


def test_turns_of_one_moment_keep_their_order(
    store: DefaultSessionStore, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Turns that fail within a millisecond, which is in their names, come back in their order."""
    texts = [str(number) for number in range(8)]
    monkeypatch.setattr(time, "time_ns", lambda: 2_000_000_000_123_456_789)
    with full_disk(store.session_dir):
        for text in texts:
            assert store.add_user_message("s", text) is False
    assert {path.name.split(".")[0] for path in waiting(home)} == {"2000000000123"}
    assert contents(store) == texts


@pytest.mark.parametrize(
    "call",
    [
        lambda store: store.add_user_message("s", "next"),
        lambda store: store.rename_session("s", "next"),
        lambda store: store.delete_session("s"),
    ],
    ids=["append", "change", "delete"],
)
def test_what_a_killed_writer_left_of_a_turn_is_swept(
    store: DefaultSessionStore, home: Path, call: Call
) -> None:
    """Half a turn is gone after the next write to its session, and after a delete."""
    store.add_user_message("s", "a")
    place = home / "state" / "session_spill"
    place.mkdir(parents=True)
    half, other = place / ".s.1.2.3.json.tmp", place / ".other.1.2.3.json.tmp"
    beside = Path(store.session_dir) / ".s.waiting"
    beside.mkdir(mode=0o700)
    (beside / ".1.2.3.json.tmp").write_bytes(b"half of another")
    half.write_bytes(b"half of it")
    other.write_bytes(b"half of another session's")
    assert call(store) is True
    assert waiting(home) == [other]
    assert not beside.exists()


@pytest.mark.parametrize("has_session", [True, False])
def test_place_of_a_turn_goes_with_its_session(
    store: DefaultSessionStore, has_session: bool
) -> None:
    """A writer killed before it wrote its turn leaves a directory, which a delete removes."""
    if has_session:
        store.add_user_message("s", "a")
    place = Path(store.session_dir) / ".s.waiting"
    place.mkdir(mode=0o700)
    assert store.session_exists("s") is has_session
    assert store.delete_session("s") is True
    assert not place.exists()


def test_turn_that_was_swept_while_it_was_written_is_written_again(
    store: DefaultSessionStore, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who finds the file of its turn swept, as that of a killed writer, writes it again."""
    store.add_user_message("s", "a")
    replace, swept = os.replace, list[Any]()

    def sweep(source: Any, target: Any) -> None:
        if Path(target).parent.name == ".s.waiting" and len(swept) < 3:
            swept.append(source)
            os.unlink(source)
        replace(source, target)

    monkeypatch.setattr(os, "replace", sweep)
    with full_disk(store.session_dir):
        assert store.add_user_message("s", "b") is False
    assert len(swept) == 3
    assert contents(store) == ["a", "b"]


def test_turn_that_cannot_be_removed_fails_nothing(
    store: DefaultSessionStore, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A turn whose file stays after it was folded in is stored, and not again by the next call."""
    with _stuck_turn(store, home, monkeypatch):
        assert store.add_user_message("s", "b") is True
    assert len(waiting(home)) == 1
    assert contents(store) == ["a", "b"]
    assert waiting(home) == []


def test_clear_that_leaves_what_waits_says_so(
    store: DefaultSessionStore, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A clear is False where a turn still waits that would bring the conversation back."""
    with _stuck_turn(store, home, monkeypatch):
        assert store.clear_session("s") is False
    assert contents(store) == ["a"]


def test_file_that_holds_no_turn_outlives_its_session(
    store: DefaultSessionStore, home: Path
) -> None:
    """A delete leaves what it cannot read, as it leaves a file that was set aside."""
    place = home / "state" / "session_spill"
    place.mkdir(parents=True)
    (place / "s.1.2.3.json").write_bytes(b"junk")
    store.add_user_message("s", "a")
    assert store.delete_session("s") is True
    assert (place / "s.1.2.3.json").read_bytes() == b"junk"


@contextmanager
def _stuck_turn(
    store: DefaultSessionStore, home: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """A turn that waits, and whose file cannot be removed for the time being."""
    with full_disk(store.session_dir):
        store.add_user_message("s", "a")
    unlink = os.unlink

    def refuse(path: Any, **named: Any) -> None:
        if Path(path).parent.name == ".s.waiting" and Path(path).exists():
            raise PermissionError(f"{path} stays")
        unlink(path, **named)

    with monkeypatch.context() as patch:
        patch.setattr(os, "unlink", refuse)
        yield


def test_a_write_that_fails_reads_no_more_the_more_waits(
    store: DefaultSessionStore, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a full disk an append costs the same, however many turns wait for its session."""
    store.add_user_message("s", "first")
    with full_disk(store.session_dir):
        costs = []
        for number in range(40):
            with reads(monkeypatch) as paths:
                assert store.add_user_message("s", str(number)) is False
            costs.append(len(paths))
    assert len(waiting(home)) == 40
    assert costs[-1] == costs[20] < 20
    assert contents(store) == ["first", *map(str, range(40))]


def test_a_read_reads_each_turn_that_waits_once(
    store: DefaultSessionStore, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A read takes each waiting turn in once more than the write that it tries at most."""
    with full_disk(store.session_dir):
        for number in range(100):
            store.add_user_message("s", str(number))
        with reads(monkeypatch) as paths:
            assert contents(store) == [str(number) for number in range(100)]
    [first, *_] = there = waiting(home)
    assert {path for path in there if paths.count(path) > 1} == set(there[:_FIRST])
    with reads(monkeypatch) as paths:
        assert contents(store) == [str(number) for number in range(100)]
    assert [path for path in there if paths.count(path) != 1] == [first]
    assert paths.count(first) == 2
    assert waiting(home) == []
    # The session is read for each write, of which each adds twice as many turns.
    assert len(paths) - len(there) < 20


def test_turns_added_by_several_writes_are_there_once(
    store: DefaultSessionStore, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that is full again in the middle leaves what was added, and what waits, in order."""
    texts = [str(number) for number in range(30)]
    with full_disk(store.session_dir):
        for text in texts:
            store.add_user_message("s", text)
    write, done = files.write, []

    def full_again(path: Path, data: bytes, **given: Any) -> Any:
        done.append(path)
        if len(done) == 2:
            raise OSError(errno.ENOSPC, "no space")
        return write(path, data, **given)

    monkeypatch.setattr(files, "write", full_again)
    assert contents(store) == texts
    assert len(waiting(home)) == len(texts) - _FIRST
    assert contents(store) == texts
    assert waiting(home) == []
    stored = json.loads((Path(store.session_dir) / "s.json").read_bytes())
    assert [message["content"] for message in stored["messages"]] == texts


def test_a_turn_is_looked_for_where_it_can_be() -> None:
    """Whether a session has a turn is asked of those of its moment, not of all."""
    asked = []

    class Text(str):
        def __eq__(self, other: object) -> bool:
            asked.append(other)
            return str(self) == other

        __hash__ = str.__hash__

    session = SessionData("s")
    session.messages = [SessionMessage("user", Text(n), float(n)) for n in range(1000)]
    stored = Stored(session)
    assert all(SessionMessage("user", str(n), float(n)) in stored for n in range(1000))
    assert SessionMessage("user", "7", 8.0) not in stored
    assert len(asked) == 1001


@contextmanager
def reads(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Path]]:
    """The files that are read meanwhile, each as often as it is."""
    paths: list[Path] = []
    read = files.read

    def note(path: Path, *given: Any, **named: Any) -> Any:
        paths.append(Path(path))
        return read(path, *given, **named)

    with monkeypatch.context() as patch:
        patch.setattr(files, "read", note)
        yield paths
