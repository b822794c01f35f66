"""Arguments of every kind, drawn: each comes back equal, or is refused and changes nothing."""

import dataclasses
import tempfile
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reference_impl import DefaultSessionStore
from tests.store.values import CALL, HIGH, LOW, PARTS, Write, same, state

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
