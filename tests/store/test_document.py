"""What a change does not touch stays as it stood, and the rest is as if all had been read."""

import json
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reference_impl import DefaultSessionStore, document, encoding
from reference_impl.session import SessionData

Call = Callable[[DefaultSessionStore], Any]

CALLS: dict[str, Call] = {
    "append": lambda store: store.add_user_message("s", "new"),
    "rename": lambda store: store.rename_session("s", "new"),
    "metadata": lambda store: store.update_session_metadata("s", model="m", odd=[1.5]),
    "agent": lambda store: store.set_agent_info("s", "new", "u"),
    "gateway": lambda store: store.set_gateway_info("s", "g"),
    "checkpoint": lambda store: store.append_compaction_checkpoint("s", "so far"),
    "replace": lambda store: store.set_chat_history("s", [{"role": "user", "content": "new"}] * 4),
    "clear": lambda store: store.clear_session("s"),
}
# A writer of its own, with spaces and numbers as no library of ours would write them.
ARCHIVED = b'[ {"content":"old","role":"user","score":1.50e1,"timestamp":1, "metadata": {}} ]'
OTHER = b'{ "a" : 1.0e0,"b":[ ] }'


def put(directory: Path, **parts: bytes) -> Path:
    """A session's file of these values, as they stand."""
    directory.mkdir(exist_ok=True)
    path = directory / "s.json"
    pairs = (b'"%b":%b' % (key.encode(), value) for key, value in parts.items())
    path.write_bytes(b"{" + b",".join(pairs) + b"}")
    return path


def rows(*texts: str) -> bytes:
    """Messages of these texts."""
    return json.dumps([{"role": "user", "content": text} for text in texts]).encode()


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_archive_and_unknown_keys_stay_as_they_stand(tmp_path: Path, call: Call) -> None:
    """Whatever is changed, what was archived and what nobody knows is copied byte by byte."""
    path = put(tmp_path / "sessions", messages=rows("a", "b"), archived_messages=ARCHIVED, x=OTHER)
    assert call(DefaultSessionStore(path.parent, active_window=3))
    written = path.read_bytes()
    assert ARCHIVED.removesuffix(b" ]") in written
    assert OTHER in written


def test_what_leaves_the_window_comes_behind_the_archive(tmp_path: Path) -> None:
    """Messages are archived behind what the file has, which stays as it stands."""
    path = put(tmp_path / "sessions", messages=rows("a", "b"), archived_messages=ARCHIVED)
    store = DefaultSessionStore(path.parent, retention="compact", active_window=2)
    assert store.add_user_message("s", "c")
    assert ARCHIVED.removesuffix(b" ]") in path.read_bytes()
    archived = [message.content for message in store.get_session("s").archived_messages]
    assert archived == ["old", "a"]


def test_message_that_stays_or_is_archived_stays_as_it_stands(tmp_path: Path) -> None:
    """A message is written as it stood, in the window and in the archive."""
    ours = ARCHIVED.strip(b"[ ]")
    path = put(tmp_path / "sessions", messages=b"[%b, %b, %b]" % (ours, ours, ours))
    store = DefaultSessionStore(path.parent, retention="compact", active_window=2)
    assert store.add_user_message("s", "c")
    assert path.read_bytes().count(ours) == 3
    assert len(store.get_session("s").archived_messages) == 2


def test_archive_that_is_null_is_begun(tmp_path: Path) -> None:
    """Null stands for an empty archive, as in files that other programs write."""
    path = put(tmp_path / "sessions", messages=rows("a", "b"), archived_messages=b"null")
    store = DefaultSessionStore(path.parent, retention="compact", active_window=2)
    assert store.add_user_message("s", "c")
    assert [message.content for message in store.get_session("s").archived_messages] == ["a"]


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(0, 3) | st.sampled_from([0.5, float("nan"), "\ud800"]),
    lambda inside: st.lists(inside, max_size=2) | st.dictionaries(st.just("k"), inside),
    max_leaves=3,
)
MESSAGES = st.lists(
    st.fixed_dictionaries(
        {"role": st.sampled_from(["user", "assistant", "system"]), "content": st.text("ab")},
        optional={"metadata": st.dictionaries(st.just("compaction"), VALUES), "name": VALUES},
    ),
    max_size=4,
)
FILES = st.fixed_dictionaries(
    {"session_id": st.just("s"), "updated_at": st.just("1")},
    optional={
        "messages": MESSAGES,
        "archived_messages": MESSAGES,
        "metadata": st.dictionaries(st.sampled_from(["model", "m"]), VALUES),
        "model": VALUES,
        "other": VALUES,
        "last_compaction": st.just({"summary": "so far", "message_index": 1}),
    },
)


def timeless(session: SessionData) -> str:
    """A session in words, without the moments that differ between two runs."""
    assert session.updated_at != "1"
    session.created_at = session.updated_at = ""
    for message in (*session.messages, *session.archived_messages):
        message.timestamp = 0
    if session.last_compaction is not None:
        session.last_compaction.timestamp = 0
    return repr(session.to_dict())


@settings(deadline=None, max_examples=150, database=None)
@given(FILES, st.lists(st.sampled_from(sorted(CALLS)), min_size=1, max_size=3))
def test_change_is_that_of_the_whole_session(before: dict[str, Any], names: list[str]) -> None:
    """Each change leaves the session that it leaves where all of the file is read and written."""
    left = []
    for load in (document.load, encoding.load):
        with TemporaryDirectory() as place, mock.patch("reference_impl.document.load", load):
            Path(place, "s.json").write_text(json.dumps(before))
            store = DefaultSessionStore(place, retention="compact", active_window=2)
            for name in names:
                CALLS[name](store)
            left.append(timeless(store.get_session("s")))
    assert left[0] == left[1]
