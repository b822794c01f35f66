"""What a write accepts every later read returns equal; all else is refused and changes nothing."""

import dataclasses
import math
from pathlib import Path
from typing import Any

import pytest
from praisonaiagents.session import DefaultSessionStore as Released

from reference_impl import DefaultSessionStore
from tests.store.values import CALL, HIGH, LOW, PARTS, Write, state

# What a caller may give by mistake, each with the argument that the error has to name.
WRONG: dict[str, tuple[Write, str]] = {
    "user-id-is-a-number": (lambda s: s.set_agent_info("s", user_id=42), "user_id"),
    "agent-name-is-a-number": (lambda s: s.set_agent_info("s", agent_name=42), "agent_name"),
    "gateway-is-a-number": (
        lambda s: s.set_gateway_info("s", gateway_session_id=42),
        "gateway_session_id",
    ),
    "agent-id-is-a-number": (lambda s: s.set_gateway_info("s", agent_id=7), "agent_id"),
    "owner-in-metadata-is-a-number": (
        lambda s: s.update_session_metadata("s", user_id=42),
        "user_id",
    ),
    "agent-in-metadata-is-a-list": (
        lambda s: s.update_session_metadata("s", agent_name=["a"]),
        "agent_name",
    ),
    "field-is-bytes": (lambda s: s.update_session_metadata("s", picture=b"x"), "picture"),
    "field-is-infinite": (lambda s: s.update_session_metadata("s", cost=math.inf), "cost"),
    "title-is-a-number": (lambda s: s.rename_session("s", 5), "title"),
    "title-is-zero": (lambda s: s.rename_session("s", 0), "title"),
    "role-is-a-number": (lambda s: s.add_message("s", 5, "x"), "role"),
    "role-is-empty": (lambda s: s.add_message("s", "", "x"), "role"),
    "content-is-a-number": (lambda s: s.add_user_message("s", 7), "content"),
    "content-is-bytes": (lambda s: s.add_user_message("s", b"x"), "content"),
    "content-is-none-without-calls": (lambda s: s.add_user_message("s", None), "content"),
    "content-is-one-part": (lambda s: s.add_user_message("s", {"type": "text"}), "content"),
    "content-is-texts": (lambda s: s.add_user_message("s", ["a"]), "content"),
    "content-is-a-tuple": (lambda s: s.add_user_message("s", tuple(PARTS)), "content"),
    "part-holds-bytes": (lambda s: s.add_user_message("s", [{"data": b"x"}]), "content"),
    "notes-are-text": (lambda s: s.add_user_message("s", "x", "note"), "metadata"),
    "notes-are-a-list": (lambda s: s.add_user_message("s", "x", ["a"]), "metadata"),
    "notes-are-a-number": (lambda s: s.add_user_message("s", "x", 5), "metadata"),
    "notes-are-false": (lambda s: s.add_user_message("s", "x", False), "metadata"),
    "notes-have-a-number-for-a-key": (lambda s: s.add_user_message("s", "x", {1: 2}), "metadata"),
    "notes-have-none-for-a-key": (lambda s: s.add_user_message("s", "x", {None: 2}), "metadata"),
    "notes-hold-a-tuple": (lambda s: s.add_user_message("s", "x", {"n": (1,)}), "metadata"),
    "notes-hold-a-set": (lambda s: s.add_user_message("s", "x", {"n": {1}}), "metadata"),
    "notes-hold-bytes": (lambda s: s.add_user_message("s", "x", {"n": b"x"}), "metadata"),
    "notes-hold-nan": (lambda s: s.add_user_message("s", "x", {"n": math.nan}), "metadata"),
    "notes-hold-infinity": (lambda s: s.add_user_message("s", "x", {"n": math.inf}), "metadata"),
    "notes-hold-a-surrogate": (lambda s: s.add_user_message("s", "x", {"n": HIGH}), "metadata"),
    "calls-are-a-dict": (
        lambda s: s.add_message("s", "assistant", "x", tool_calls={"a": 1}),
        "tool_calls",
    ),
    "calls-are-texts": (
        lambda s: s.add_message("s", "assistant", "x", tool_calls=["c"]),
        "tool_calls",
    ),
    "calls-are-false": (
        lambda s: s.add_message("s", "assistant", "x", tool_calls=False),
        "tool_calls",
    ),
    "answered-call-is-a-number": (
        lambda s: s.add_message("s", "tool", "x", tool_call_id=5),
        "tool_call_id",
    ),
    "size-is-no-whole-number": (
        lambda s: s.append_compaction_checkpoint("s", "sum", tokens_before=1.5),
        "tokens_before",
    ),
    "size-is-true": (
        lambda s: s.append_compaction_checkpoint("s", "sum", tokens_after=True),
        "tokens_after",
    ),
    "summary-is-bytes": (lambda s: s.append_compaction_checkpoint("s", b"sum"), "summary"),
    "summary-s-role-is-a-number": (
        lambda s: s.append_compaction_checkpoint("s", "sum", role=5),
        "role",
    ),
    "summary-s-notes-are-a-list": (
        lambda s: s.append_compaction_checkpoint("s", "sum", metadata=[1]),
        "metadata",
    ),
    "history-is-a-text": (lambda s: s.set_chat_history("s", "abc"), "messages"),
    "history-is-none": (lambda s: s.set_chat_history("s", None), "messages"),
    "history-holds-a-text": (lambda s: s.set_chat_history("s", [{}, "abc"]), r"messages\[1\]"),
    "history-has-a-role-of-5": (
        lambda s: s.set_chat_history("s", [{"role": 5, "content": "x"}]),
        r"messages\[0\]\.role",
    ),
    "history-has-a-content-of-7": (
        lambda s: s.set_chat_history("s", [{"content": "x"}, {"content": 7}]),
        r"messages\[1\]\.content",
    ),
    "history-has-no-time": (
        lambda s: s.set_chat_history("s", [{"content": "x", "timestamp": math.nan}]),
        r"messages\[0\]\.timestamp",
    ),
    "history-has-a-text-for-a-time": (
        lambda s: s.set_chat_history("s", [{"content": "x", "timestamp": "now"}]),
        r"messages\[0\]\.timestamp",
    ),
    "history-has-calls-of-5": (
        lambda s: s.set_chat_history("s", [{"content": "x", "tool_calls": 5}]),
        r"messages\[0\]\.tool_calls",
    ),
}


