"""Histories that leave for a model: every tool turn in them is whole."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference_impl import DefaultSessionStore
from reference_impl.turns import whole
from tests.store.page_programs import function

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


# As local models give them: none, none that says anything, one to all, or no text.
ODD = [None, "", "a", 1, 1.5, True, [1], {"n": 1}]
odd_ids = st.sampled_from(ODD)


def calls_of(identities: list[Any]) -> Message:
    """A turn with calls; None is a call without an id."""
    calls = [{"function": {"name": "f"}} | ({} if i is None else {"id": i}) for i in identities]
    return {"role": "assistant", "content": None, "tool_calls": calls}


def answer_to(identity: Any, text: str) -> Message:
    """A result; None is one without an id."""
    message = {"role": "tool", "content": text}
    return message | ({} if identity is None else {"tool_call_id": identity})


@given(st.lists(st.lists(odd_ids, min_size=1, max_size=3), max_size=4))
def test_turns_with_odd_ids_come_back(turns: list[list[Any]]) -> None:
    """Whatever ids calls have, also none and equal ones, a turn stored whole is sent so."""
    stored: list[Message] = []
    for number, identities in enumerate(turns):
        stored += [USER, calls_of(identities)]
        stored += [answer_to(one, f"{number}.{n}") for n, one in enumerate(identities)]
    assert whole(stored) == stored


@pytest.mark.parametrize("one", ODD)
@pytest.mark.parametrize("other", ODD)
def test_programs_of_pages_pair_what_has_odd_ids(
    store: DefaultSessionStore, one: Any, other: Any
) -> None:
    """The pages' programs leave such a turn whole, and close what of it is open, once."""
    turn = [USER, calls_of([one, other]), answer_to(one, "0"), answer_to(other, "1"), USER]
    assert function("troubleshooting", "whole_turns")(turn) == turn
    assert function("troubleshooting", "whole_turns")([*turn[:3], USER]) == [USER, USER]
    store.set_chat_history("s", turn[:2])
    store.add_message("s", "tool", "0", tool_call_id=str(one or "") or None)
    for _ in range(2):
        function("features/bot-sessions", "close_open_calls")(store, "s")
        assert [each["role"] for each in store.get_chat_history("s")][2:] == ["tool", "tool"]


@given(
    st.lists(
        st.one_of(
            st.just(USER),
            st.lists(odd_ids, min_size=1, max_size=3).map(calls_of),
            odd_ids.map(lambda identity: answer_to(identity, "")),
        )
    )
)
def test_odd_ids_make_no_halves(drawn: list[Message]) -> None:
    """Whatever stands where, each result is sent once at most, each call but the last has one."""
    stored = [
        each | {"content": n} if each["role"] == "tool" else each for n, each in enumerate(drawn)
    ]
    sent = whole(stored)
    assert whole(sent) == sent
    results = [each["content"] for each in sent if each["role"] == "tool"]
    assert len(results) == len(set(results))
    wanted = 0
    for message in sent:
        if message["role"] == "tool":
            assert wanted > 0
            wanted -= 1
        else:
            assert wanted == 0
            wanted = len(message.get("tool_calls", ()))


@pytest.mark.parametrize(
    ("called", "answered", "sent"),
    [
        ([None, "a"], [None, "a"], [0, 1]),
        ([None, "a"], ["a", None], [1, 0]),
        (["a", "b"], [None, "a"], [1, 0]),
        ([None, None], ["x", "y"], [0, 1]),
        (["a", "a"], ["a", "a"], [0, 1]),
        (["a", "b"], ["c", "b"], [1]),
        ([None], [None, None], [0]),
        ([1], ["1"], [0]),
    ],
)
def test_order_tells_where_ids_do_not(
    called: list[Any], answered: list[Any], sent: list[int]
) -> None:
    """An id tells which result is whose; where one of the two has none, their order does."""
    results = [answer_to(identity, str(n)) for n, identity in enumerate(answered)]
    found = whole([calls_of(called), *results, USER])
    assert [int(each["content"]) for each in found if each["role"] == "tool"] == sent


@pytest.mark.parametrize("identity", [None, ""])
def test_store_reads_turns_without_ids(store: DefaultSessionStore, identity: str | None) -> None:
    """A tool turn whose calls have no ids is stored and comes back with every read."""
    call = {"id": identity, "function": {"name": "f", "arguments": {"city": "Oslo"}}}
    store.add_user_message("s", "rain?")
    store.add_message("s", "assistant", None, tool_calls=[call, call])
    for number in range(2):
        store.add_message("s", "tool", str(number), tool_call_id=identity)
    for read in (store.get_chat_history, store.get_working_history):
        assert [message["content"] for message in read("s")] == ["rain?", None, "0", "1"]


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
