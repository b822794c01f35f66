"""The reference store, method by method."""

import json
import os
import pickle
import stat
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from reference_impl import (
    DefaultSessionStore,
    LockTimeout,
    SessionStoreProtocol,
)

CALL = {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}


def contents(store: DefaultSessionStore, session: str = "s", **limit: int) -> list[str]:
    """The texts of a session's history."""
    return [message["content"] for message in store.get_chat_history(session, **limit)]


def test_it_is_a_session_store(store: DefaultSessionStore) -> None:
    """The store has the methods of the protocol."""
    assert isinstance(store, SessionStoreProtocol)


def test_messages_come_back_in_order(store: DefaultSessionStore) -> None:
    """Messages of each role come back as they were added, without notes and times."""
    assert store.add_user_message("s", "a", {"note": 1}) is True
    assert store.add_assistant_message("s", "b") is True
    assert store.add_message("s", "system", "c") is True
    assert store.get_chat_history("s") == [
        {"role": "user", "content": "a"},
        {"role": "assistant", "content": "b"},
        {"role": "system", "content": "c"},
    ]
    assert store.get_session("s").messages[0].metadata == {"note": 1}


@pytest.mark.parametrize(("limit", "expected"), [(2, "cd"), (4, "abcd"), (9, "abcd"), (0, "abcd")])
def test_limit_gives_the_newest(store: DefaultSessionStore, limit: int, expected: str) -> None:
    """A limit gives the newest messages; 0 and more than there are give all."""
    for text in "abcd":
        store.add_user_message("s", text)
    assert contents(store, max_messages=limit) == list(expected)


def test_tail_never_starts_on_an_orphaned_tool_result(store: DefaultSessionStore) -> None:
    """A limit that would cut a tool exchange in two gives less instead."""
    store.add_user_message("s", "a")
    store.add_message("s", "assistant", "", tool_calls=[CALL, CALL | {"id": "d"}])
    store.add_message("s", "tool", "r1", tool_call_id="c")
    store.add_message("s", "tool", "r2", tool_call_id="d")
    store.add_assistant_message("s", "b")
    assert contents(store, max_messages=3) == ["b"]
    assert contents(store, max_messages=2) == ["b"]
    assert store.get_chat_history("s", max_messages=4)[0]["tool_calls"][0] == CALL
    assert store.get_chat_history("s")[2]["tool_call_id"] == "c"


def test_result_without_its_call_is_kept_and_not_sent(store: DefaultSessionStore) -> None:
    """A tool result without its call stays in the session and out of the history."""
    store.add_message("s", "tool", "r", tool_call_id="c")
    store.add_user_message("s", "a")
    assert contents(store) == contents(store, max_messages=2) == ["a"]
    assert [message.content for message in store.get_session("s").messages] == ["r", "a"]


def test_clear_keeps_the_session_and_its_metadata(store: DefaultSessionStore) -> None:
    """Clearing removes messages and checkpoint, and keeps the rest."""
    store.add_user_message("s", "a")
    store.append_compaction_checkpoint("s", "sum")
    store.rename_session("s", "Title")
    assert store.clear_session("s") is True
    assert contents(store) == []
    assert store.get_working_history("s") == []
    assert store.session_exists("s")
    assert store.get_session("s").metadata == {"title": "Title"}


def test_clear_and_delete_of_nothing_create_nothing(store: DefaultSessionStore) -> None:
    """Clearing or deleting a session that is not there says True and makes none."""
    for call in (store.clear_session, store.delete_session):
        assert call("s") is True
        assert store.session_exists("s") is False
        assert store.list_sessions() == []


def test_delete_removes_everything(store: DefaultSessionStore) -> None:
    """After a delete nothing is left, and the id can be used again."""
    store.add_user_message("s", "a")
    store.rename_session("s", "Title")
    assert store.delete_session("s") is True
    assert (contents(store), store.session_exists("s")) == ([], False)
    store.add_user_message("s", "b")
    assert contents(store) == ["b"]
    assert store.get_session("s").metadata == {}


