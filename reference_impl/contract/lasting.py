"""Clauses about what stays: how long, in which window, and of a turn that was cut in two."""

from contextlib import suppress
from typing import Any

from reference_impl.contract.factory import FactoryError
from reference_impl.contract.handle import Handle
from reference_impl.contract.kit import Kit, accepted, clause
from reference_impl.contract.processes import Process
from reference_impl.contract.verdicts import Finding, Lost, Torn

_MINUTE, _DAY = 60.0, 86_400.0
# The first is within what servers allow between their clock and that of a client.
_AHEAD = {"14 minutes": 14 * _MINUTE, "40 days": 40 * _DAY, "8 years": 8 * 365 * _DAY}
WINDOWS = ((50, 3), (3, 50), (50, 0), (0, 50))


class Lasting:
    """What is still there."""

    @clause("kept-until-deleted", "no time to live", "clocks that can be moved", since=2)
    def test_time_alone_removes_nothing(self, kit: Kit) -> None:
        """A message is there after minutes, days and years, for clients old and new."""
        client, session = kit.client(), kit.session()
        client("add_message", session, "user", "m0")
        for number, (name, seconds) in enumerate(_AHEAD.items(), 1):
            later = kit.process_at("Later", seconds)
            if not _works(kit, later):
                # A server may refuse a client whose clock is so wrong: that tells nothing.
                kit.refused.append(f"a clock {name} ahead")
                break
            add = ("add_message", "user", f"m{number}")
            look = "get_chat_history"
            kit.history += later.run(kit.steps(session, look, add, look))
            for each in (client, kit.client()):
                each(look, session)
        kit.check()

    @clause("any-window", "windows", since=2)
    def test_a_client_with_another_window_reads_it(self, kit: Kit) -> None:
        """What clients with one window wrote, those with another read, as far as the smaller."""
        for mine, theirs in WINDOWS:
            session, added = kit.session(), list[str]()
            try:
                for window in (mine, theirs, mine):
                    _add(kit.open(window=window), session, added)
                    for other in (mine, theirs):
                        # No window is wide.
                        least = min(mine or len(added), theirs or len(added), len(added))
                        _is_end(kit.open(window=other), session, added, least, window, other)
            except FactoryError as error:
                kit.refused.append(f"windows of {mine} and {theirs}: {error.__cause__}")

    @clause("late-append", since=2)
    def test_a_turn_brings_back_at_most_itself(self, kit: Kit) -> None:
        """Of a turn in the middle of which its session was removed nothing older comes back."""
        [process] = kit.processes(1)
        removals = [each for each in ("delete_session", "clear_session") if kit.offers(each)]
        for remove in removals:
            for anew in ([], ["new"]):
                writer, session = kit.open(), kit.session()
                _cut_turn(kit, writer, process, session, remove, anew)


def _works(kit: Kit, later: Process) -> bool:
    add = ("add_message", "user", "works")
    with suppress(AssertionError):
        done = accepted(later.run(kit.steps(kit.session(), add, "get_chat_history")))
        return bool(done[-1].answer == ["works"])
    return False


def _add(client: Handle, session: str, added: list[str]) -> None:
    for _ in range(4):
        content = f"m{len(added)}"
        done = client.add_message(session, "user", content)
        if done is not True:
            raise Finding(f"{content!r} was answered {done!r}")
        added.append(content)


def _is_end(
    client: Handle, session: str, added: list[str], least: int, writer: int, reader: int
) -> None:
    """What a client reads has to be the newest messages, and so many of them at least."""
    history = client.get_chat_history(session)
    # Words that stand for what is no longer in the window.
    if history and history[0]["role"] == "system":
        del history[0]
    read = [each["content"] for each in history]
    said = f"window {writer} wrote, window {reader} read {read} of {added}"
    if read != added[len(added) - len(read) :]:
        raise Torn(said)
    if len(read) < least:
        raise Lost(said)


def _cut_turn(
    kit: Kit, writer: Handle, other: Process, session: str, remove: str, anew: list[str]
) -> None:
    def say(role: str, content: str, **tools: Any) -> bool:
        what = f"the rest of a turn after {remove}"
        return kit.attempt(what, writer, "add_message", session, role, content, **tools)

    for role, content in (("user", "old 1"), ("assistant", "old 2")):
        assert writer.add_message(session, role, content) is True
    writer.get_chat_history(session)
    assert writer.add_message(session, "user", "question") is True
    calls = [("add_message", "user", each) for each in anew]
    accepted(other.run(kit.steps(session, remove, *calls)))
    kept = [*anew, *["answer"] * say("assistant", "answer")]
    more = kit.steps(session, ("add_message", "user", "after"), "get_chat_history")
    *_, seen = accepted(other.run(more))
    for read in (seen.answer, [each["content"] for each in writer.get_chat_history(session)]):
        said = f"the session was removed by {remove} in the middle of a turn, and holds {read}"
        if any(each.startswith("old") for each in read) or len(read) > len(set(read)):
            raise Finding(said)
        if missing := [each for each in (*kept, "after") if each not in read]:
            raise Lost(f"{said}, without {missing}")
