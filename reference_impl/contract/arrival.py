"""Clauses about what arrives: as often as it was added, in the order of its acknowledgment."""

import pytest

from reference_impl.contract.checker import check
from reference_impl.contract.drawing import OTHER_CLOCKS
from reference_impl.contract.kit import Client, Kit, clause
from reference_impl.contract.processes import Process
from reference_impl.contract.verdicts import Finding, Lost

_CLOCKS = ("order of arrival", "clocks that can be moved")
_MINUTES_5 = 300.0
# What a chat holds by itself: one user asks to go on, and a model has little to say.
_TALK = [("user", "next"), ("assistant", "OK")] * 4
_TALK += [("user", "OK")] * 3 + [("assistant", "OK")] * 3


class Arrival:
    """How often, and in which order."""

    @clause("equal-messages", since=2)
    def test_equal_messages_are_all_there(self, kit: Kit) -> None:
        """Messages come back as often as they were added, also when they are equal to others."""
        writer, other, session = kit.open(), kit.open(), kit.session()
        added: list[dict[str, str]] = []
        for role, content in _TALK:
            assert writer.add_message(session, role, content) is True
            added.append({"role": role, "content": content})
            for client in (writer, other):
                read = client.get_chat_history(session)
                if read != added:
                    where = f"after {len(added)} messages {len(read)} were read"
                    raise (Lost if len(read) < len(added) else Finding)(
                        f"{where}, the last of them {read[-3:]}; added were {added[-3:]}"
                    )

    @clause("order-of-arrival", *_CLOCKS, since=2)
    def test_a_clock_that_is_behind_reorders_nothing(self, kit: Kit) -> None:
        """A writer whose clock is five minutes behind adds to the end, where others find it."""
        seconds = OTHER_CLOCKS["Behind"][1]
        behind = kit.process_at("Behind", 0.0)
        _in_turn(kit, kit.client(), behind, [[0.0]] * 3)
        _only_clocks(kit)
        _in_turn(kit, kit.client(), kit.process_at("Behind", seconds), [[seconds]] * 3)
        kit.check()

    @clause("order-of-arrival", *_CLOCKS, since=2)
    def test_a_clock_that_is_set_back_reorders_nothing(self, kit: Kit) -> None:
        """A writer whose clock is set back by five minutes goes on at the end, as do others."""
        writer = kit.process_at("Back", 0.0)
        _in_turn(kit, kit.client(), writer, [[0.0, 0.0]] * 3)
        _only_clocks(kit)
        _in_turn(kit, kit.client(), writer, [[0.0, -_MINUTES_5], [-_MINUTES_5], [0.0]])
        kit.check()

    @clause("message-ids", "message ids", since=2)
    def test_a_message_with_an_id_is_stored_once(self, kit: Kit) -> None:
        """A message whose id its session has had is acknowledged and not stored again."""
        one, other, session = kit.open(), kit.open(), kit.session()
        [process] = kit.processes(1)
        note = {"message_id": "id-1"}

        def add(content: str, **given: str) -> None:
            for client in (one, other):
                assert client.add_message(session, "user", content, dict(given)) is True
            again = kit.steps(session, ("add_message", "user", content, dict(given)))
            [done] = process.run(again)
            assert done.answer is True, f"the repeat was answered {done.error or done.answer!r}"

        def holds(what: str, *wanted: str) -> None:
            for client in (one, other, kit.open()):
                read = [each["content"] for each in client.get_chat_history(session)]
                if read != list(wanted):
                    raise (Lost if len(read) < len(wanted) else Finding)(f"{what}: {read}")

        add("m1", **note)
        holds("one message was added three times under one id", "m1")
        add("m1", message_id="id-2")
        holds("an equal message with an id of its own was added", "m1", "m1")
        elsewhere = kit.session()
        assert one.add_message(elsewhere, "user", "m1", dict(note)) is True
        read = [each["content"] for each in other.get_chat_history(elsewhere)]
        assert read == ["m1"], f"another session, with the same id, holds {read}"
        if kit.offers("clear_session"):
            one.clear_session(session)
            add("m1", **note)
            holds("the message came again after a clear")


def _in_turn(kit: Kit, client: Client, other: Process, clocks: list[list[float]]) -> None:
    """Let two writers add in turn, the other one with its clock at these places in each turn."""
    session = kit.session()
    for number, places in enumerate(clocks):
        client("add_message", session, "user", f"m{number}")
        for place, seconds in enumerate(places):
            other.move_clock(seconds)
            call = ("add_message", "user", f"o{number}-{place}")
            kit.history += other.run(kit.steps(session, call, "get_chat_history"))
        client("get_chat_history", session)
    client("get_chat_history", session, max_messages=2)
    kit.client()("get_chat_history", session)


def _only_clocks(kit: Kit) -> None:
    """Judge no clock where two writers in turn lose messages whatever their clocks say."""
    if (violation := check(kit.history)) is not None:
        pytest.skip(f"not judged: with clocks that agree {violation.reason}")
    kit.history.clear()
