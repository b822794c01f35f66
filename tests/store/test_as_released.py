"""What the differential run found where the release is right: the reference does the same."""

import json
from pathlib import Path

import pytest

from reference_impl import DefaultSessionStore

CHECKPOINT = {"summary": "S", "message_index": -1}


def _write(store: DefaultSessionStore, session_id: str, text: str) -> Path:
    path = Path(store.session_dir) / f"{session_id}.json"
    path.write_text(text, "utf-8")
    return path


def test_session_without_a_moment_is_listed_last(store: DefaultSessionStore) -> None:
    """A file that does not say when it was changed stands behind those that do."""
    store.add_user_message("a", "x")
    _write(store, "b", '{"messages": []}')
    assert [each["session_id"] for each in store.list_sessions()] == ["a", "b"]


def test_a_list_says_no_moment_that_the_file_does_not(store: DefaultSessionStore) -> None:
    """The moment of a read is not taken for that of a change."""
    _write(store, "a", '{"messages": [], "metadata": {"n": NaN}}')
    (listed,) = store.list_sessions()
    assert (listed["created_at"], listed["updated_at"]) == (None, None)


@pytest.mark.parametrize(("limit", "expected"), [(-1, 2), (None, 3), (0, 0), (5, 3)])
def test_a_limit_of_sessions_is_a_slice(
    limit: int, expected: int, store: DefaultSessionStore
) -> None:
    """A limit counts from the end when it is negative, and None is no limit."""
    for session_id in ("a", "b", "c"):
        store.set_agent_info(session_id, agent_name="A")
    assert len(store.get_sessions_by_agent("A", limit=limit)) == expected


def test_no_window_is_no_limit(tmp_path: Path) -> None:
    """A window of None keeps what is stored, whatever the retention."""
    store = DefaultSessionStore(tmp_path / "s", max_messages=None, retention="truncate")  # type: ignore[arg-type]
    for n in range(120):
        store.add_user_message("a", f"{n}")
    assert len(store.get_chat_history("a")) == 120


def test_an_index_before_the_beginning_is_kept_and_means_the_beginning(
    store: DefaultSessionStore,
) -> None:
    """A checkpoint's negative index is written back as it is, and cuts nothing off."""
    turns = [{"role": "user", "content": text} for text in ("x", "y")]
    whole = {"messages": turns, "last_compaction": CHECKPOINT}
    path = _write(store, "a", json.dumps(whole))
    assert [each["content"] for each in store.get_working_history("a")] == ["S", "x", "y"]
    store.rename_session("a", "T")
    assert json.loads(path.read_text("utf-8"))["last_compaction"]["message_index"] == -1


@pytest.mark.parametrize(
    "text", ['{"messages": "abc"}', "half a sess", "[]", '{"session_id": "a"}']
)
def test_a_delete_removes_what_stands_there(text: str, store: DefaultSessionStore) -> None:
    """Who deletes a session wants it gone, whatever the shape of its file."""
    path = _write(store, "a", text)
    assert store.delete_session("a")
    assert not path.exists()


def test_a_delete_spares_another_s_file(store: DefaultSessionStore) -> None:
    """A file that says whose it is is no other session's to remove, whatever its name."""
    path = _write(store, "a", '{"session_id": "b", "messages": "abc"}')
    assert store.delete_session("a")
    assert path.exists()
