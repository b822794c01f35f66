"""Clauses about tool turns: stored whatever becomes of them, and whole where a model gets them."""

from typing import Any

from reference_impl.contract.kit import Kit, clause
from reference_impl.contract.verdicts import Finding, Lost

Message = dict[str, Any]


def _asks(*ids: str) -> Message:
    function = {"name": "weather", "arguments": '{"city": "Łódź"}'}
    calls = [{"id": each, "type": "function", "function": function} for each in ids]
    return {"role": "assistant", "content": "", "tool_calls": calls}


def _answers(identity: str) -> Message:
    return {"role": "tool", "content": f"Rain, says {identity}", "tool_call_id": identity}


_USER = {"role": "user", "content": "Weather?"}
_REPLY = {"role": "assistant", "content": "It rains."}
_TALK = [_USER, _asks("c1"), _answers("c1"), _REPLY]
# What a crash, a cancelled turn and a second writer leave.
_HALVES = {
    "a call without its result": [_USER, _asks("c1"), _USER, _REPLY],
    "one result of two": [_USER, _asks("c1", "c2"), _answers("c2"), _USER, _REPLY],
    "a call after a call": [_USER, _asks("c1"), _asks("c2"), _answers("c2"), _REPLY],
    "a result without its call": [_USER, _answers("c1"), _REPLY],
    "a result of another call": [_USER, _asks("c1"), _answers("c2"), _USER, _REPLY],
    "a late result": [_USER, _asks("c1"), _USER, _answers("c1"), _REPLY],
}


class Turns:
    """Calls of tools and their results."""

    @clause("tool-turns", "tool turns")
    def test_tool_turns_come_back(self, kit: Kit) -> None:
        """A call of a tool and its result come back with their ids, in the place they had."""
        store, session = kit.open(), kit.session()
        _add(store, session, _TALK)
        assert kit.open().get_chat_history(session) == _TALK

    @clause("tool-turns", "tool turns")
    def test_no_history_begins_with_an_orphan(self, kit: Kit) -> None:
        """A shortened history begins after a tool result whose call it does not hold."""
        store, session = kit.open(), kit.session()
        _add(store, session, _TALK)
        for limit, wanted in ((1, _TALK[3:]), (2, _TALK[3:]), (3, _TALK[1:]), (4, _TALK)):
            assert store.get_chat_history(session, limit) == wanted, f"limit {limit}"

    @clause("tool-turns", "tool turns")
    def test_no_shortened_history_has_half_a_turn(self, kit: Kit) -> None:
        """Whatever a crash or a second writer left, a model gets whole tool turns, and all stay."""
        store, other = kit.open(), kit.open()
        for what, stored in _HALVES.items():
            session = kit.session()
            _add(store, session, stored)
            for limit in range(1, len(stored) + 2):
                read = other.get_chat_history(session, limit)
                _whole(f"{what}, of the newest {limit}", read)
                if read[-1:] != stored[-1:]:
                    raise Lost(f"{what}: the newest {limit} end with {read[-1:]}")
            _all_there(kit, what, session, stored)

    @clause("tool-turns", "tool turns", "get_working_history")
    def test_no_working_history_has_half_a_turn(self, kit: Kit) -> None:
        """A working history has whole tool turns, also when a checkpoint came between the two."""
        store, other = kit.open(), kit.open()
        for what, stored in _HALVES.items():
            session = kit.session()
            _add(store, session, stored)
            _whole(what, other.get_working_history(session))
            _all_there(kit, what, session, stored)
        if not kit.offers("append_compaction_checkpoint"):
            return
        session, what = kit.session(), "a checkpoint before the result"
        _add(store, session, _TALK[:2])
        assert store.append_compaction_checkpoint(session, "summary") is True
        _add(store, session, _TALK[2:])
        read = other.get_working_history(session)
        _whole(what, read)
        if read[-1:] != _TALK[-1:]:
            raise Lost(f"{what}: the working history ends with {read[-1:]}")
        _all_there(kit, what, session, _TALK)


def _add(store: Any, session: str, messages: list[Message]) -> None:
    for each in messages:
        tools = {key: value for key, value in each.items() if key.startswith("tool_")}
        assert store.add_message(session, each["role"], each["content"], **tools) is True


def _whole(what: str, history: list[Message]) -> None:
    """Raise a finding for a history that model APIs refuse."""
    waiting: set[Any] = set()
    for place, each in enumerate(history):
        if each["role"] == "tool":
            if each.get("tool_call_id") not in waiting:
                raise Finding(f"{what}: message {place} is a result without its call: {history}")
            waiting.remove(each["tool_call_id"])
        elif waiting:
            raise Finding(f"{what}: before message {place} a result is missing: {history}")
        else:
            waiting = {call["id"] for call in each.get("tool_calls") or ()}


def _all_there(kit: Kit, what: str, session: str, stored: list[Message]) -> None:
    """Raise when the stored conversation lacks a message that a model does not get."""
    if kit.offers("get_session"):
        found = kit.open().get_session(session)
        messages = found["messages"] if isinstance(found, dict) else found.messages
        read = [each if isinstance(each, dict) else vars(each) for each in messages]
    else:
        read = kit.open().get_chat_history(session)
        if len(read) < len(stored):
            # A store may keep the whole conversation to itself, and give it out whole alone.
            _whole(f"{what}, without a limit", read)
            return
    if [each["content"] for each in read] != [each["content"] for each in stored]:
        raise Lost(f"{what}: of {len(stored)} messages the session holds {read}")
