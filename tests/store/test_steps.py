"""The steps of each call, in their order: what is locked, loaded, flushed and removed when."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from reference_impl import DefaultSessionStore
from tests.store.test_salvage import full_disk

if os.name != "posix":
    pytest.skip("the steps are those of POSIX", allow_module_level=True)

from tests.store.steps import recorded

LOADED = ["lock s", "read s", "unlock s"]
# What is seen is on the disk, and whoever reads next has it: the name may follow without the lock.
PUT = ["flush s.new", "replace s", "unlock s", "flush sessions"]
Call = Callable[[DefaultSessionStore], Any]


@pytest.mark.parametrize(
    ("call", "steps"),
    [
        (lambda store: store.get_chat_history("s"), LOADED),
        (lambda store: store.get_session("s"), LOADED),
        (lambda store: store.get_working_history("s"), LOADED),
        (lambda store: store.session_exists("s"), LOADED),
        (lambda store: store.add_user_message("s", "b"), ["lock s", "read s", *PUT]),
        (lambda store: store.rename_session("s", "b"), ["lock s", "read s", *PUT]),
        (lambda store: store.clear_session("s"), ["lock s", "read s", *PUT]),
    ],
    ids=["history", "session", "working", "exists", "append", "rename", "clear"],
)
def test_lock_is_held_from_load_to_replacement(
    tmp_path: Path, store: DefaultSessionStore, call: Call, steps: list[str]
) -> None:
    """A file is loaded and replaced under one lock, flushed before it is seen, its name after."""
    store.add_user_message("s", "a")
    with recorded(tmp_path) as found:
        call(store)
    assert found == steps


def test_first_write_has_the_steps_of_every_write(
    tmp_path: Path, store: DefaultSessionStore
) -> None:
    """A session without a file has none to load, and all else is as ever."""
    with recorded(tmp_path) as steps:
        store.add_user_message("s", "a")
    assert steps == ["lock s", *PUT]


def test_delete_removes_unfinished_content_first(
    tmp_path: Path, store: DefaultSessionStore
) -> None:
    """A delete that is killed leaves the session, and never what a killed writer left of it."""
    store.add_user_message("s", "a")
    (tmp_path / "sessions" / ".s.json.tmp").write_bytes(b"half of it")
    with recorded(tmp_path) as steps:
        assert store.delete_session("s") is True
    assert steps == ["lock s", "read s", "remove s.new", "remove s", "flush sessions", "unlock s"]


def test_delete_removes_what_is_read_first_last(tmp_path: Path, store: DefaultSessionStore) -> None:
    """Of two files of an id the older goes first, or a delete that is killed brings it back."""
    store.add_user_message("user:1", "new")
    [own] = (tmp_path / "sessions").glob("*.json")
    (tmp_path / "sessions" / "user_1.json").write_text('{"session_id": "user:1", "messages": []}')
    with recorded(tmp_path) as steps:
        assert store.delete_session("user:1") is True
    removed = ["remove user_1", "flush sessions", f"remove {own.stem}", "flush sessions"]
    assert steps == ["lock user_1", f"read {own.stem}", "read user_1", *removed, "unlock user_1"]


def test_file_set_aside_is_put_on_the_disk(tmp_path: Path, store: DefaultSessionStore) -> None:
    """What is no session gets its other name under the lock, and for good."""
    path = tmp_path / "sessions" / "s.json"
    path.write_bytes(b"junk")
    os.utime(path, (0, 0))
    with recorded(tmp_path) as steps:
        assert store.get_chat_history("s") == []
    done = [step for step in steps if step != "read s"]
    assert done == ["lock s", "set aside s", "flush sessions", "unlock s"]


def test_new_directories_are_put_on_the_disk(tmp_path: Path) -> None:
    """Each directory that the store makes is flushed into the one above, from the top down."""
    with recorded(tmp_path) as steps:
        DefaultSessionStore(tmp_path / "a" / "b" / "sessions")
    assert steps == ["flush .", "flush a", "flush b"]


def test_turn_that_waits_is_put_on_the_disk(tmp_path: Path, store: DefaultSessionStore) -> None:
    """A turn whose write failed is flushed before and after it has its name."""
    with full_disk(store.session_dir):
        store.add_user_message("s", "a")
        with recorded(tmp_path) as steps:
            assert store.add_user_message("s", "b") is False
    assert "replace s" not in steps
    assert steps[-3:] == ["flush turn.new", "replace turn", "flush s.waiting"]


def test_turn_that_waits_stays_until_it_is_on_the_disk(
    tmp_path: Path, store: DefaultSessionStore
) -> None:
    """The file of a turn goes when the session that it was folded into is flushed, name and all."""
    store.add_user_message("s", "a")
    with full_disk(store.session_dir):
        store.add_user_message("s", "b")
    with recorded(tmp_path) as steps:
        assert store.add_user_message("s", "c") is True
    forgotten = ["remove turn", "flush s.waiting"]
    assert steps == ["lock s", "read s", "read turn", *PUT, *forgotten]


def test_delete_removes_what_waits_first(tmp_path: Path, store: DefaultSessionStore) -> None:
    """What waits goes before its session, or a delete that is killed brings the session back."""
    store.add_user_message("s", "a")
    with full_disk(store.session_dir):
        store.add_user_message("s", "b")
    with recorded(tmp_path) as steps:
        assert store.delete_session("s") is True
    removed = [step for step in steps if step.startswith("remove")]
    assert removed == ["remove turn", "remove s"]
