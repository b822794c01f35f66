"""What a write accepts every later read returns equal; all else is refused and changes nothing."""

import dataclasses
import math
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from praisonaiagents.session import DefaultSessionStore as Released

from reference_impl import DefaultSessionStore

CALL = {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}
PARTS = [
    {"type": "text", "text": "What is this?"},
    {"type": "image_url", "image_url": {"url": "data:,"}},
]
HIGH, LOW = "\ud83d", "\ude00"
Write = Callable[[DefaultSessionStore], bool]


def state(directory: str | Path) -> dict[str, bytes]:
    """The bytes of every file that is no lock."""
    return {
        path.name: path.read_bytes()
        for path in Path(directory).iterdir()
        if path.suffix == ".json" or ".json.corrupt-" in path.name or path.suffix == ".tmp"
    }


def same(one: Any, other: Any) -> bool:
    """Whether two values are equal, and of the same types at every level: 1 is not True."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return list(one) == list(other) and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, float):
        return one == other and math.copysign(1, one) == math.copysign(1, other)
    return bool(one == other)


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


# Any argument, of any kind: mostly what JSON has, and what a program has beside it.
TEXTS = st.text(st.characters(codec=None, categories=None), max_size=4)  # type: ignore[arg-type]
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from([2**63, 2**64, -(2**63) - 1, 10**40, 0.1, 1e308, 5e-324, -0.0, 1.0]),
    st.floats(),
    TEXTS,
    st.binary(max_size=2),
    st.sampled_from([object(), HIGH + LOW, HIGH, (), (1, 2), frozenset("a"), b"", range(2)]),
)
ANYTHING = st.recursive(
    SCALARS,
    lambda inside: (
        st.lists(inside, max_size=3)
        | st.tuples(inside)
        | st.dictionaries(TEXTS, inside, max_size=3)
        | st.dictionaries(st.integers() | st.none() | st.text(max_size=1), inside, max_size=2)
    ),
    max_leaves=6,
)
DICTS = st.dictionaries(TEXTS, ANYTHING, max_size=3)
CALLS = st.lists(st.just(CALL) | DICTS, max_size=2)


def argument(likely: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """An argument that is often of the right kind."""
    return likely | ANYTHING


CONTENT = argument(TEXTS | st.just(PARTS) | st.lists(DICTS, max_size=2))
MESSAGE = st.fixed_dictionaries(
    {},
    optional={
        "role": argument(st.sampled_from(["user", "assistant", "tool"])),
        "content": CONTENT,
        "metadata": argument(DICTS),
        "tool_calls": argument(CALLS),
        "tool_call_id": argument(TEXTS),
        "timestamp": argument(st.floats(0, 1e10) | st.integers(0, 10**10)),
    },
)
WINDOWED = settings(
    deadline=None, max_examples=60, suppress_health_check=list(HealthCheck), database=None
)


def opened(directory: str) -> DefaultSessionStore:
    """Another store on the directory."""
    return DefaultSessionStore(directory, retention="keep_all")


def performed(directory: str, write: Write) -> bool:
    """Whether a write was accepted; a refused one has named something and changed no byte."""
    before = state(directory)
    try:
        saved = write(opened(directory))
    except (TypeError, ValueError) as error:
        refusal = error
    else:
        assert saved is True
        return True
    assert str(refusal)
    assert not isinstance(refusal, UnicodeError), repr(refusal)
    assert state(directory) == before
    return False


def unharmed(directory: str) -> None:
    """The message that stood there first is there, in view, and nothing was set aside."""
    assert opened(directory).get_chat_history("s")[0] == {"role": "user", "content": "precious"}
    assert [name for name in state(directory) if not name.endswith(".json")] == []


@WINDOWED
@given(
    role=argument(st.sampled_from(["user", "assistant", "tool"])),
    content=CONTENT,
    metadata=argument(DICTS),
    tool_calls=argument(CALLS),
    tool_call_id=argument(TEXTS),
)
def test_any_message_comes_back_or_is_refused(
    role: Any, content: Any, metadata: Any, tool_calls: Any, tool_call_id: Any
) -> None:
    """A message of any kind comes back equal in every field to a second store, or is refused."""
    with tempfile.TemporaryDirectory() as directory:
        opened(directory).add_user_message("s", "precious")
        arguments = role, content, metadata, tool_calls, tool_call_id
        if performed(directory, lambda store: store.add_message("s", *arguments)):
            found = opened(directory).get_session("s").messages[-1]
            assert same(found.role, role)
            assert same(found.content, content)
            assert same(found.metadata, {} if metadata is None else metadata)
            assert same(found.tool_calls, tool_calls or None)
            assert same(found.tool_call_id, tool_call_id)
            # And again when the next write has carried it over.
            assert opened(directory).add_user_message("s", "next") is True
            assert opened(directory).update_session_metadata("s", n=1) is True
            assert same(
                dataclasses.asdict(opened(directory).get_session("s").messages[1]),
                dataclasses.asdict(found),
            )
        unharmed(directory)


@WINDOWED
@given(messages=st.lists(MESSAGE, max_size=3) | ANYTHING)
def test_any_history_comes_back_or_is_refused(messages: Any) -> None:
    """A history of any kind comes back message by message to a second store, or is refused."""
    with tempfile.TemporaryDirectory() as directory:
        opened(directory).add_user_message("s", "precious")
        if performed(directory, lambda store: store.set_chat_history("s", messages)):
            found = opened(directory).get_session("s").messages
            assert len(found) == len(messages)
            for given_one, one in zip(messages, found, strict=True):
                assert same(one.role, given_one.get("role", "user"))
                assert same(one.content, given_one.get("content", ""))
                assert same(one.metadata, given_one.get("metadata") or {})
                assert same(one.tool_calls, given_one.get("tool_calls") or None)
                assert same(one.tool_call_id, given_one.get("tool_call_id"))
                if given_one.get("timestamp") is not None:
                    assert same(one.timestamp, given_one["timestamp"])
            assert [name for name in state(directory) if not name.endswith(".json")] == []
        else:
            unharmed(directory)


@WINDOWED
@given(
    fields=st.dictionaries(
        st.sampled_from(["a", "b", "user_id", "agent_id", "agent_name", "model", "cost", "title"]),
        ANYTHING,
        max_size=3,
    )
)
def test_any_field_comes_back_or_is_refused(fields: dict[str, Any]) -> None:
    """Fields of any kind come back equal to a second store, or are refused together."""
    with tempfile.TemporaryDirectory() as directory:
        opened(directory).add_user_message("s", "precious")
        if performed(directory, lambda store: store.update_session_metadata("s", **fields)):
            expected = {key: value for key, value in fields.items() if value is not None}
            assert opened(directory).add_user_message("s", "next") is True
            found = opened(directory).get_session("s")
            assert found.metadata.keys() == expected.keys()
            assert all(same(found.metadata[key], value) for key, value in expected.items())
            for owner in ("user_id", "agent_id", "agent_name"):
                assert same(getattr(found, owner), expected.get(owner))
        unharmed(directory)


@WINDOWED
@given(one=argument(TEXTS), other=argument(TEXTS), title=argument(TEXTS))
def test_any_label_comes_back_or_is_refused(one: Any, other: Any, title: Any) -> None:
    """Owners, gateway links and titles of any kind come back to a second store, or are refused."""
    with tempfile.TemporaryDirectory() as directory:
        opened(directory).add_user_message("s", "precious")
        if performed(directory, lambda store: store.set_agent_info("s", one, other)):
            found = opened(directory).get_session("s")
            assert same(found.agent_name, one or None)
            assert same(found.user_id, other or None)
        if performed(directory, lambda store: store.set_gateway_info("s", one, other)):
            found = opened(directory).get_session("s")
            assert same(found.gateway_session_id, one or None)
            assert same(found.agent_id, other or None)
        if performed(directory, lambda store: store.rename_session("s", title)):
            stripped = (title or "").strip() or None
            assert same(opened(directory).list_sessions()[0]["title"], stripped)
        unharmed(directory)


@WINDOWED
@given(
    summary=argument(TEXTS),
    role=argument(st.just("system")),
    before=argument(st.integers(0, 10**6)),
    after=argument(st.integers(0, 10**6)),
    metadata=argument(DICTS),
)
def test_any_checkpoint_comes_back_or_is_refused(
    summary: Any, role: Any, before: Any, after: Any, metadata: Any
) -> None:
    """A checkpoint of any kind comes back equal to a second store, or is refused."""
    with tempfile.TemporaryDirectory() as directory:
        opened(directory).add_user_message("s", "precious")

        def write(store: DefaultSessionStore) -> bool:
            saved = store.append_compaction_checkpoint(
                "s",
                summary,
                role=role,
                tokens_before=before,
                tokens_after=after,
                metadata=metadata,
            )
            # A blank summary is answered False, and is not stored.
            assert saved or not (summary or "").strip()
            return True

        if performed(directory, write) and (summary or "").strip():
            assert opened(directory).add_user_message("s", "next") is True
            found = opened(directory).get_session("s").last_compaction
            assert found is not None
            assert same(found.summary, summary)
            assert same(found.role, role)
            assert same((found.tokens_before, found.tokens_after), (before, after))
            assert same(found.metadata, {} if metadata is None else metadata)
        unharmed(directory)


def test_what_would_come_back_otherwise_is_told_what_to_use(store: DefaultSessionStore) -> None:
    """The errors say what is wrong with a value, and what to write instead."""
    with pytest.raises(ValueError, match=r"something else; use strings, numbers, lists, dicts$"):
        store.add_user_message("s", "a", {"pair": (1, 2)})
    with pytest.raises(TypeError, match=r"timestamp is in seconds since 1970, not str: 'noon'$"):
        store.set_chat_history("s", [{"role": "user", "content": "a", "timestamp": "noon"}])
