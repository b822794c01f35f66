"""Session files: what is read, what survives a write, and what is set aside."""

import json
import logging
import os
import pickle
from pathlib import Path
from typing import Any

import pytest
from praisonaiagents.session import DefaultSessionStore as Released

from reference_impl import DefaultSessionStore, names
from reference_impl.session import SessionMessage, UnexpectedShape

DEEP = "[" * 100_000 + "]" * 100_000
NO_OBJECT = {
    "empty": b"",
    "truncated": b'{"session_id": "s", "messages": [',
    "list": b"[]",
    "null": b"null",
    "string": b'"text"',
    "number": b"7",
    "bad UTF-8": b'{"session_id": "\xff"}',
    "byte order mark alone": b"\xef\xbb\xbf",
    "deep": DEEP.encode(),
    "deep in a message": ('{"messages": [{"metadata": {"x": ' + DEEP + "}}]}").encode(),
    "two values": b"{} {}",
}
# Each with the place that the error names, and what is there.
NO_SESSION = {
    b'{"messages": null}': "a null in messages",
    b'{"messages": "abc"}': "a str in messages",
    b'{"messages": {}}': "a dict in messages",
    b'{"messages": [null]}': r"a NoneType in messages\[0\]",
    b'{"messages": [{}, "abc"]}': r"a str in messages\[1\]",
    b'{"metadata": []}': "a list in metadata",
    b'{"metadata": [1], "messages": [{"role": "user", "content": "a"}]}': "a list in metadata",
    b'{"archived_messages": [{}, 5]}': r"a int in archived_messages\[1\]",
    b'{"last_compaction": {"message_index": 1.0}}': r"a float in last_compaction\.message_index",
    b'{"archived_messages": "x"}': "a str in archived_messages",
    b'{"last_compaction": []}': "a list in last_compaction",
    b'{"last_compaction": {"message_index": "x"}}': r"a str in last_compaction\.message_index",
    b'{"runtime_state": []}': "a list in runtime_state",
}
# What the release stores when it is asked to, or what a person may write.
ODD = {
    "content is a number": {"messages": [{"role": "user", "content": 7}]},
    "role is a list": {"messages": [{"role": ["user"], "content": ""}]},
    "metadata is text": {"messages": [{"role": "user", "content": "a", "metadata": "note"}]},
    "tool call id": {"messages": [{"role": "tool", "content": "a", "tool_call_id": 5}]},
    "time is text": {"messages": [{"role": "user", "content": "a", "timestamp": "noon"}]},
    "user id": {"user_id": 42, "agent_name": ["a"], "messages": []},
    "tokens": {"messages": [], "last_compaction": {"summary": 7, "tokens_before": 1.5}},
}


def put(store: DefaultSessionStore, data: Any, name: str = "s") -> Path:
    """Write a session's file by hand."""
    path = Path(store.session_dir) / f"{name}.json"
    path.write_bytes(data if isinstance(data, bytes) else json.dumps(data).encode())
    # Nobody waits for the rest of a file that was changed long ago.
    os.utime(path, (0, 0))
    return path


