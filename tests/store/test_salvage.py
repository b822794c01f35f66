"""Salvage: a turn whose write failed waits outside, and is folded in once, in order."""

import errno
import json
import logging
import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from praisonaiagents.session import DefaultSessionStore as Released

from reference_impl import DefaultSessionStore, LockTimeout, get_default_session_store, spill
from reference_impl.spill import Unsaved

CALL = {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}


@contextmanager
def full_disk(directory: str | Path, number: int = errno.ENOSPC) -> Iterator[None]:
    """No file of a directory can be replaced; other directories are as ever."""
    replace = os.replace

    def refuse(source: Any, target: Any) -> None:
        if Path(target).parent == Path(directory):
            raise OSError(number, os.strerror(number), str(target))
        replace(source, target)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "replace", refuse)
        yield


def contents(store: Any, session: str = "s") -> list[Any]:
    """The texts of a session's history."""
    return [message["content"] for message in store.get_chat_history(session)]


def waiting(home: Path) -> list[Path]:
    """The files of turns that were not stored, beside their sessions and elsewhere."""
    places = (each for each in home.parent.rglob(".*.waiting") if each.is_dir())
    beside = [path for place in places for path in place.iterdir()]
    return sorted([*beside, *(home / "state" / "session_spill").glob("*")])


@pytest.mark.proves("waiting-turns")
def test_turn_whose_write_failed_comes_with_the_next_read(
    store: DefaultSessionStore, home: Path
) -> None:
    """A write that fails answers False, and any later read has its turn, whole and once."""
    store.add_user_message("s", "first")
    with full_disk(store.session_dir):
        saved = store.add_message("s", "assistant", None, {"n": 1}, [CALL])
    assert saved is False
    other = DefaultSessionStore(store.session_dir)
    for _ in range(2):
        message = other.get_session("s").messages[1]
        assert (message.content, message.metadata, message.tool_calls) == (None, {"n": 1}, [CALL])
        assert len(other.get_session("s").messages) == 2
    assert waiting(home) == []


def test_read_shows_a_turn_that_cannot_be_written_yet(
    store: DefaultSessionStore, home: Path
) -> None:
    """As long as the disk is full each read has the turn, within its window, and it waits on."""
    store.add_user_message("s", "first")
    small = DefaultSessionStore(store.session_dir, active_window=1, retention="truncate")
    with full_disk(store.session_dir):
        assert store.add_user_message("s", "second") is False
        assert store.add_user_message("new", "hello") is False
        for _ in range(2):
            assert contents(store) == ["first", "second"]
            assert contents(store, "new") == ["hello"]
        assert contents(small) == ["second"]
        assert [each.content for each in store.get_session("s").messages] == ["first", "second"]
        assert store.session_exists("new") is True
        assert len(waiting(home)) == 2
    assert contents(store) == ["first", "second"]
    assert contents(store, "new") == ["hello"]
    assert waiting(home) == []


@pytest.mark.proves("waiting-turns")
def test_waiting_turns_keep_their_order(store: DefaultSessionStore, home: Path) -> None:
    """Turns that failed one after the other come before the write that succeeds, in their order."""
    store.add_user_message("s", "0")
    with full_disk(store.session_dir):
        answers = [store.add_user_message("s", str(number)) for number in range(1, 13)]
    assert answers == [False] * 12
    assert len(waiting(home)) == 12
    assert store.add_user_message("s", "13") is True
    assert contents(store) == [str(number) for number in range(14)]
    assert waiting(home) == []