def test_replacing_takes_whole_turns(store: DefaultSessionStore) -> None:
    """A replaced history has the tool fields and notes that it was given, and no checkpoint."""
    store.add_user_message("s", "a")
    store.append_compaction_checkpoint("s", "sum")
    turns = [
        {"role": "assistant", "content": "", "tool_calls": [CALL], "metadata": {"n": 1}},
        {"role": "tool", "content": "r", "tool_call_id": "c"},
        {"role": "user"},
    ]
    assert store.set_chat_history("s", turns) is True
    assert store.get_working_history("s") == [
        {"role": "assistant", "content": "", "tool_calls": [CALL]},
        {"role": "tool", "content": "r", "tool_call_id": "c"},
        {"role": "user", "content": ""},
    ]
    assert store.get_session("s").messages[0].metadata == {"n": 1}


def test_replacing_keeps_the_times_that_it_is_given(store: DefaultSessionStore) -> None:
    """A replaced message with a timestamp keeps it."""
    store.set_chat_history("s", [{"role": "user", "content": "a", "timestamp": 5.5}])
    assert store.get_session("s").messages[0].timestamp == 5.5


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ("text", r"messages\[1\] is a dict with role and content, not str: 'text'"),
        (
            {"role": "user", "content": 7},
            r"messages\[1\]\.content is a string or a list of parts, not int: 7",
        ),
    ],
)
def test_replacing_by_what_is_no_message_changes_nothing(
    store: DefaultSessionStore, message: Any, words: str
) -> None:
    """A message of the wrong shape is named, and the history stays as it was."""
    store.add_user_message("s", "a")
    with pytest.raises((TypeError, ValueError), match=f"^{words}$"):
        store.set_chat_history("s", [{"role": "user", "content": "b"}, message])
    assert contents(store) == ["a"]


def test_notes_of_both_sides_are_kept(store: DefaultSessionStore) -> None:
    """The metadata of a user's and of an assistant's message come back."""
    store.add_user_message("s", "a", {"n": 1})
    store.add_assistant_message("s", "b", {"n": 2})
    assert [message.metadata for message in store.get_session("s").messages] == [
        {"n": 1},
        {"n": 2},
    ]


def test_times_are_in_utc(store: DefaultSessionStore) -> None:
    """A session's times say that they are in UTC."""
    store.add_user_message("s", "a")
    session = store.get_session("s")
    for moment in (session.created_at, session.updated_at):
        assert datetime.fromisoformat(moment).utcoffset() == timedelta(0)


def test_metadata_is_merged(store: DefaultSessionStore) -> None:
    """Fields are merged, None changes nothing, and the names of agent and user are recorded."""
    store.update_session_metadata("s", a=1, agent_id="i", agent_name="A", user_id="u")
    store.update_session_metadata("s", a=2, b=None)
    assert store.update_session_metadata("t") is True
    session = store.get_session("s")
    assert session.metadata == {"a": 2, "agent_id": "i", "agent_name": "A", "user_id": "u"}
    assert (session.agent_id, session.agent_name, session.user_id) == ("i", "A", "u")
    assert store.session_exists("t") is False


def test_titles(store: DefaultSessionStore) -> None:
    """A title is kept without surrounding blanks, and an empty one removes it."""
    store.rename_session("s", "  Title ")
    assert store.list_sessions()[0]["title"] == "Title"
    for _ in range(2):
        assert store.rename_session("s", " ") is True
        assert store.list_sessions()[0]["title"] is None


def test_model_of_a_session(store: DefaultSessionStore) -> None:
    """The model is that of the session, else that of the newest message that has one."""
    assert store.get_session_model("s") is None
    store.add_message("s", "assistant", "x", {"model": "old"})
    store.add_message("s", "assistant", "y", {"model": "new"})
    assert store.get_session_model("s") == "new"
    store.update_session_metadata("s", llm=7)
    assert store.get_session_model("s") == "new"
    store.update_session_metadata("s", llm="llm")
    assert store.get_session_model("s") == "llm"
    store.update_session_metadata("s", model="model")
    assert store.get_session_model("s") == "model"