@pytest.mark.parametrize("data", NO_OBJECT.values(), ids=NO_OBJECT)
def test_what_is_no_object_is_set_aside(
    store: DefaultSessionStore, data: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    """A file that is no JSON object is renamed and logged, with every byte kept."""
    path = put(store, data)
    with caplog.at_level(logging.ERROR):
        assert store.get_chat_history("s") == []
    [aside] = path.parent.glob("s.json.corrupt-*")
    assert aside.read_bytes() == data
    assert aside.name in caplog.text
    assert store.add_user_message("s", "new") is True
    assert [message["content"] for message in store.get_chat_history("s")] == ["new"]


CALLS: dict[str, Any] = {
    "get_chat_history": lambda s: s.get_chat_history("s"),
    "get_working_history": lambda s: s.get_working_history("s"),
    "get_session": lambda s: s.get_session("s"),
    "get_session_model": lambda s: s.get_session_model("s"),
    "session_exists": lambda s: s.session_exists("s"),
    "clear_session": lambda s: s.clear_session("s"),
    "set_chat_history": lambda s: s.set_chat_history("s", []),
    "append_compaction_checkpoint": lambda s: s.append_compaction_checkpoint("s", "sum"),
    "update_session_metadata": lambda s: s.update_session_metadata("s", a=1),
    "rename_session": lambda s: s.rename_session("s", "title"),
    "set_agent_info": lambda s: s.set_agent_info("s", "A"),
    "set_gateway_info": lambda s: s.set_gateway_info("s", "g"),
}


@pytest.mark.parametrize(("data", "words"), NO_SESSION.items(), ids=str)
def test_object_that_is_no_session_is_an_error(
    store: DefaultSessionStore, data: bytes, words: str
) -> None:
    """JSON of another shape raises with file and place from each read and change, an append waits,
    and nothing goes over the file until it is mended."""
    path = put(store, data)
    for call in CALLS.values():
        with pytest.raises(UnexpectedShape, match=rf"s\.json holds a session with {words}\."):
            call(store)
    for append in (store.add_user_message, store.add_assistant_message):
        assert append("s", "new") is False
    assert store.add_message("s", "tool", "new", tool_call_id="c") is False
    assert [each["session_id"] for each in store.list_sessions()] == []
    assert path.read_bytes() == data
    assert not list(path.parent.glob("*.corrupt-*"))
    put(store, {"messages": []})
    assert [message.content for message in store.get_session("s").messages] == ["new"] * 3


def test_every_call_meets_what_is_no_session() -> None:
    """The calls of the test above are the methods that read or change one session."""
    apart = {"add_message", "add_user_message", "add_assistant_message", "delete_session"}
    own = {name for name in dir(DefaultSessionStore) if not name.startswith("_")}
    lists = {name for name in own if "sessions" in name or "_by_" in name}
    assert own - lists - apart - {"invalidate_cache"} == set(CALLS)


@pytest.mark.parametrize("data", ODD.values(), ids=ODD)
def test_odd_value_is_kept_as_it_is(store: DefaultSessionStore, data: dict[str, Any]) -> None:
    """A known key with an unexpected value hides nothing and survives every write."""
    path = put(store, data)
    assert len(store.get_session("s").messages) == len(data["messages"])
    assert store.add_user_message("s", "new") is True
    assert store.rename_session("s", "title") is True
    found = json.loads(path.read_text("utf-8"))
    for key, value in data.items():
        there = found[key][:-1] if key == "messages" else found[key]
        if isinstance(value, dict):
            assert {name: there[name] for name in value} == value
        elif key == "messages":
            kept = [
                {name: each[name] for name in one} for each, one in zip(there, value, strict=True)
            ]
            assert kept == value
        else:
            assert there == value
    assert not list(path.parent.glob("*.corrupt-*"))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"[]", "the file is a list, not an object"),
        (b"{} {}", "Extra data: line 1 column 4 (char 3)"),
        (DEEP.encode(), "it is nested too deeply"),
    ],
)
def test_log_says_what_is_wrong(
    store: DefaultSessionStore, data: bytes, words: str, caplog: pytest.LogCaptureFixture
) -> None:
    """The reason for setting a file aside is logged."""
    put(store, data)
    store.get_chat_history("s")
    assert f"is no session ({words});" in caplog.text


