"""Files and callers at the edge of what is allowed: nothing is lost, nothing is mistaken."""

import contextlib
import json
import math
import os
import shutil
import time
from pathlib import Path
from typing import Any

import pytest
from praisonaiagents.session import DefaultSessionStore as Released

from reference_impl import DefaultSessionStore, LockTimeout, names
from reference_impl.session import UnexpectedShape


@pytest.fixture
def store(tmp_path: Path) -> DefaultSessionStore:
    """A store on a directory of its own."""
    return DefaultSessionStore(tmp_path)


def put(store: DefaultSessionStore, data: Any, name: str = "s") -> Path:
    """Write a session's file by hand."""
    path = Path(store.session_dir) / f"{name}.json"
    path.write_text(data if isinstance(data, str) else json.dumps(data), "utf-8")
    return path


def nested(depth: int) -> str:
    """A session with one message and lists in lists in its metadata."""
    lists = "[" * depth + "]" * depth
    return f'{{"messages": [{{"content": "a", "metadata": {{"x": {lists}}}}}]}}'


def contents(store: DefaultSessionStore, session: str = "s") -> list[Any]:
    """The texts of a session's history."""
    return [message["content"] for message in store.get_chat_history(session)]


@pytest.mark.parametrize("depth", [400, 600, 900])
def test_deep_values_survive_a_write(store: DefaultSessionStore, depth: int) -> None:
    """What is deep and can be read can be written too, and comes through unchanged."""
    path = put(store, nested(depth))
    assert store.add_user_message("s", "b") is True
    assert contents(store) == ["a", "b"]
    assert "".join(path.read_text("utf-8").split()).count("[" * depth + "]" * depth) == 1


def test_deep_caller_does_not_make_a_file_deep(store: DefaultSessionStore) -> None:
    """A program close to Python's recursion limit loses no session to it."""
    path = put(store, nested(50))
    served = 0

    def descend() -> None:
        nonlocal served
        with contextlib.suppress(RecursionError):
            descend()
        with contextlib.suppress(RecursionError):
            served += contents(store) == ["a"]

    descend()
    assert served > 100
    assert [each.name for each in path.parent.glob("*.corrupt-*")] == []


def test_value_that_contains_itself_is_refused(store: DefaultSessionStore) -> None:
    """Metadata that contains itself raises, and the session stays as it was."""
    store.add_user_message("s", "a")
    endless: dict[str, Any] = {}
    endless["self"] = endless
    with pytest.raises(ValueError, match=r"nested too deeply|Circular"):
        store.add_user_message("s", "b", endless)
    assert contents(store) == ["a"]


def test_infinite_numbers_survive_everywhere(store: DefaultSessionStore) -> None:
    """NaN and Infinity come through a write, wherever they stand."""
    odd = {"nan": math.nan, "list": [math.inf, {"deep": -math.inf}]}
    message = {
        "role": "user",
        "content": "a",
        "timestamp": math.inf,
        "tool_calls": [odd],
    }
    session = {"messages": [message], "archived_messages": [message | odd]}
    for data in (
        session,
        {"messages": [], "last_compaction": {"summary": "x", "metadata": odd} | odd},
        {"messages": [], "archived_messages": [message]},
        {"messages": [{"role": "user", "content": "a"}], "runtime_state": odd},
        {"messages": []} | odd,
    ):
        path = put(store, data)
        store.rename_session("s", "t")
        found = json.loads(path.read_text("utf-8"))
        assert json.dumps({key: found[key] for key in data}).count("null") == 0
        assert "Infinity" in path.read_text("utf-8")
    assert not list(path.parent.glob("*.corrupt-*"))


@pytest.mark.parametrize("counted", ["many", None, [], 1.5])
def test_summary_without_a_count_is_carried_on(tmp_path: Path, counted: object) -> None:
    """A summary whose count is no number counts for nothing, and the write goes on."""
    store = DefaultSessionStore(tmp_path, active_window=2)
    metadata = {"compaction": True, "compacted_count": counted}
    summary = {"role": "system", "content": "[Session Summary]\nx", "metadata": metadata}
    turns = [{"role": "user", "content": text} for text in "abc"]
    put(store, {"messages": [summary, *turns]})
    assert store.add_user_message("s", "d") is True
    assert store.get_session("s").messages[0].metadata["compacted_count"] == 2


