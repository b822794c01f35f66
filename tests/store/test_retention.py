"""Retention and checkpoints: the same counts and the same structure as the release."""

import json
import random
from pathlib import Path
from typing import Any

import pytest
from praisonaiagents.session import DefaultSessionStore as Released

from reference_impl import DefaultSessionStore

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


def perform(store: Any, seed: int, *, tools: bool) -> None:
    """The same random operations on any store."""
    chance = random.Random(seed)
    for number in range(30):
        match chance.randint(0, 9):
            case 0:
                store.append_compaction_checkpoint("s", f"sum {number}", tokens_before=number)
            case 1 if tools:
                store.add_message("s", "assistant", "", tool_calls=[CALL])
                store.add_message("s", "tool", f"r{number}", tool_call_id="c")
            case 2:
                store.update_session_metadata("s", number=number)
            case 3 if number > 20 and not tools:
                store.clear_session("s")
            case 4 if number % 7 == 0 and not tools:
                store.set_chat_history("s", [{"role": "user", "content": str(n)} for n in range(7)])
            case _:
                store.add_user_message("s", str(number), {"n": number})


def reads(store: Any) -> list[list[str]]:
    """The roles of what a store gives to models."""
    read = [
        store.get_chat_history("s"),
        store.get_chat_history("s", 3),
        store.get_working_history("s"),
        store.get_working_history("s", 3),
        store.get_working_history("s", 1),
    ]
    return [[message["role"] for message in each] for each in read]


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_release_keeps_the_same(tmp_path: Path, settings: dict[str, Any], seed: int) -> None:
    """After the same operations both files agree, times and words of summaries apart."""
    files, histories = [], []
    for name, kind in (("release", Released), ("reference", DefaultSessionStore)):
        store = kind(str(tmp_path / name), **settings)
        perform(store, seed, tools=False)
        files.append(shape(json.loads((tmp_path / name / "s.json").read_text("utf-8"))))
        histories.append(reads(store))
    assert files[1] == files[0]
    assert histories[1] == histories[0]


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_release_keeps_as_much_of_tools(
    tmp_path: Path, settings: dict[str, Any], seed: int
) -> None:
    """With tool turns the windows begin elsewhere, and what one of both keeps the other has too."""
    kept, newest = [], []
    for name, kind in (("release", Released), ("reference", DefaultSessionStore)):
        store = kind(str(tmp_path / name), **settings)
        perform(store, seed, tools=True)
        session = store.get_session("s")
        messages = [*session.archived_messages, *session.messages]
        said = [
            (each.role, each.content) for each in messages if not each.metadata.get("compaction")
        ]
        kept.append(sorted(said) if store.retention != "truncate" else said[-1:])
        newest.append([each.content for each in session.messages[-1:]])
    assert kept[1] == kept[0]
    assert newest[1] == newest[0]


def talk(store: DefaultSessionStore, *roles: str) -> None:
    """Messages in which a result follows each assistant's turn with an `a`."""
    for number, role in enumerate(roles):
        match role:
            case "call":
                call = CALL | {"id": str(number)}
                store.add_message("s", "assistant", f"call {number}", tool_calls=[call])
            case "tool":
                store.add_message("s", "tool", f"tool {number}", tool_call_id=str(number - 1))
            case _:
                store.add_message("s", role, f"{role} {number}")


@pytest.mark.parametrize(
    ("roles", "window", "kept"),
    [
        # One message less, rather than an answer without its question.
        (["user", "assistant"] * 4, 5, [4, 5, 6, 7]),
        (["user", "assistant"] * 4, 4, [4, 5, 6, 7]),
        # The question of a long task, in the place of its oldest step.
        (["user", *["call", "tool"] * 6], 6, [0, 9, 10, 11, 12]),
        (["user", *["call", "tool"] * 6, "assistant", "user"], 6, [0, 11, 12, 13, 14]),
        # Nothing is there to begin with.
        (["assistant"] * 4, 2, [2, 3]),
        (["user", "assistant", "user", "assistant"], 1, [3]),
        # Without its call no result says anything.
        (["user", "call", "tool"], 1, [1, 2]),
        (["user", "call", "tool"], 2, [0, 1, 2]),
    ],
)
@pytest.mark.parametrize("retention", ["compact", "truncate"])
def test_window_begins_with_a_user_s_message(
    store: DefaultSessionStore, retention: str, roles: list[str], window: int, kept: list[int]
) -> None:
    """Behind its summary a window begins with a user's message, and the rest is the newest."""
    small = DefaultSessionStore(store.session_dir, retention=retention, active_window=window)
    talk(small, *roles)
    history = small.get_chat_history("s")
    assert [int(m["content"].split()[1]) for m in history if m["role"] != "system"] == kept
    assert [m["role"] for m in history if m["role"] == "system"] == ["system"] * (
        retention == "compact" and len(kept) < len(roles)
    )
    wide = DefaultSessionStore(store.session_dir, retention="keep_all", max_messages=window)
    wide.delete_session("s")
    talk(wide, *roles)
    resumed = [int(message["content"].split()[1]) for message in wide.get_working_history("s")]
    assert resumed == kept