def test_waiting_turns_keep_their_order_when_the_clock_goes_back(
    store: DefaultSessionStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A clock that jumps back between two failed writes does not swap their turns."""
    moments = iter(range(2_000_000_000_000, 1_000_000_000_000, -100_000_000_000))
    with full_disk(store.session_dir), monkeypatch.context() as patch:
        patch.setattr(spill.time, "time_ns", lambda: next(moments) * 1_000_000)
        for text in "abc":
            assert store.add_user_message("s", text) is False
    assert contents(store) == ["a", "b", "c"]


@pytest.mark.proves("waiting-turns")
def test_repeated_call_stores_its_turn_once(store: DefaultSessionStore, home: Path) -> None:
    """Who repeats a call that was answered False, on whatever occasion, stores it once."""
    with full_disk(store.session_dir):
        assert [store.add_user_message("s", "once") for _ in range(3)] == [False] * 3
    assert store.add_user_message("s", "once") is True
    assert contents(store) == ["once"]
    assert store.add_user_message("s", "once") is True
    assert contents(store) == ["once", "once"]
    with full_disk(store.session_dir):
        assert store.add_user_message("s", "read in between") is False
    assert len(contents(store)) == 3
    assert store.add_user_message("s", "read in between") is True
    assert contents(store) == ["once", "once", "read in between"]
    assert waiting(home) == []


def test_repeated_call_that_found_the_lock_taken_stores_its_turn_once(
    store: DefaultSessionStore,
) -> None:
    """A repetition that ends in a timeout counts for nothing: the next one still stores it once."""
    impatient = DefaultSessionStore(store.session_dir, lock_timeout=0)
    with full_disk(store.session_dir):
        assert impatient.add_user_message("s", "once") is False
    with FileLock(Path(store.session_dir) / "s.json.lock"), pytest.raises(LockTimeout):
        impatient.add_user_message("s", "once")
    assert impatient.add_user_message("s", "once") is True
    assert contents(store) == ["once"]


def test_taken_lock_spills_nothing(store: DefaultSessionStore, home: Path) -> None:
    """A write that could not have the lock raises, and its turn waits nowhere."""
    store.add_user_message("s", "a")
    impatient = DefaultSessionStore(store.session_dir, lock_timeout=0)
    with FileLock(Path(store.session_dir) / "s.json.lock"), pytest.raises(LockTimeout):
        impatient.add_user_message("s", "b")
    assert waiting(home) == []
    assert contents(store) == ["a"]


def test_waiting_turn_goes_through_retention(tmp_path: Path) -> None:
    """Turns that are folded in count for the window like any other."""
    store = DefaultSessionStore(tmp_path / "sessions", retention="truncate", active_window=3)
    for text in "abc":
        store.add_user_message("s", text)
    with full_disk(store.session_dir):
        for text in "de":
            store.add_user_message("s", text)
    assert contents(store) == ["c", "d", "e"]


@pytest.mark.parametrize("had_messages", [True, False])
def test_cleared_and_deleted_turns_do_not_come_back(
    store: DefaultSessionStore, home: Path, had_messages: bool
) -> None:
    """What waits for a session goes when it is cleared, replaced or deleted."""
    for remove in (
        store.clear_session,
        store.delete_session,
        lambda session: store.set_chat_history(session, []),
    ):
        if had_messages:
            store.add_user_message("s", "first")
        with full_disk(store.session_dir):
            assert store.add_user_message("s", "never stored") is False
        assert remove("s") is True
        assert contents(DefaultSessionStore(store.session_dir)) == []
        assert waiting(home) == []
        store.delete_session("s")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no permission bits")
def test_waiting_turn_is_its_owner_s(store: DefaultSessionStore, home: Path) -> None:
    """A turn that waits, and its directories, can be read by their owner alone, in any umask."""
    before = os.umask(0)
    try:
        with full_disk(store.session_dir):
            store.add_user_message("s", "secret")
    finally:
        os.umask(before)
    [path] = waiting(home)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_operator_is_told(tmp_path: Path, home: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A callback has session, message, error and file of each turn, and the log has them too."""
    told: list[Unsaved] = []
    store = DefaultSessionStore(tmp_path / "sessions", on_unsaved=told.append)
    store.add_user_message("s", "stored")
    assert told == []
    with full_disk(store.session_dir), caplog.at_level(logging.ERROR):
        store.add_user_message("s", "lost for now")
    [unsaved] = told
    assert (unsaved.session_id, unsaved.message.content) == ("s", "lost for now")
    assert "No space left" in str(unsaved.error)
    assert [unsaved.path] == waiting(home)
    assert str(unsaved.path) in caplog.text


def test_operator_is_told_of_a_turn_that_could_not_wait(
    tmp_path: Path, home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Where the turn cannot be put aside either, path is None, and a repetition stores it."""
    told: list[Unsaved] = []
    store = DefaultSessionStore(tmp_path / "sessions", on_unsaved=told.append)
    home.write_text("not a directory")
    (tmp_path / "sessions" / ".s.waiting").write_text("not a directory")
    with full_disk(store.session_dir), caplog.at_level(logging.ERROR):
        assert store.add_user_message("s", "a") is False
    assert [unsaved.path for unsaved in told] == [None]
    assert "nor was its turn" in caplog.text
    assert store.add_user_message("s", "a") is True
    assert contents(store) == ["a"]


def test_callback_that_fails_changes_no_answer(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """An operator's callback that raises is logged; the write still answers False, once."""

    def broken(unsaved: Unsaved) -> None:
        raise RuntimeError("the pager is broken")

    store = DefaultSessionStore(tmp_path / "sessions", on_unsaved=broken)
    with full_disk(store.session_dir), caplog.at_level(logging.ERROR):
        assert [store.add_user_message("s", "a") for _ in range(2)] == [False, False]
    assert "the pager is broken" in caplog.text
    assert contents(store) == ["a"]


def test_turn_of_another_directory_waits_on(tmp_path: Path, home: Path) -> None:
    """Two directories may have the same ids; a turn is folded into the session it was for."""
    one, other = (DefaultSessionStore(tmp_path / name) for name in ("one", "other"))
    with full_disk(one.session_dir):
        one.add_user_message("s", "of one")
    assert contents(other) == []
    assert other.delete_session("s") is True
    assert len(waiting(home)) == 1
    assert contents(one) == ["of one"]


def test_turn_of_a_look_alike_waits_on(store: DefaultSessionStore, home: Path) -> None:
    """Ids that share the release's name for files do not share what waits."""
    with full_disk(store.session_dir):
        store.add_user_message("user:1", "secret")
    assert contents(store, "user_1") == []
    assert store.delete_session("user_1") is True
    assert contents(store, "user:1") == ["secret"]
    assert waiting(home) == []


@pytest.mark.parametrize("session", ["s", "user:1"])
def test_either_implementation_folds_in_what_the_other_put_aside(
    tmp_path: Path, home: Path, session: str
) -> None:
    """Where a turn cannot wait beside its session the release finds it too, once and in order, as
    the reference finds the release's."""
    directory = tmp_path / "sessions"
    reference, released = DefaultSessionStore(directory), Released(str(directory))
    # The release first: an id that it has to fold stays in its file then, for both.
    released.add_user_message(session, "first")
    reference.add_user_message(session, "second")
    for name in ("s", "user_1~abc3a47b8ad18b855c687d9ca2c6091e"):
        (directory / f".{name}.waiting").write_text("not a directory")
    expected = ["first", "second"]
    for writer, text in ((released, "of the release"), (reference, "of the reference")):
        with full_disk(directory):
            assert writer.add_user_message(session, text) is False
        [path] = waiting(home)
        payload = json.loads(path.read_text("utf-8"))
        assert {"session_id", "spilled_at", "messages"} <= payload.keys()
        assert path.name.startswith("s." if session == "s" else "user_1.")
        expected.append(text)
        # A new instance of the release, which remembers what failed in memory too.
        readers = [Released(str(directory)), DefaultSessionStore(directory)]
        for reader in readers if writer is reference else readers[::-1]:
            assert contents(reader, session) == expected
        assert waiting(home) == []


@pytest.mark.parametrize(
    "junk",
    [b"", b"[]", b"{", b'{"session_id": "s"}', b'{"session_id": "s", "messages": 5}', b"\xff"],
    ids=ascii,
)
def test_broken_file_in_the_place_keeps_nothing_from_being_read(
    store: DefaultSessionStore, home: Path, junk: bytes
) -> None:
    """A file there that is no turn is left as it is, and sessions go on."""
    place = home / "state" / "session_spill"
    place.mkdir(parents=True)
    path = place / "s.1.2.3.json"
    path.write_bytes(junk)
    assert store.add_user_message("s", "a") is True
    assert contents(store) == ["a"]
    with full_disk(store.session_dir):
        store.add_user_message("s", "b")
    assert contents(store) == ["a", "b"]
    assert path.read_bytes() == junk
    assert store.delete_session("s") is True


def test_turn_that_is_stored_already_is_not_added(store: DefaultSessionStore, home: Path) -> None:
    """Where a crash came between folding in and removing the file, the turn is stored once."""
    with full_disk(store.session_dir):
        store.add_user_message("s", "a")
    [path] = waiting(home)
    kept = path.read_bytes()
    assert contents(store) == ["a"]
    path.parent.mkdir(mode=0o700)
    path.write_bytes(kept)
    assert contents(store) == ["a"]
    assert waiting(home) == []


def test_turn_comes_along_when_its_directory_moves(
    store: DefaultSessionStore, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A turn that waits is where its session is: after a move, in a copy, whatever the home is."""
    store.add_user_message("s", "a")
    with full_disk(store.session_dir):
        assert store.add_user_message("s", "b") is False
    monkeypatch.setenv("PRAISONAI_HOME", str(tmp_path / "another"))
    copy = tmp_path / "copy"
    shutil.copytree(store.session_dir, copy)
    moved = Path(store.session_dir).rename(tmp_path / "moved")
    for place in (copy, moved):
        assert contents(DefaultSessionStore(place)) == ["a", "b"]
    assert waiting(home) == []


@pytest.mark.parametrize("is_beside", [True, False])
def test_link_to_a_directory_is_that_directory(
    store: DefaultSessionStore, tmp_path: Path, home: Path, is_beside: bool
) -> None:
    """Turns that fail through a link and without it keep one order, and go with their session."""
    (tmp_path / "link").symlink_to(store.session_dir)
    if not is_beside:
        Path(store.session_dir, ".s.waiting").write_text("not a directory")
    for text in "abcd":
        path = (tmp_path / "link") if text in "ac" else Path(store.session_dir)
        with full_disk(path):
            assert DefaultSessionStore(path).add_user_message("s", text) is False
    assert contents(DefaultSessionStore(tmp_path / "link")) == list("abcd")
    with full_disk(store.session_dir):
        assert store.add_user_message("s", "e") is False
    assert DefaultSessionStore(tmp_path / "link").delete_session("s") is True
    assert contents(store) == []
    assert waiting(home) == []


def test_home_that_moves_takes_along_what_waits_elsewhere(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A turn that could not wait beside its session is found when the home has another name."""
    store = get_default_session_store()
    store.add_user_message("s", "a")
    (home / "sessions" / ".s.waiting").write_text("not a directory")
    with full_disk(home / "sessions"):
        assert store.add_user_message("s", "b") is False
    assert [path.parent.name for path in waiting(home)] == ["session_spill"]
    home.rename(tmp_path / "moved")
    monkeypatch.setenv("PRAISONAI_HOME", str(tmp_path / "moved"))
    assert contents(get_default_session_store()) == ["a", "b"]
    assert waiting(tmp_path / "moved") == []


def test_turns_that_wait_in_both_places_keep_their_order(
    store: DefaultSessionStore, home: Path
) -> None:
    """Turns that waited now here and now there come back in the order of their calls."""
    place = Path(store.session_dir, ".s.waiting")
    for text in "abcdef":
        if text in "be":
            place.rename(place.with_name("hidden"))
            place.write_text("not a directory")
        elif text in "cf":
            place.unlink()
            place.with_name("hidden").rename(place)
        with full_disk(store.session_dir):
            assert store.add_user_message("s", text) is False
    assert {path.parent.name for path in waiting(home)} == {".s.waiting", "session_spill"}
    assert contents(store) == list("abcdef")


def test_thousands_of_waiting_turns_slow_no_other_session(
    store: DefaultSessionStore, home: Path
) -> None:
    """What waits for others is listed once, and not by each read."""
    store.add_user_message("s", "a")
    with full_disk(store.session_dir):
        for number in range(50):
            store.add_user_message(f"beside {number}", "waits")
    place = home / "state" / "session_spill"
    place.mkdir(parents=True)
    for number in range(50):
        (place / f"other{number}.1.2.3.json").write_text("{}")
    os.utime(place, (0, 0))
    with count_of("listdir", str(place)) as listings:
        for _ in range(20):
            assert contents(store) == ["a"]
    assert listings == [str(place)]
    (place / "s.1.2.3.json").write_text(
        '{"session_id": "s", "messages": [{"content": "b", "timestamp": 1}]}'
    )
    assert contents(store) == ["a", "b"]


@contextmanager
def count_of(name: str, wanted: str) -> Iterator[list[str]]:
    """The calls of a function of the system with one path."""
    real, seen = getattr(os, name), list[str]()

    def counted(path: Any) -> Any:
        seen.extend([str(path)] * (str(path) == wanted))
        return real(path)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, name, counted)
        yield seen
