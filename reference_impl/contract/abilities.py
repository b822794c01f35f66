"""Clauses about what a store may offer beyond the protocol."""

import time
from typing import Any

from reference_impl.contract.kit import Kit, accepted, clause
from reference_impl.contract.processes import together


def turns(name: str, count: int = 10) -> list[dict[str, str]]:
    """A history to replace another one with."""
    return [{"role": "user", "content": f"{name}-{number}"} for number in range(count)]


class Abilities:
    """Replacing, metadata and working history."""

    @clause("atomic-replace", "set_chat_history")
    def test_replace_puts_the_new_history(self, kit: Kit) -> None:
        """A replaced history is the new one for every client, and can be continued or emptied."""
        one, other, session = kit.client(), kit.client(), kit.session()
        one("add_message", session, "user", "m1")
        other("get_chat_history", session)
        for new in (turns("a"), turns("b", 1), [], turns("c", 3)):
            one("set_chat_history", session, new)
            for client in (other, one):
                client("session_exists", session)
                client("get_chat_history", session)
        other("add_message", session, "user", "m2")
        one("get_chat_history", session)
        kit.check()

    @clause("atomic-replace", "set_chat_history")
    def test_readers_see_whole_histories(self, kit: Kit) -> None:
        """Two processes that read while another replaces see one whole history or the other."""
        session = kit.session()
        processes = kit.processes(3)
        replaces = [("set_chat_history", turns(f"r{number}")) for number in range(25)]
        begin = kit.steps(session, ("set_chat_history", turns("first")))
        history = processes[0].run(begin)
        look = kit.steps(session, "get_chat_history")
        readers = [(each, look) for each in processes[1:]]
        history += together([(processes[0], kit.steps(session, *replaces))], readers)
        kit.check(history)

    @clause("atomic-replace", "set_chat_history")
    def test_replace_against_append(self, kit: Kit) -> None:
        """When one process replaces while two others add, some order explains every read."""
        session = kit.session()
        processes = kit.processes(4)
        programs = [
            (each, kit.steps(session, *[("add_message", "user", f"{n}-{i}") for i in range(10)]))
            for n, each in enumerate(processes[:2])
        ]
        gap, begin = int(2.5e9 * kit.pace()), time.monotonic_ns() + 5_000_000
        replaces = [
            kit.steps(session, ("set_chat_history", turns(f"r{n}", 3)), at=begin + n * gap)[0]
            for n in range(8)
        ]
        programs.append((processes[2], replaces))
        look = kit.steps(session, "get_chat_history")
        history = together(programs, [(processes[3], look)])
        history += processes[3].run(look)
        kit.check(history)

    @clause("metadata-merge", "update_session_metadata")
    def test_fields_are_merged(self, kit: Kit) -> None:
        """A field stays until it is written again, through updates, messages and a clear."""
        one, other, session = kit.open(), kit.open(), kit.session()
        one.add_message(session, "user", "m1")
        assert one.update_session_metadata(session, title="first", tags=["a", "ü"]) is True
        assert other.update_session_metadata(session, title="second", count=1) is True
        assert one.add_message(session, "user", "m2") is True
        if kit.offers("clear_session"):
            other.clear_session(session)
        wanted = {"title": "second", "tags": ["a", "ü"], "count": 1}
        for store in (one, other, kit.open()):
            found = store.get_session(session).metadata
            shown = {key: found[key] for key in wanted if key in found}
            assert shown == wanted, f"the metadata is {found}"

    @clause("metadata-merge", "update_session_metadata")
    def test_fields_of_four_writers_are_merged(self, kit: Kit) -> None:
        """Four processes set ten fields each while adding messages, and nothing of it is lost."""
        session = kit.session()
        history = together(
            [
                (
                    process,
                    [each for i in range(10) for each in _field_and_message(kit, session, n, i)],
                )
                for n, process in enumerate(kit.processes(4))
            ]
        )
        accepted(history)
        session_data = kit.open().get_session(session)
        lost = {f"f{n}_{i}" for n in range(4) for i in range(10)} - session_data.metadata.keys()
        assert not lost, f"{len(lost)} of 40 fields were lost: {sorted(lost)}"
        assert len(kit.open().get_chat_history(session)) == 40, "messages were lost"

    @clause("working-history", "get_working_history")
    def test_without_a_checkpoint_it_is_everything(self, kit: Kit) -> None:
        """Without a checkpoint the working history is the history."""
        store, session = kit.open(), kit.session()
        assert store.get_working_history(session) == []
        for number in range(5):
            store.add_message(session, "user", f"m{number}")
        assert store.get_working_history(session) == store.get_chat_history(session)
        assert len(store.get_working_history(session)) == 5

    @clause("working-history", "get_working_history", "append_compaction_checkpoint")
    def test_a_checkpoint_stands_for_what_was_before(self, kit: Kit) -> None:
        """After a checkpoint every client gets the summary and what was added later."""
        one, other, session = kit.open(), kit.open(), kit.session()
        one.add_message(session, "user", "old")
        assert other.get_working_history(session) == [{"role": "user", "content": "old"}]
        assert one.append_compaction_checkpoint(session, "summary") is True
        other.add_message(session, "user", "new")
        for store in (one, other, kit.open()):
            read = [each["content"] for each in store.get_working_history(session)]
            assert read == ["summary", "new"]
            whole = [each["content"] for each in store.get_chat_history(session)]
            assert whole == ["old", "new"], "the checkpoint changed the history itself"


def _field_and_message(kit: Kit, session: str, writer: int, number: int) -> list[Any]:
    fields = kit.steps(session, "update_session_metadata")
    fields[0]["named"] = {f"f{writer}_{number}": number}
    return fields + kit.steps(session, ("add_message", "user", f"{writer}-{number}"))