def test_what_is_absent_has_a_default(store: DefaultSessionStore) -> None:
    """A file may leave out every key, and a message or a checkpoint all of theirs."""
    path = put(store, b"{}")
    assert store.get_chat_history("s") == []
    assert path.exists()
    put(
        store, {"messages": [{"content": "a"}, {"role": ""}], "last_compaction": {"role": "system"}}
    )
    assert store.get_chat_history("s") == [
        {"role": "user", "content": "a"},
        {"role": "user", "content": ""},
    ]
    assert store.get_working_history("s") == [
        {"role": "system", "content": ""},
        *store.get_chat_history("s"),
    ]
    with pytest.raises(UnexpectedShape, match="a list in a message"):
        SessionMessage.from_dict([])  # type: ignore[arg-type]


def test_role_that_is_empty_is_a_user_s(store: DefaultSessionStore) -> None:
    """A message without a role, though it has all its keys, is a user's."""
    put(store, {"messages": [{"role": "", "content": "a", "timestamp": 1.5, "metadata": {}}]})
    assert store.get_chat_history("s") == [{"role": "user", "content": "a"}]


def test_hashed_name_need_not_repeat_the_id(store: DefaultSessionStore) -> None:
    """A file under an id's own name is that id's, also without the id in it."""
    put(store, {"messages": [{"content": "a"}]}, names.hashed("user:1"))
    assert [message["content"] for message in store.get_chat_history("user:1")] == ["a"]


def test_write_sets_aside_too(store: DefaultSessionStore) -> None:
    """A write onto a file that is no session keeps the old bytes beside the new session."""
    path = put(store, b"junk")
    store.add_user_message("s", "new")
    put(store, b"more junk")
    store.add_user_message("s", "newer")
    kept = sorted(aside.read_bytes() for aside in path.parent.glob("s.json.corrupt-*"))
    assert kept == [b"junk", b"more junk"]


def test_unreadable_file_is_an_error(store: DefaultSessionStore) -> None:
    """A file that cannot be read raises, and is neither empty nor overwritten; a turn waits."""
    path = Path(store.session_dir) / "s.json"
    path.mkdir()
    for call in (store.get_chat_history, store.clear_session):
        with pytest.raises(OSError, match=r"s\.json"):
            call("s")
    assert store.add_user_message("s", "x") is False
    path.rmdir()
    assert [message["content"] for message in store.get_chat_history("s")] == ["x"]


def test_unknown_keys_survive_any_write(store: DefaultSessionStore) -> None:
    """Keys that the store does not know keep their values at every level, through every write."""
    strange = {"deep": [1, 2.5, None, {"ü": True}], "big": 2**70, "tiny": 5e-324}
    checkpoint = {"summary": "x", "message_index": 1} | strange
    message = {"role": "user", "content": "a", "timestamp": 1, "metadata": {}} | strange
    put(
        store,
        {
            "session_id": "s",
            "messages": [message],
            "archived_messages": [message],
            "last_compaction": checkpoint,
        }
        | strange,
    )
    store.add_user_message("s", "b")
    store.update_session_metadata("s", model="m")
    store.rename_session("s", "t")
    store.set_agent_info("s", agent_name="A")
    store.set_gateway_info("s", agent_id="i")
    found = json.loads((Path(store.session_dir) / "s.json").read_text("utf-8"))
    for place in (found, found["messages"][0], found["archived_messages"][0]):
        assert {key: place[key] for key in strange} == strange
    assert {key: found["last_compaction"][key] for key in strange} == strange


@pytest.mark.parametrize("content", ["\x00", "\u2028", "😀", "\x1b[0m", "a\r\nb", " ", "x" * 2**20])
def test_release_and_reference_read_each_other(tmp_path: Path, content: str) -> None:
    """What one implementation writes the other reads, NaN of the release included."""
    released, reference = Released(str(tmp_path)), DefaultSessionStore(tmp_path)
    strange = {"nan": float("nan"), "infinity": float("inf"), "big": 2**80}
    assert released.add_user_message("s", content, strange) is True
    assert reference.get_chat_history("s")[-1]["content"] == content
    assert reference.add_user_message("s", content, {"big": 2**80}) is True
    assert reference.get_chat_history("s")[-1]["content"] == content
    assert released.get_chat_history("s")[-1]["content"] == content
    first, second = reference.get_session("s").messages
    assert first.metadata["infinity"] == float("inf")
    assert second.metadata == {"big": 2**80}


