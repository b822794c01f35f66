"""Clauses about several processes at work on one session at the same time."""

import time
from bisect import bisect_left, bisect_right
from statistics import median

from reference_impl.contract.checker import explain
from reference_impl.contract.history import Operation
from reference_impl.contract.kit import Kit, accepted, clause, picture
from reference_impl.contract.processes import together
from reference_impl.contract.verdicts import Finding, Lost, in_words, lost, tally

STARVED_SECONDS = 0.25
STARVED_WRITES = 50
FEW_WRITES = 20
BUSY_NANOSECONDS = 1_500_000_000
# One in 20 of them is 10, which no single delay of the machine makes.
ENOUGH_READS = 200


class Crowd:
    """What processes may rely on beside each other."""

    @clause("no-lost-writes")
    def test_two_writers_lose_nothing(self, kit: Kit) -> None:
        """Two processes add 30 messages each at once, and all 60 are there once."""
        _nothing_lost(kit, 2, 30)

    @clause("no-lost-writes")
    def test_four_writers_lose_nothing(self, kit: Kit) -> None:
        """Four processes add 20 messages each at once, and all 80 are there once."""
        _nothing_lost(kit, 4, 20)

    @clause("no-lost-writes")
    def test_eight_writers_lose_nothing(self, kit: Kit) -> None:
        """Eight processes add 10 messages each at once, and all 80 are there once."""
        _nothing_lost(kit, 8, 10)

    @clause("writer-order")
    def test_each_writer_keeps_its_order(self, kit: Kit) -> None:
        """Four processes add 15 messages each at once, and each one's are in its order."""
        session = kit.session()
        history = accepted(_write(kit, session, 4, 15))
        reader = kit.client()
        read = reader("get_chat_history", session)
        assert isinstance(read, list), f"get_chat_history gave {read!r}"
        for client in sorted({each.client for each in history}):
            mine = [each.messages[0] for each in history if each.client == client]
            place = {message: number for number, message in enumerate(mine)}
            order = [message for message in read if message in place]
            if order != sorted(order, key=place.__getitem__):
                operations = [*history, *kit.history]
                raise Finding(picture(operations, f"the messages of {client} came back as {order}"))

    @clause("prefix-reads")
    def test_readers_see_beginnings(self, kit: Kit) -> None:
        """Every read of two processes, while two others add, is a beginning of the final one."""
        session = kit.session()
        processes = kit.processes(4)
        programs = [
            (process, kit.steps(session, *[("add_message", "user", f"{n}-{i}") for i in range(30)]))
            for n, process in enumerate(processes[:2], 1)
        ]
        look = kit.steps(session, "get_chat_history")
        history = together(programs, [(process, look) for process in processes[2:]])
        history += processes[2].run(look)
        kit.check(history)

    @clause("prefix-reads")
    def test_a_slow_crowd_is_explained(self, kit: Kit) -> None:
        """Processes that add and read in turn only see histories that one order explains."""
        session = kit.session()
        history = together(
            [
                (
                    process,
                    [
                        step
                        for i in range(10)
                        for step in kit.steps(
                            session, ("add_message", "user", f"{n}-{i}"), "get_chat_history"
                        )
                    ],
                )
                for n, process in enumerate(kit.processes(4), 1)
            ]
        )
        kit.check(history)

    @clause("fair-reads")
    def test_a_reader_beside_a_busy_writer(self, kit: Kit) -> None:
        """Beside a busy writer, 19 in 20 reads wait for at most 20 writes, in one of two tries."""
        # A busy machine holds up one read in a run; a store that starves its readers does it again.
        unfair = _unfair(kit) and _unfair(kit)
        assert not unfair, unfair

    @clause("late-append")
    def test_a_stale_client_does_not_resurrect(self, kit: Kit) -> None:
        """A client that read before a delete, and adds after it, brings nothing back."""
        for remove in ("delete_session", "clear_session"):
            stale, other, session = kit.client(), kit.client(), kit.session()
            stale("add_message", session, "user", f"{remove} m1")
            stale("get_chat_history", session)
            other(remove, session)
            if remove in kit.without:
                continue
            stale("add_message", session, "user", f"{remove} m2")
            for client in (other, stale):
                client("get_chat_history", session)
        kit.check()

    @clause("late-append", "delete_session")
    def test_delete_against_append(self, kit: Kit) -> None:
        """When one process deletes while another adds, one of the two came first."""
        _race(kit, "delete_session")

    @clause("late-append", "clear_session")
    def test_clear_against_append(self, kit: Kit) -> None:
        """When one process clears while another adds, one of the two came first."""
        _race(kit, "clear_session")