@pytest.mark.parametrize("retention", ["compact", "truncate"])
def test_task_of_many_tools_keeps_its_question(tmp_path: Path, retention: str) -> None:
    """Sixty tool turns fill the default window, and the question that began them is in it."""
    store = DefaultSessionStore(tmp_path, retention=retention, durable=False)
    talk(store, "user", *["call", "tool"] * 60)
    for history in (store.get_chat_history("s"), store.get_working_history("s")):
        said = [message for message in history if message["role"] != "system"]
        assert said[0] == {"role": "user", "content": "user 0"}
        assert said[-1]["content"] == "tool 120"
        assert 98 <= len(said) <= 100


@pytest.mark.parametrize("retention", ["compact", "truncate", "keep_all"])
def test_window_smaller_than_a_tool_turn_keeps_it(tmp_path: Path, retention: str) -> None:
    """While the results of one turn come in, and after, that turn is there, whatever the window."""
    store = DefaultSessionStore(tmp_path, retention=retention, active_window=3)
    store.add_user_message("s", "the weather in five towns?")
    calls = [CALL | {"id": str(number)} for number in range(5)]
    store.add_message("s", "assistant", None, tool_calls=calls)
    for number in range(5):
        store.add_message("s", "tool", str(number), tool_call_id=str(number))
        for limit in (None, 1, 2, 3):
            results = [m for m in store.get_chat_history("s", limit) if m["role"] == "tool"]
            assert [m["content"] for m in results] == [str(n) for n in range(number + 1)]
    store.add_assistant_message("s", "Rain.")
    assert store.get_chat_history("s")[-1]["content"] == "Rain."
    assert "user" in [message["role"] for message in store.get_chat_history("s")]


@pytest.mark.parametrize("limit", [0, -1, -7, None])
def test_limit_below_one_is_none(store: DefaultSessionStore, limit: int | None) -> None:
    """A limit of 0 or less gives every message, as it does for windows."""
    for number in range(3):
        store.add_user_message("s", str(number))
    assert [message["content"] for message in store.get_chat_history("s", limit)] == ["0", "1", "2"]
    assert store.get_working_history("s", limit) == store.get_chat_history("s")
    session = store.get_session("s")
    assert session.get_chat_history(limit) == session.get_working_history(limit)
    store.append_compaction_checkpoint("s", "sum")
    assert store.get_working_history("s", limit) == [{"role": "system", "content": "sum"}]


@pytest.mark.parametrize("limit", ["2", 2.0, True, [2]])
def test_limit_is_a_whole_number(store: DefaultSessionStore, limit: Any) -> None:
    """A limit that is no whole number is refused by its name."""
    for read in (store.get_chat_history, store.get_working_history):
        with pytest.raises(TypeError, match="max_messages is a whole number"):
            read("s", limit)


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


def test_archive_keeps_the_order_of_a_long_task(tmp_path: Path) -> None:
    """The archive and the window behind it are the conversation, in order, each message once."""
    store = DefaultSessionStore(tmp_path, active_window=6)
    roles = ["user", *["call", "tool"] * 6, "assistant", *["user", "assistant"] * 5]
    for count in range(1, len(roles) + 1):
        store.delete_session("s")
        talk(store, *roles[:count])
        session = store.get_session("s")
        said = [
            int(str(each.content).split()[1])
            for each in [*session.archived_messages, *session.messages]
            if not each.metadata.get("compaction")
        ]
        assert said == list(range(count))


@pytest.mark.parametrize("role", ["user", "assistant", "system"])
def test_a_word_of_the_caller_s_loses_no_message(tmp_path: Path, role: str) -> None:
    """A message whose own metadata says `compaction` is archived like the others, once."""
    store = DefaultSessionStore(tmp_path, active_window=4)
    for number in range(12):
        store.add_message("s", role, str(number), {"compaction": True})
    session = store.get_session("s")
    # A summary stands before the window.
    said = [each.content for each in [*session.archived_messages, *session.messages[1:]]]
    assert said == [str(number) for number in range(12)]
