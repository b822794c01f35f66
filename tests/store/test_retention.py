"""Retention and checkpoints: the same counts and the same structure as the release."""

import json
import random
from pathlib import Path
from typing import Any

import pytest
from praisonaiagents.session import DefaultSessionStore as Released

from reference_impl import DefaultSessionStore
from reference_impl.turns import whole

MOMENTS = ("created_at", "updated_at", "timestamp")
CALL = {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}
SETTINGS: list[dict[str, Any]] = [
    {},
    {"max_messages": 5},
    {"max_messages": 5, "retention": "compact"},
    {"active_window": 4},
    {"active_window": 4, "retention": "truncate"},
    {"active_window": 4, "retention": "keep_all"},
    {"active_window": 0},
    {"max_messages": 100, "active_window": 1},
]


def shape(value: Any) -> Any:
    """A file's JSON without times and without the words of summaries."""
    if isinstance(value, dict):
        if value.get("metadata", {}) and value["metadata"].get("compaction"):
            assert value["content"].startswith("[Session Summary]\n")
            value = value | {"content": "a summary"}
        return {key: shape(each) for key, each in value.items() if key not in MOMENTS}
    return [shape(each) for each in value] if isinstance(value, list) else value


def perform(store: Any, seed: int) -> None:
    """The same random operations on any store."""
    chance = random.Random(seed)
    for number in range(30):
        match chance.randint(0, 9):
            case 0:
                store.append_compaction_checkpoint("s", f"sum {number}", tokens_before=number)
            case 1:
                store.add_message("s", "assistant", "", tool_calls=[CALL])
                store.add_message("s", "tool", f"r{number}", tool_call_id="c")
            case 2:
                store.update_session_metadata("s", number=number)
            case 3 if number > 20:
                store.clear_session("s")
            case 4 if number % 7 == 0:
                store.set_chat_history("s", [{"role": "user", "content": str(n)} for n in range(7)])
            case _:
                store.add_user_message("s", str(number), {"n": number})


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_release_keeps_the_same(tmp_path: Path, settings: dict[str, Any], seed: int) -> None:
    """After the same operations both files agree, times and words of summaries apart."""
    files, histories = [], []
    for name, kind in (("release", Released), ("reference", DefaultSessionStore)):
        store = kind(str(tmp_path / name), **settings)
        perform(store, seed)
        files.append(shape(json.loads((tmp_path / name / "s.json").read_text("utf-8"))))
        histories.append(
            [
                # The release hands out halves of tool turns.
                [message["role"] for message in whole(read)]
                for read in (
                    store.get_chat_history("s"),
                    store.get_chat_history("s", 3),
                    store.get_working_history("s"),
                    store.get_working_history("s", 3),
                    store.get_working_history("s", 1),
                )
            ]
        )
    assert files[1] == files[0]
    assert histories[1] == histories[0]


def test_a_hundred_and_five_messages(tmp_path: Path) -> None:
    """With the defaults 105 messages read as a summary and the newest hundred."""
    store = DefaultSessionStore(tmp_path)
    for number in range(105):
        store.add_user_message("s", str(number))
    history = store.get_chat_history("s")
    assert len(history) == 101
    assert history[0]["role"] == "system"
    assert [message["content"] for message in history[1:]] == [str(n) for n in range(5, 105)]
    session = store.get_session("s")
    assert [message.content for message in session.archived_messages] == list("01234")
    assert session.messages[0].metadata == {"compaction": True, "compacted_count": 5}


def test_summary_says_what_it_stands_for(tmp_path: Path) -> None:
    """A summary says how many messages it stands for and how the newest of them began."""
    store = DefaultSessionStore(tmp_path, active_window=2)
    for text in ("one", "two", "three", "x" * 200):
        store.add_user_message("s", text)
    store.add_user_message("s", "last")
    text = store.get_chat_history("s")[0]["content"]
    assert text.startswith("[Session Summary]\n3 earlier messages")
    assert text.endswith("from user: three")


@pytest.mark.parametrize(
    ("content", "quoted"),
    [("one\n  two\tthree", "one two three"), ("x" * 80, "x" * 80), ("x" * 81, "x" * 77 + "...")],
)
def test_summary_quotes_one_short_line(tmp_path: Path, content: str, quoted: str) -> None:
    """A summary quotes on one line and no more than 80 characters."""
    store = DefaultSessionStore(tmp_path, active_window=1)
    store.add_user_message("s", content)
    store.add_user_message("s", "last")
    text = store.get_chat_history("s")[0]["content"]
    assert text == (
        f"[Session Summary]\n1 earlier messages are archived. The last one, from user: {quoted}"
    )


@pytest.mark.parametrize("window", [0, -1, -7])
@pytest.mark.parametrize("retention", ["compact", "truncate"])
def test_window_below_one_has_no_limit(tmp_path: Path, retention: str, window: int) -> None:
    """A window of 0 or less keeps every message."""
    store = DefaultSessionStore(tmp_path, retention=retention, active_window=window)
    for number in range(3):
        store.add_user_message("s", str(number))
    assert [message["content"] for message in store.get_chat_history("s")] == ["0", "1", "2"]