@pytest.mark.parametrize(("write", "name"), WRONG.values(), ids=WRONG)
def test_argument_that_cannot_come_back_is_named(
    store: DefaultSessionStore, write: Write, name: str
) -> None:
    """A wrong argument is refused by its name, and no byte of the directory changes."""
    store.add_user_message("s", "precious")
    before = state(store.session_dir)
    with pytest.raises((TypeError, ValueError), match=rf"^{name}(?!\w)"):
        write(store)
    assert state(store.session_dir) == before
    assert DefaultSessionStore(store.session_dir).get_chat_history("s") == [
        {"role": "user", "content": "precious"}
    ]


@pytest.mark.parametrize(("write", "name"), WRONG.values(), ids=WRONG)
def test_refused_write_makes_no_session(
    store: DefaultSessionStore, write: Write, name: str
) -> None:
    """A wrong argument for an id without a session leaves none, and no lock either."""
    with pytest.raises((TypeError, ValueError), match=rf"^{name}(?!\w)"):
        write(store)
    assert list(Path(store.session_dir).iterdir()) == []


def test_value_that_contains_itself_is_named(store: DefaultSessionStore) -> None:
    """A value that contains itself, or is too deep for JSON, is refused by its name."""
    endless: dict[str, Any] = {}
    endless["self"] = endless
    deep: Any = []
    for _ in range(100_000):
        deep = [deep]
    for notes in (endless, {"deep": deep}):
        with pytest.raises(ValueError, match=r"^metadata "):
            store.add_user_message("s", "x", notes)
        with pytest.raises(ValueError, match=r"^plan "):
            store.update_session_metadata("s", plan=notes)
    # Comparing or freeing so deep a list recursively is for nobody's stack.
    while deep:
        deep = deep.pop()
    assert store.session_exists("s") is False


@pytest.mark.parametrize("text", [HIGH, LOW, HIGH + LOW, f"a{HIGH}b", f"{LOW}{HIGH}"], ids=ascii)
def test_text_that_utf8_cannot_carry_is_refused(store: DefaultSessionStore, text: str) -> None:
    """A surrogate, alone or beside its other half, is refused in an id and in any text."""
    with pytest.raises(ValueError, match="session id"):
        store.add_user_message(f"x{text}", "a")
    with pytest.raises(ValueError, match=r"^content "):
        store.add_user_message("s", text)
    with pytest.raises(ValueError, match=r"^title "):
        store.rename_session("s", text)
    with pytest.raises(ValueError, match="session id"):
        store.get_chat_history(f"x{text}")
    assert list(Path(store.session_dir).iterdir()) == []


