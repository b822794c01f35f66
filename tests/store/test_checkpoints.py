"""Checkpoints: a summary that stands for the messages before it."""

import json
from pathlib import Path
from typing import Any

import pytest
from praisonaiagents.session import DefaultSessionStore as Released

from reference_impl import DefaultSessionStore

CALL = {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}


def test_blank_checkpoint_is_not_stored(tmp_path: Path) -> None:
    """A summary without words is refused with False and creates nothing."""
    store = DefaultSessionStore(tmp_path)
    assert store.append_compaction_checkpoint("s", " \n") is False
    assert store.session_exists("s") is False


def test_checkpoint_is_kept_with_its_numbers(tmp_path: Path) -> None:
    """A checkpoint has its role, sizes and notes, and the working history begins with it."""
    store = DefaultSessionStore(tmp_path)
    store.add_user_message("s", "a")
    notes = {"by": "model"}
    store.append_compaction_checkpoint(
        "s", "sum", role="user", tokens_before=9, tokens_after=3, metadata=notes
    )
    store.add_user_message("s", "b")
    found = store.get_session("s").last_compaction
    assert found is not None
    assert (found.message_index, found.tokens_before, found.tokens_after) == (1, 9, 3)
    assert found.metadata == notes
    assert store.get_working_history("s") == [
        {"role": "user", "content": "sum"},
        {"role": "user", "content": "b"},
    ]


def contents(store: DefaultSessionStore, limit: int | None = None) -> list[str]:
    """The texts of the working history."""
    return [message["content"] for message in store.get_working_history("s", limit)]


def test_checkpoint_without_numbers_has_none(store: DefaultSessionStore) -> None:
    """A checkpoint that is told no numbers of tokens keeps 0."""
    store.append_compaction_checkpoint("s", "sum")
    checkpoint = store.get_session("s").last_compaction
    assert checkpoint is not None
    assert (checkpoint.tokens_before, checkpoint.tokens_after) == (0, 0)


def test_history_without_a_checkpoint_is_whole(store: DefaultSessionStore) -> None:
    """Without a checkpoint the working history is the chat history."""
    assert store.get_working_history("s") == []
    for text in "abc":
        store.add_user_message("s", text)
    assert store.get_working_history("s") == store.get_chat_history("s")
    assert contents(store, 2) == ["b", "c"]


def test_last_checkpoint_counts(store: DefaultSessionStore) -> None:
    """A later checkpoint takes the place of the one before; the chat history stays whole."""
    for number, text in enumerate("abc"):
        store.add_user_message("s", text)
        store.append_compaction_checkpoint("s", f"sum {number}")
    store.add_user_message("s", "d")
    assert contents(store) == ["sum 2", "d"]
    assert len(store.get_chat_history("s")) == 4


def test_limit_counts_the_summary(store: DefaultSessionStore) -> None:
    """A limit keeps the summary and the newest messages beside it, never an orphaned result."""
    store.add_user_message("s", "old")
    store.append_compaction_checkpoint("s", "sum")
    store.add_message("s", "assistant", "call", tool_calls=[CALL])
    store.add_message("s", "tool", "result", tool_call_id="c")
    store.add_user_message("s", "new")
    assert contents(store, 4) == ["sum", "call", "result", "new"]
    assert contents(store, 3) == ["sum", "new"]
    assert contents(store, 2) == ["sum", "new"]
    assert contents(store, 1) == ["sum"]


@pytest.mark.parametrize("policy", ["truncate", "compact", "keep_all"])
def test_place_moves_with_the_window(tmp_path: Path, policy: str) -> None:
    """The checkpoint's place follows the messages that leave, by the release's count."""
    indexes: list[list[Any]] = []
    for name, kind in (("release", Released), ("reference", DefaultSessionStore)):
        store = kind(str(tmp_path / name), retention=policy, active_window=4)
        for text in "abc":
            store.add_user_message("s", text)
        store.append_compaction_checkpoint("s", "sum")
        indexes.append([])
        for text in "defghi":
            store.add_user_message("s", text)
            found = json.loads((tmp_path / name / "s.json").read_text("utf-8"))
            indexes[-1].append(found["last_compaction"]["message_index"])
            assert [message["content"] for message in store.get_working_history("s")][-1] == text
    assert indexes[0] == indexes[1]
    assert indexes[1][0] == 3
    assert indexes[1][-1] == (3 if policy == "keep_all" else 0)


def test_checkpoint_of_the_release_is_read(tmp_path: Path) -> None:
    """A checkpoint that the release stored gives the same working history."""
    released, reference = Released(str(tmp_path)), DefaultSessionStore(tmp_path)
    released.add_user_message("s", "a")
    released.append_compaction_checkpoint("s", "sum", tokens_before=9, metadata={"n": [1]})
    released.add_user_message("s", "b")
    assert reference.get_working_history("s") == released.get_working_history("s")
    reference.add_user_message("s", "c")
    assert reference.get_working_history("s") == released.get_working_history("s")
    assert len(reference.get_working_history("s")) == 3
    found = reference.get_session("s").last_compaction
    assert found is not None
    assert (found.tokens_before, found.metadata) == (9, {"n": [1]})


def test_place_beyond_the_messages_is_the_end(store: DefaultSessionStore) -> None:
    """A checkpoint that points beyond the messages stands for all of them."""
    data = {
        "messages": [{"content": "a"}],
        "last_compaction": {"summary": "sum", "message_index": 9},
    }
    (Path(store.session_dir) / "s.json").write_text(json.dumps(data))
    assert contents(store) == ["sum"]
