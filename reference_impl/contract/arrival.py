"""Clauses about what arrives: as often as it was added, in the order of its acknowledgment."""

from reference_impl.contract.drawing import OTHER_CLOCKS
from reference_impl.contract.kit import Kit, clause
from reference_impl.contract.verdicts import Finding, Lost

_CLOCKS = ("order of arrival", "clocks that can be moved")
_MINUTES_5 = 300.0
# What a chat holds by itself: one user asks to go on, and a model has little to say.
_TALK = [("user", "next"), ("assistant", "OK")] * 4 + [("user", "OK")] * 3


class Arrival:
    """How often, and in which order."""

    @clause("equal-messages", since=2)
    def test_equal_messages_are_all_there(self, kit: Kit) -> None:
        """Messages come back as often as they were added, also when they are equal to others."""
        clients, session = [kit.open(), kit.open()], kit.session()
        [process] = kit.processes(1)
        added: list[dict[str, str]] = []
        for number, (role, content) in enumerate([*_TALK, *_TALK]):
            if number % 3 == 2:
                process.run(kit.steps(session, ("add_message", role, content)))
            else:
                assert clients[number % 3].add_message(session, role, content) is True
            added.append({"role": role, "content": content})
            for client in clients:
                read = client.get_chat_history(session)
                if read != added:
                    where = f"after {len(added)} messages {len(read)} were read"
                    raise (Lost if len(read) < len(added) else Finding)(
                        f"{where}, the last of them {read[-3:]}; added were {added[-3:]}"
                    )

    @clause("order-of-arrival", *_CLOCKS, since=2)
    def test_a_clock_that_is_behind_reorders_nothing(self, kit: Kit) -> None:
        """A writer whose clock is five minutes behind adds to the end, where others find it."""
        client, session = kit.client(), kit.session()
        behind = kit.process_at("Behind", OTHER_CLOCKS["Behind"][1])
        for number in range(3):
            client("add_message", session, "user", f"m{2 * number}")
            late = ("add_message", "user", f"m{2 * number + 1}")
            kit.history += behind.run(kit.steps(session, late, "get_chat_history"))
            client("get_chat_history", session)
        client("get_chat_history", session, max_messages=2)
        kit.client()("get_chat_history", session)
        kit.check()

    @clause("order-of-arrival", *_CLOCKS, since=2)
    def test_a_clock_that_is_set_back_reorders_nothing(self, kit: Kit) -> None:
        """A writer whose clock is set back by five minutes goes on at the end, as do others."""
        client, session = kit.client(), kit.session()
        writer = kit.process_at("Back", 0.0)
        for number in range(3):
            writer.move_clock(-number * _MINUTES_5)
            mine = [("add_message", "user", f"m{number}-{each}") for each in range(2)]
            kit.history += writer.run(kit.steps(session, *mine, "get_chat_history"))
            client("get_chat_history", session)
        client("add_message", session, "user", "last")
        kit.history += writer.run(kit.steps(session, "get_chat_history"))
        kit.client()("get_chat_history", session)
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