def test_parts_and_none_are_content(store: DefaultSessionStore) -> None:
    """Content is a string, a list of parts, or None beside tool calls, and comes back as given."""
    assert store.add_user_message("s", PARTS) is True
    assert store.add_message("s", "assistant", None, tool_calls=[CALL]) is True
    assert store.add_message("s", "tool", PARTS, tool_call_id="c") is True
    assert store.add_assistant_message("s", []) is True
    expected = [
        {"role": "user", "content": PARTS},
        {"role": "assistant", "content": None, "tool_calls": [CALL]},
        {"role": "tool", "content": PARTS, "tool_call_id": "c"},
        {"role": "assistant", "content": []},
    ]
    other = DefaultSessionStore(store.session_dir)
    assert other.get_chat_history("s") == expected
    assert Released(store.session_dir).get_chat_history("s") == expected
    assert other.set_chat_history("t", expected) is True
    assert store.get_chat_history("t") == expected


@pytest.mark.parametrize(
    "arguments",
    [
        {"content": PARTS},
        {"content": None, "tool_calls": [CALL]},
        {"content": None},
        {"content": 5},
        {"content": {"a": 1}},
        {"content": ["a", 1]},
        {"content": "x", "metadata": "note"},
        {"content": "x", "metadata": ["a"]},
        {"content": "x", "metadata": {"n": math.inf, "big": 2**80}},
        {"content": "x", "tool_call_id": 5},
        {"content": "x", "tool_calls": {"a": 1}},
    ],
    ids=str,
)
def test_what_the_release_stored_is_never_set_aside(
    tmp_path: Path, arguments: dict[str, Any]
) -> None:
    """Whatever the release accepts, the reference reads, keeps through its writes, and leaves."""
    released, reference = Released(str(tmp_path)), DefaultSessionStore(tmp_path)
    assert released.add_message("s", "assistant", **arguments) is True
    assert released.add_user_message("s", "next") is True
    before = Released(str(tmp_path)).get_session("s").messages
    assert len(reference.get_session("s").messages) == 2
    assert reference.get_chat_history("s")[-1] == {"role": "user", "content": "next"}
    for write in (
        lambda: reference.add_user_message("s", "more"),
        lambda: reference.update_session_metadata("s", topic="t"),
        lambda: reference.append_compaction_checkpoint("s", "sum"),
    ):
        assert write() is True
        after = Released(str(tmp_path)).get_session("s").messages
        assert [dataclasses.asdict(each) for each in after[:2]] == [
            dataclasses.asdict(each) for each in before
        ]
    assert list(tmp_path.glob("*.corrupt-*")) == []


def test_owner_of_the_release_that_is_a_number_is_kept(tmp_path: Path) -> None:
    """A user id of 42, which the release stores, is read as 42 and survives every write."""
    released, reference = Released(str(tmp_path)), DefaultSessionStore(tmp_path)
    released.add_user_message("s", "a")
    assert released.set_agent_info("s", user_id=42) is True
    assert [each["content"] for each in reference.get_chat_history("s")] == ["a"]
    assert reference.get_session("s").user_id == 42
    assert reference.add_user_message("s", "b") is True
    assert reference.rename_session("s", "t") is True
    assert Released(str(tmp_path)).get_session("s").user_id == 42
    assert [each["session_id"] for each in reference.list_sessions()] == ["s"]
    assert list(tmp_path.glob("*.corrupt-*")) == []


def test_what_would_come_back_otherwise_is_told_what_to_use(store: DefaultSessionStore) -> None:
    """The errors say what is wrong with a value, and what to write instead."""
    with pytest.raises(ValueError, match=r"something else; use strings, numbers, lists, dicts$"):
        store.add_user_message("s", "a", {"pair": (1, 2)})
    with pytest.raises(TypeError, match=r"timestamp is in seconds since 1970, not str: 'noon'$"):
        store.set_chat_history("s", [{"role": "user", "content": "a", "timestamp": "noon"}])
