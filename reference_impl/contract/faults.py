"""Clauses about writes that fail, and processes that are killed or stopped in the middle."""

import time
import uuid

from reference_impl.contract.history import Operation
from reference_impl.contract.kit import Kit, accepted, clause
from reference_impl.contract.processes import Process, Silence, Step

_POSIX = "processes that can be stopped"
_SLACK = 2.0


class Faults:
    """What remains when a write does not come to its end."""

    @clause("honest-writes", _POSIX)
    def test_a_write_that_cannot_grow_a_file(self, kit: Kit) -> None:
        """A process that may not write a large file is not told that its message was saved."""
        store, session = kit.open(), kit.session()
        assert store.add_message(session, "user", "before") is True
        [process] = kit.processes(1)
        large = "x" * 2**20
        process.limit_files(2**16)
        try:
            done = process.run(kit.steps(session, ("add_message", "user", large)), kit.timeout + 30)
        finally:
            process.limit_files(-1)
        told = bool(done[0].answer) if done else False
        read = [each["content"] for each in kit.open().get_chat_history(session)]
        shown = [each if len(each) < 99 else f"{len(each)} characters" for each in read]
        wanted = ["before", large] if told else ["before"]
        assert read == wanted, f"the answer was {told} and the session holds {shown}"

    @clause("acknowledged-survive", _POSIX)
    def test_a_killed_writer_keeps_its_word(self, kit: Kit) -> None:
        """After a SIGKILL at a random moment every acknowledged message is there, once."""
        session, pace = kit.session(), kit.pace()
        history: list[Operation] = []
        for _ in range(5):
            history += _killed(kit, session, pace)
            [reader] = kit.processes(2)[1:]
            look = kit.steps(session, "get_chat_history")
            history += _answered(kit, [(reader, look)])
            kit.check(history)

    @clause("bounded-wait", _POSIX)
    def test_a_dead_writer_blocks_nobody(self, kit: Kit) -> None:
        """After a writer was killed others read and write within the store's own timeout."""
        session, pace = kit.session(), kit.pace()
        for _ in range(3):
            _killed(kit, session, pace)
            [other] = kit.processes(2)[1:]
            calls = kit.steps(session, "get_chat_history", ("add_message", "user", "m"))
            accepted(_answered(kit, [(other, calls)]))

    @clause("bounded-wait", _POSIX)
    def test_a_stopped_writer_blocks_nobody_for_ever(self, kit: Kit) -> None:
        """While a writer is stopped no operation outlasts the timeout, and then all recover."""
        session = kit.session()
        writer, first, second = kit.processes(3)
        busy = [("add_message", "user", f"m{number}") for number in range(20)]
        add = kit.steps(session, ("add_message", "user", "during"))
        look = kit.steps(session, "get_chat_history")
        for _ in range(8):
            until = time.monotonic_ns() + 150_000_000
            writer.start(kit.steps(session, *busy, kit.emptying), until=until, loop=True)
            time.sleep(kit.random.uniform(0.02, 0.08))
            stopped = time.monotonic_ns()
            writer.stop()
            try:
                during = _answered(kit, [(first, add), (second, look)])
            finally:
                writer.go_on()
            # What was cut short by the stop may have failed, since others went on without it.
            accepted(each for each in writer.finish() if not _spans(each, stopped))
            everybody = (writer, first, second)
            accepted(_answered(kit, [(each, add + look) for each in everybody]))
            # It has met the stopped writer. A busy machine alone takes less time than this.
            if any(each.error or (each.end or 0) - each.start > 1e9 for each in during):
                break


def _spans(operation: Operation, instant: int) -> bool:
    """Whether an operation was on its way at an instant, give or take a signal's delay."""
    return operation.start <= instant + 1e7 and (operation.end or 0) >= instant


def _killed(kit: Kit, session: str, pace: float) -> list[Operation]:
    """Kill a process that adds messages; what it was told, and the call that was cut off."""
    [writer] = kit.processes(1)
    name = uuid.uuid4().hex[:4]
    calls = [("add_message", "user", f"{name}-{number}") for number in range(12)]
    writer.start(kit.steps(session, *calls), stream=True)
    deadline = time.monotonic() + kit.timeout + 30
    told: list[Operation] = []
    for _ in range(kit.random.randint(1, 6)):
        if (done := writer.one(deadline)) is not None:
            told.append(done)
    time.sleep(kit.random.uniform(0, 2 * pace))
    writer.kill()
    while (done := writer.one(deadline)) is not None:
        told.append(done)
    if len(told) < len(calls) and told:
        last = told[-1]
        cut = (str(calls[len(told)][2]),)
        told.append(
            Operation(last.client, "add_message", session, last.end or last.start, None, cut)
        )
    return told


def _answered(kit: Kit, programs: list[tuple[Process, list[Step]]]) -> list[Operation]:
    """What processes did, each operation of which has to end within the store's own timeout."""
    limit = kit.timeout + _SLACK
    for process, steps in programs:
        process.start(steps, stream=True)
    done: list[Operation] = []
    for process, steps in programs:
        for each in steps:
            try:
                operation = process.one(time.monotonic() + limit)
            except Silence:
                process.kill()
                raise AssertionError(
                    f"{each['method']} was not answered within {limit:.1f} s, which is the "
                    f"store's timeout of {kit.timeout:g} s and {_SLACK:g} s more (it is its "
                    "lock_timeout, or what --session-store-timeout says)"
                ) from None
            assert operation is not None, f"{process.client} died in {each['method']}"
            done.append(operation)
        process.finish()
    return done
