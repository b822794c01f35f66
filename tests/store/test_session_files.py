"""Session files: what is read, what survives a write, and what is set aside."""

import json
import logging
from pathlib import Path
from typing import Any

import pytest
from praisonaiagents.session import DefaultSessionStore as Released

from reference_impl import DefaultSessionStore, names
from reference_impl.session import NotASession, SessionMessage

DEEP = "[" * 100_000 + "]" * 100_000
WRONG = {
    "empty": b"",
    "truncated": b'{"session_id": "s", "messages": [',
    "list": b"[]",
    "null": b"null",
    "string": b'"text"',
    "number": b"7",
    "null messages": b'{"messages": null}',
    "text messages": b'{"messages": "abc"}',
    "object messages": b'{"messages": {}}',
    "message is null": b'{"messages": [null]}',
    "message is text": b'{"messages": ["abc"]}',
    "content is a number": b'{"messages": [{"role": "user", "content": 7}]}',
    "role is a list": b'{"messages": [{"role": [], "content": ""}]}',
    "metadata is a list": b'{"metadata": []}',
    "message metadata is text": b'{"messages": [{"metadata": "x"}]}',
    "archive is text": b'{"archived_messages": "x"}',
    "checkpoint is a list": b'{"last_compaction": []}',
    "checkpoint index is text": b'{"last_compaction": {"message_index": "x"}}',
    "state is a list": b'{"runtime_state": []}',
    "id is a number": b'{"session_id": 7}',
    "bad UTF-8": b'{"session_id": "\xff"}',
    "byte order mark": b'\xef\xbb\xbf{"messages": []}',
    "deep": DEEP.encode(),
    "deep in a message": ('{"messages": [{"metadata": {"x": ' + DEEP + "}}]}").encode(),
    "two values": b"{} {}",
}


def put(store: DefaultSessionStore, data: Any, name: str = "s") -> Path:
    """Write a session's file by hand."""
    path = Path(store.session_dir) / f"{name}.json"
    path.write_bytes(data if isinstance(data, bytes) else json.dumps(data).encode())
    return path


@pytest.mark.parametrize("data", WRONG.values(), ids=WRONG)
def test_what_is_no_session_is_set_aside(
    store: DefaultSessionStore, data: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    """A file of the wrong shape at any level is renamed and logged, with every byte kept."""
    path = put(store, data)
    with caplog.at_level(logging.ERROR):
        assert store.get_chat_history("s") == []
    [aside] = path.parent.glob("s.json.corrupt-*")
    assert aside.read_bytes() == data
    assert aside.name in caplog.text
    assert store.add_user_message("s", "new") is True
    assert [message["content"] for message in store.get_chat_history("s")] == ["new"]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"[]", "the file is a list, not an object"),
        (b'{"messages": null}', "messages is null"),
        (b'{"metadata": []}', "the file: 'metadata' is a list"),
        (b'{"messages": [{}, "abc"]}', "messages[1] is a str, not an object"),
        (b'{"messages": [{"content": 7}]}', "messages[0]: 'content' is a int"),
        (b'{"archived_messages": [{"role": []}]}', "archived_messages[0]: 'role' is a list"),
        (b'{"messages": [{"timestamp": true}]}', "messages[0]: 'timestamp' is a bool"),
        (b'{"messages": [{"timestamp": false}]}', "messages[0]: 'timestamp' is a bool"),
        (b'{"last_compaction": {"summary": 7}}', "last_compaction: 'summary' is a int"),
        (
            b'{"messages": [{"role": "user", "content": 7, "timestamp": 1.5, "metadata": {}}]}',
            "messages[0]: 'content' is a int",
        ),
        (b"{} {}", "Extra data: line 1 column 4 (char 3)"),
        (DEEP.encode(), "it is nested too deeply"),
    ],
)
def test_log_says_what_is_wrong_and_where(
    store: DefaultSessionStore, data: bytes, words: str, caplog: pytest.LogCaptureFixture
) -> None:
    """The reason for setting a file aside names the place in it."""
    put(store, data)
    store.get_chat_history("s")
    assert f"is not a session ({words});" in caplog.text


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
    with pytest.raises(NotASession, match=r"^a message is a list, not an object$"):
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
    """A file that cannot be read raises, and is neither empty nor overwritten."""
    (Path(store.session_dir) / "s.json").mkdir()
    for call in (
        lambda: store.get_chat_history("s"),
        lambda: store.add_user_message("s", "x"),
        lambda: store.clear_session("s"),
    ):
        with pytest.raises(OSError, match=r"s\.json"):
            call()


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


@pytest.mark.parametrize(
    "content", ["NaN: \ud800", "\x00", "\u2028", "😀", "\x1b[0m", "a\r\nb", " ", "x" * 2**20]
)
def test_release_and_reference_read_each_other(tmp_path: Path, content: str) -> None:
    """What one implementation writes the other reads, lone surrogates and NaN included."""
    released, reference = Released(str(tmp_path)), DefaultSessionStore(tmp_path)
    note = {"nan": float("nan"), "infinity": float("inf"), "big": 2**80}
    try:
        stored = released.add_user_message("s", content, note)
    except UnicodeEncodeError:
        stored = False
    if stored:
        assert reference.get_chat_history("s")[-1]["content"] == content
    assert reference.add_user_message("s", content, note) is True
    assert reference.get_chat_history("s")[-1]["content"] == content
    assert released.get_chat_history("s")[-1]["content"] == content
    kept = reference.get_session("s").messages[-1].metadata
    assert kept["infinity"] == float("inf")
    assert kept["big"] == 2**80


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