def test_file_under_another_ids_name_is_left_alone(store: DefaultSessionStore) -> None:
    """A file moved by hand onto another id's own name is neither that id's session nor lost."""
    for session in ("user:1", "user:2"):
        store.add_user_message(session, session)
    one, two = (
        Path(store.session_dir) / f"{names.hashed(session)}.json"
        for session in ("user:1", "user:2")
    )
    moved = two.read_bytes()
    two.replace(one)
    with pytest.raises(UnexpectedShape, match=r"a session 'user:2' in session_id"):
        store.get_chat_history("user:1")
    assert store.add_user_message("user:1", "x") is False
    assert one.read_bytes() == moved


def test_delete_removes_what_both_wrote(store: DefaultSessionStore) -> None:
    """An id that both implementations stored, each under its own name, is gone after one delete."""
    store.add_user_message("user:1", "a")
    released = {"session_id": "user:1", "messages": [{"role": "user", "content": "b"}]}
    put(store, released, "user_1")
    assert store.delete_session("user:1") is True
    assert (store.session_exists("user:1"), contents(store, "user:1")) == (False, [])


def test_delete_leaves_the_neighbour_of_a_folded_name(store: DefaultSessionStore) -> None:
    """Deleting an id does not touch the file of another one that folds to the same name."""
    store.add_user_message("user_1", "a")
    assert store.delete_session("user:1") is True
    assert contents(store, "user_1") == ["a"]


@pytest.mark.parametrize(
    "data", ["junk", '{"session_id": "user_1", "messages": 5}'], ids=["junk", "odd"]
)
def test_neighbour_that_cannot_be_read_is_left_alone(store: DefaultSessionStore, data: str) -> None:
    """Under the shared name may stand what is no session, or an odd one: it is another id's."""
    path = put(store, data, "user_1")
    assert store.get_chat_history("user:1") == []
    assert store.add_user_message("user:1", "a") is True
    assert contents(store, "user:1") == ["a"]
    assert store.delete_session("user:1") is True
    assert path.read_text("utf-8") == data


@pytest.mark.parametrize("length", [200, 201, 244, 245, 246, 300])
def test_long_ids_of_the_release_are_found(tmp_path: Path, length: int) -> None:
    """The reference finds every id that the release can store, and takes longer ones too."""
    session = "x" * length
    if length <= 245:
        Released(str(tmp_path), lock_timeout=0).add_user_message(session, "a")
    store = DefaultSessionStore(tmp_path)
    assert store.add_user_message(session, "b") is True
    assert contents(store, session) == (["a", "b"] if length <= 245 else ["b"])


def test_timeout_below_zero_is_no_wait(store: DefaultSessionStore) -> None:
    """A negative timeout gives up at once, as 0 does, and does not wait for ever."""
    from filelock import FileLock

    store.add_user_message("s", "a")
    with FileLock(Path(store.session_dir) / "s.json.lock"):
        for seconds in (0, -1):
            began = time.monotonic()
            with pytest.raises(LockTimeout):
                DefaultSessionStore(store.session_dir, lock_timeout=seconds).clear_session("s")
            assert time.monotonic() - began < 4


def test_timeout_can_be_asked_for(tmp_path: Path) -> None:
    """A store says how long it waits, as a caller that adds its own patience wants to know."""
    assert DefaultSessionStore(tmp_path, lock_timeout=7.5).lock_timeout == 7.5


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege on Windows")
def test_file_that_leads_nowhere_is_an_error(store: DefaultSessionStore) -> None:
    """A session file that cannot be looked at is neither absent nor empty."""
    path = Path(store.session_dir) / "s.json"
    path.symlink_to(path)
    for call in (store.get_chat_history, store.session_exists):
        with pytest.raises(OSError, match=r"s\.json"):
            call("s")


def test_directory_that_became_a_file_is_an_error(store: DefaultSessionStore) -> None:
    """Where the directory should be and a file is, reads and lists raise instead of being empty."""
    shutil.rmtree(store.session_dir)
    Path(store.session_dir).write_text("not a directory")
    for call in (
        lambda: store.get_chat_history("s"),
        lambda: store.session_exists("s"),
        store.list_sessions,
    ):
        with pytest.raises(NotADirectoryError):
            call()