def _unfair(kit: Kit) -> str:
    """What a reader beside a writer in a tight loop had to suffer; empty when it was few writes."""
    session = kit.session()
    writer, reader = kit.processes(2)
    busy = [("add_message", "user", f"m{i} {'x' * 1000}") for i in range(60)]
    look = kit.steps(session, "get_chat_history")
    accepted(writer.run(kit.steps(session, *busy)))
    # What a read of a long session takes when nobody is in its way is no wait.
    alone = median(_seconds(each) for each in reader.run(look * 5))
    until = time.monotonic_ns() + BUSY_NANOSECONDS
    writer.start(kit.steps(session, *busy, kit.emptying), until=until, loop=True)
    # A reader that rests comes at any moment of a write, and leaves the writer its speed.
    reader.start(look * ENOUGH_READS, until=until, brief=True, rest=0.003)
    reads, writes = reader.finish(), writer.enough()
    slowest, between = _slowest(reads, writes)
    pace = median(_seconds(each) for each in writes)
    few = FEW_WRITES + alone / pace
    late = sum(1 for each in reads if _inside(each, writes) > few)
    kit.notes["fairness"] = {
        "reads": len(reads),
        "writes": len(writes),
        "slowest_wait_seconds": round(slowest, 4),
        "slowest_wait_in_writes": round(slowest / pace, 1),
        "writes_during_slowest_wait": between,
        "reads_that_waited_long": late,
        "typical_write_seconds": round(pace, 5),
    }
    # After the note: a read that gave up is the slowest of all.
    accepted([*writes, *reads])
    took = f"took {slowest:.2f} s, while {between} writes were done"
    if slowest > STARVED_SECONDS and between > STARVED_WRITES:
        return f"a read {took}"
    if late * 20 > len(reads):
        waited = f"{late} of {len(reads)} reads waited for more than {FEW_WRITES} writes"
        return f"{waited}; the slowest {took}"
    return ""


def _write(kit: Kit, session: str, writers: int, each: int) -> list[Operation]:
    return together(
        [
            (
                process,
                kit.steps(session, *[("add_message", "user", f"{n}-{i}") for i in range(each)]),
            )
            for n, process in enumerate(kit.processes(writers), 1)
        ]
    )


def _nothing_lost(kit: Kit, writers: int, each: int) -> None:
    session = kit.session()
    history = _write(kit, session, writers, each)
    reader = kit.client()
    read = reader("get_chat_history", session)
    operations = [*history, *kit.history]
    kit.notes["counts"] = tally(operations)
    if isinstance(read, list):
        gone = lost(operations)
        twice = {message for message in read if read.count(message) > 1}
        if gone or twice:
            total = sum(each.certain for each in history)
            reason = f"{len(gone)} of {total} messages were lost, {len(twice)} doubled"
            shown = picture(operations, reason) if explain(operations) else f"{reason}: {read}"
            raise (Lost if gone else Finding)(f"{shown}\n{in_words(operations)}")
    kit.check(operations)


def _race(kit: Kit, remove: str, rounds: int = 40) -> None:
    """Start a removal at another instant of an append in each round, each on its own session."""
    pace = max(kit.pace(), 0.0005)
    adder, remover = kit.processes(2)
    sessions = [kit.session() for _ in range(rounds)]
    history = adder.run(
        [step for each in sessions for step in kit.steps(each, ("add_message", "user", "old"))]
    )
    begin = time.monotonic_ns() + 20_000_000
    adds, removals = [], []
    for number, session in enumerate(sessions):
        at = begin + int(number * pace * 4e9)
        adds += kit.steps(session, ("add_message", "user", "new"), at=at)
        shift = int(pace * 1e9 * (number % 10 - 1) / 8)
        removals += kit.steps(session, remove, at=at + shift)
    adder.start(adds)
    remover.start(removals)
    history += adder.finish() + remover.finish()
    for process in (adder, remover):
        history += process.run(
            [
                step
                for each in sessions
                for step in kit.steps(each, "get_chat_history", "session_exists")
            ]
        )
    kit.check(history)


def _slowest(reads: list[Operation], writes: list[Operation]) -> tuple[float, int]:
    """The slowest read in seconds, and how many writes were done from beginning to end in it."""
    slowest = max(reads, key=_seconds)
    return _seconds(slowest), _inside(slowest, writes)


def _inside(read: Operation, writes: list[Operation]) -> int:
    first = bisect_left(writes, read.start, key=lambda each: each.start)
    last = bisect_right(writes, read.end or 0, key=lambda each: each.end or 0)
    return max(0, last - first)


def _seconds(operation: Operation) -> float:
    return ((operation.end or operation.start) - operation.start) / 1e9