@pytest.mark.parametrize(
    "space", ["", " ", "\t\r\n", "\n\n   "], ids=["none", "blank", "tab", "lines"]
)
@pytest.mark.parametrize("texts", [[], ["a"], ["a]", "b"]], ids=len)
def test_append_finds_the_end_of_any_file(
    store: DefaultSessionStore, texts: list[str], space: str
) -> None:
    """However the list of messages is spaced, an append adds one behind its last."""
    rows = (json.dumps({"role": "user", "content": text}) for text in texts)
    listed = f"[{space}{f'{space},{space}'.join(rows)}{space}]"
    put(store, f'{{"kept":{space}[1],{space}"messages":{space}{listed}{space}}}'.encode())
    assert store.add_message("s", "user", "last")
    assert [each["content"] for each in store.get_chat_history("s")] == [*texts, "last"]
    [path] = Path(store.session_dir).glob("s.json")
    assert json.loads(path.read_bytes())["kept"] == [1]


def test_append_begins_the_list_of_a_file_without_one(store: DefaultSessionStore) -> None:
    """A file that has no messages yet gets its list with the first."""
    put(store, b'{"agent_name": "A"}')
    assert store.add_message("s", "user", "first")
    assert [each["content"] for each in store.get_chat_history("s")] == ["first"]


def test_keys_stand_in_the_order_of_the_release(tmp_path: Path) -> None:
    """The reference writes the same keys in the same order as the release."""
    files = []
    for kind in (Released, DefaultSessionStore):
        directory = tmp_path / kind.__module__
        store = kind(str(directory))
        store.add_message("s", "user", "a", {"n": 1})
        store.update_session_metadata("s", model="m", cost=1)
        store.append_compaction_checkpoint("s", "sum")
        files.append(json.loads((directory / "s.json").read_text("utf-8")))
    assert list(files[0]) == list(files[1])
    assert list(files[0]["messages"][0]) == list(files[1]["messages"][0])
    assert list(files[0]["last_compaction"]) == list(files[1]["last_compaction"])


def test_model_of_an_older_file_is_kept(store: DefaultSessionStore) -> None:
    """A file that has its model at the top level alone has it in its metadata too, and keeps it."""
    path = Path(store.session_dir) / "s.json"
    path.write_text('{"session_id": "s", "model": "old", "messages": []}', "utf-8")
    assert store.get_session("s").metadata == {"model": "old"}
    assert store.rename_session("s", "t") is True
    assert json.loads(path.read_text("utf-8"))["model"] == "old"


@pytest.mark.parametrize("above", ["old", 1, [1.0]])
def test_what_stands_twice_and_differs_is_kept_twice(
    store: DefaultSessionStore, above: object
) -> None:
    """A model at the top level that is not the one in the metadata is as much of the file as it."""
    path = Path(store.session_dir) / "s.json"
    path.write_text(
        json.dumps({"session_id": "s", "model": above, "messages": [], "metadata": {"model": True}})
    )
    assert store.rename_session("s", "t") is True
    written = json.loads(path.read_text("utf-8"))
    assert (written["model"], written["metadata"]["model"]) == (above, True)
    assert written["model"] is not True


def test_unexpected_shape_crosses_to_another_process(store: DefaultSessionStore) -> None:
    """The error names file and place also where a pool of processes has sent it on."""
    path = Path(store.session_dir) / "s.json"
    path.write_text('{"messages": 5}', "utf-8")
    with pytest.raises(UnexpectedShape) as caught:
        store.get_session("s")
    again = pickle.loads(pickle.dumps(caught.value))
    assert (str(again), again.place) == (str(caught.value), "messages")
    assert caught.value.filename == again.filename == str(path)
