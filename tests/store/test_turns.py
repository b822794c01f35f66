"""Histories that leave for a model: every tool turn in them is whole."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference_impl import DefaultSessionStore
from reference_impl.turns import whole

Message = dict[str, Any]


def asks(*ids: str, content: str | None = None) -> Message:
    """An assistant's turn that calls tools."""
    function = {"name": "f", "arguments": "{}"}
    calls = [{"id": identity, "type": "function", "function": function} for identity in ids]
    return {"role": "assistant", "content": content, "tool_calls": calls}


def result(identity: str) -> Message:
    """What a tool answered."""
    return {"role": "tool", "content": f"result of {identity}", "tool_call_id": identity}


def says(text: str, role: str = "user") -> Message:
    """A turn without tools."""
    return {"role": role, "content": text}


USER, ANSWER = says("weather?"), says("sunny", "assistant")


@pytest.mark.parametrize(
    ("stored", "sent"),
    [
        ([USER, ANSWER], [USER, ANSWER]),
        ([USER, asks("a"), result("a"), ANSWER], [USER, asks("a"), result("a"), ANSWER]),
        ([result("a"), USER], [USER]),
        ([USER, asks("a"), USER], [USER, USER]),
        ([USER, asks("a", content="wait"), USER], [USER, says("wait", "assistant"), USER]),
        ([USER, asks("a", "b"), result("b"), USER], [USER, asks("b"), result("b"), USER]),
        ([USER, asks("a")], [USER, asks("a")]),
        ([USER, asks("a", "b"), result("a")], [USER, asks("a", "b"), result("a")]),
        ([asks("a"), USER, result("a")], [asks("a"), result("a"), USER]),
        ([asks("a"), result("a"), result("a"), USER], [asks("a"), result("a"), USER]),
        ([asks("a"), asks("a"), result("a")], [asks("a"), result("a")]),
        ([asks("a"), result("b"), USER], [USER]),
        ([asks("b", "a"), result("a"), result("b")], [asks("b", "a"), result("b"), result("a")]),
    ],
)
def test_halves_are_left_out(stored: list[Message], sent: list[Message]) -> None:
    """Results stand behind their calls, and halves of tool turns are left out."""
    assert whole(stored) == sent


ids = st.sampled_from("abc")
messages = st.lists(
    st.one_of(
        st.just(USER),
        st.lists(ids, min_size=1, unique=True).map(lambda i: asks(*i)),
        ids.map(result),
    )
)


@given(messages)
def test_a_model_api_takes_every_history(stored: list[Message]) -> None:
    """Whatever is stored, each result follows its call; only the last turn may be unfinished."""
    sent = whole(stored)
    assert whole(sent) == sent
    open_calls: set[str] = set()
    for message in sent:
        if message["role"] == "tool":
            assert message["tool_call_id"] in open_calls
            open_calls.remove(message["tool_call_id"])
        else:
            assert not open_calls
            open_calls = {call["id"] for call in message.get("tool_calls", ())}
    assert [m for m in sent if m["role"] == "user"] == [m for m in stored if m["role"] == "user"]


def test_checkpoint_in_a_tool_turn_leaves_no_orphan(store: DefaultSessionStore) -> None:
    """A checkpoint between a call and its result begins no working history with the result."""
    store.add_user_message("s", "weather?")
    store.add_message("s", "assistant", None, tool_calls=asks("a")["tool_calls"])
    store.append_compaction_checkpoint("s", "the user asked for the weather")
    store.add_message("s", "tool", "sunny", tool_call_id="a")
    store.add_assistant_message("s", "It is sunny.")
    assert [m["role"] for m in store.get_working_history("s")] == ["system", "assistant"]
    assert [m["role"] for m in store.get_working_history("s", 2)] == ["system", "assistant"]
    kept = [message.role for message in store.get_session("s").messages]
    assert kept == ["user", "assistant", "tool", "assistant"]


@pytest.mark.parametrize("retention", ["compact", "truncate"])
def test_retention_leaves_no_orphan(store: DefaultSessionStore, retention: str) -> None:
    """Whatever the window cuts, no history begins with half of a tool turn."""
    small = DefaultSessionStore(store.session_dir, retention=retention, active_window=3)
    for number in range(12):
        small.add_user_message("s", "weather?")
        small.add_message("s", "assistant", None, tool_calls=asks(f"c{number}")["tool_calls"])
        small.add_message("s", "tool", "sunny", tool_call_id=f"c{number}")
        for limit in (None, 1, 2, 3):
            sent = small.get_chat_history("s", limit)
            assert whole(sent) == sent
            assert "tool" not in [message["role"] for message in sent[:1]]