def test_reading_leaves_no_file(store: DefaultSessionStore) -> None:
    """Reading an unknown id writes nothing, not even a lock."""
    assert store.get_chat_history("s") == []
    store.get_session("s")
    store.session_exists("s")
    store.get_session_model("s")
    assert os.listdir(store.session_dir) == []
    # An id that the release could not store has no file of the release's, whatever is there.
    (Path(store.session_dir) / "None.json").write_text("{}")
    assert store.get_chat_history("x" * 300) == []
    assert os.listdir(store.session_dir) == ["None.json"]


def test_invalidating_does_nothing(store: DefaultSessionStore) -> None:
    """There is no cache, so invalidating it changes nothing."""
    store.add_user_message("s", "x")
    store.invalidate_cache()
    store.invalidate_cache("s")
    assert contents(store) == ["x"]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no permission bits")
def test_files_are_the_owners(store: DefaultSessionStore) -> None:
    """Session files and locks can be read by their owner alone."""
    store.add_user_message("s", "x")
    for entry in Path(store.session_dir).iterdir():
        assert stat.S_IMODE(entry.stat().st_mode) == 0o600, entry.name


@pytest.mark.parametrize("session", [None, 7, b"x"])
def test_id_that_is_no_text_is_refused(store: DefaultSessionStore, session: object) -> None:
    """Every method names an id that is not a string."""
    for method in (store.get_chat_history, store.clear_session, store.session_exists):
        with pytest.raises(TypeError, match="a session id is a string"):
            method(session)  # type: ignore[arg-type]


def test_empty_id_is_refused(store: DefaultSessionStore) -> None:
    """The empty id is no id."""
    with pytest.raises(ValueError, match="must not be empty"):
        store.add_user_message("", "x")


@pytest.mark.parametrize("content", [None, 1, b"x", ["x"]])
def test_content_that_is_no_text_is_refused(store: DefaultSessionStore, content: object) -> None:
    """Content that is neither a string nor a list of parts is named, and nothing is stored."""
    with pytest.raises(TypeError, match=r"^content(\[0\])? is a "):
        store.add_user_message("s", content)  # type: ignore[arg-type]
    assert store.session_exists("s") is False


def test_metadata_that_is_no_json_is_refused(store: DefaultSessionStore) -> None:
    """Metadata without a JSON form raises, and the session stays as it was."""
    store.add_user_message("s", "a")
    with pytest.raises(TypeError):
        store.add_user_message("s", "b", {"x": object()})
    assert contents(store) == ["a"]
    assert not list(Path(store.session_dir).glob("*.tmp"))


def test_bad_retention_is_named(tmp_path: Path) -> None:
    """A retention that does not exist is named with those that do."""
    with pytest.raises(ValueError, match="compact, truncate, keep_all, not 'forget'"):
        DefaultSessionStore(tmp_path, retention="forget")


def test_held_lock_ends_a_call_in_time(store: DefaultSessionStore) -> None:
    """A lock held elsewhere raises after the timeout, says what to do, and survives pickling."""
    from filelock import FileLock

    impatient = DefaultSessionStore(store.session_dir, lock_timeout=0.1)
    store.add_user_message("s", "a")
    with FileLock(Path(store.session_dir) / "s.json.lock"):
        for call in (impatient.get_chat_history, impatient.delete_session):
            with pytest.raises(LockTimeout, match=r"session 's' is in use: .* held .* 0\.1 s") as e:
                call("s")
            assert isinstance(e.value, OSError)
            again = pickle.loads(pickle.dumps(e.value))
            assert (str(again), again.session_id) == (str(e.value), "s")
    assert contents(impatient) == ["a"]


def test_file_is_readable_text(store: DefaultSessionStore) -> None:
    """A session file is indented JSON with the metadata that lists need at its end."""
    store.add_user_message("s", "Zażółć")
    store.update_session_metadata("s", model="m")
    text = (Path(store.session_dir) / "s.json").read_text("utf-8")
    assert text.startswith('{\n  "session_id": "s",\n  "messages": [\n    {\n      "role": "user"')
    assert "Zażółć" in text
    found = json.loads(text)
    assert list(found)[-1] == "model"
    assert text == json.dumps(found, indent=2, ensure_ascii=False)
