"""What becomes of turns that wait: each is folded in once, and nothing of them stays behind."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from reference_impl import DefaultSessionStore
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
