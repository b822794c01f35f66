"""The clause about a writer that sleeps while its session ends and another one begins.

What it took with it, a version, a lock or a whole history, is worth nothing when it wakes up: the
version may have been given out again, and the lock may belong to a file that is no more.
"""

import time

import pytest

from reference_impl.contract.checker import check
from reference_impl.contract.history import Operation
from reference_impl.contract.kit import Kit, clause, picture
from reference_impl.contract.processes import Process, Silence
from reference_impl.contract.verdicts import finding, in_words, tally

# Of the places in an append at which the writer stops itself, and how often it does so once more.
PLACES, AGAIN = 60, 20
SECONDS_AT_PLACES = 8.0
# On a busy machine most appends are over, or have not begun, when the signal comes.
ROUNDS = 100
ENOUGH = 30
SECONDS = 6.0
# For the others, while they may be waiting for the one that was stopped.
_PATIENCE = 0.005
_LONG_PATIENCE = 6.0
_LONG_WAITS = 6
_LEAD = 3_000_000


class Stopped:
    """What a writer may do that was stopped in the middle of an append."""

    @clause("stopped-writer", "processes that can be stopped", since=2)
    def test_a_stopped_writer_brings_nothing_back(self, kit: Kit) -> None:
        """A writer stopped in an append, while others begin its session anew, spoils nothing."""
        if not (kit.offers("delete_session") or kit.offers("clear_session")):
            pytest.skip("not offered: delete_session removes a session")
        remove = "delete_session" if kit.offers("delete_session") else "clear_session"
        writer, other = kit.processes(2)
        pace = max(kit.pace(), 0.0005)
        stopped, waits = _at_places(kit, writer, other, remove, pace), _LONG_WAITS
        enough, until = stopped + ENOUGH, time.monotonic() + SECONDS
        for number in range(ROUNDS):
            if stopped >= enough or time.monotonic() > until:
                break
            session, is_quiet = kit.session(), number % 2 == 0
            history = other.run(kit.steps(session, ("add_message", "user", "old")))
            # In every other round the writer waits for its turn behind one that is busy.
            busy = [] if is_quiet else [("add_message", "user", f"old {n}") for n in range(3)]
            anew = [("add_message", "user", f"new {n}") for n in range(1 if is_quiet else 6)]
            at = time.monotonic_ns() + _LEAD
            writer.start(kit.steps(session, ("add_message", "user", "late"), at=at))
            steps = kit.steps(session, *busy, remove, *anew)
            if not is_quiet:
                other.start([{**steps[0], "at": at}, *steps[1:]], stream=True)
            _sleep_until(at + int(kit.random.uniform(0, 1.2 * pace) * 1e9))
            instant = time.monotonic_ns()
            writer.stop()
            try:
                if is_quiet:
                    other.start(steps, stream=True)
                count = len(busy) + 2
                done, all_done = _until(other, count, _PATIENCE + 3 * count * pace)
                if not all_done and is_quiet and waits:
                    # A lock may be lent for a time: then others go on in the end, and do so again.
                    before = time.monotonic()
                    more, in_time = _until(other, 2, min(kit.timeout, _LONG_PATIENCE))
                    waits = waits - 1 if in_time and all(each.certain for each in more) else 0
                    done += more
                    until += time.monotonic() - before
            finally:
                writer.go_on()
            # The one that was waited for long may have told already that it is done.
            history += done + (other.finish() if other.busy else [])
            history += (late := writer.finish())
            history += other.run(kit.steps(session, "get_chat_history"))
            history += writer.run(kit.steps(session, "get_chat_history"))
            stopped += any(each.start < instant < (each.end or 0) for each in late)
            _judge(kit, history)
        if not stopped:
            pytest.skip("not judged: no append could be stopped in its middle")


def _at_places(kit: Kit, writer: Process, other: Process, remove: str, pace: float) -> int:
    """Stop the writer between any two calls of the system; how many appends were stopped.

    Once the others begin anew, and are done before it goes on. Once they go on adding, too, at each
    place that it comes to: by then it may hold a lock that nobody else knows.
    """
    add = ("add_message", "user", "late")
    for _ in range(2):
        writer.start(kit.steps(kit.session(), add), pauses=(0, 0))
        writer.finish()
    places = list(range(1, writer.calls + 1, 1 + writer.calls // PLACES))
    kit.random.shuffle(places)
    stopped, until = 0, time.monotonic() + SECONDS_AT_PLACES
    for place in places:
        for again in (0, AGAIN):
            if time.monotonic() > until:
                return stopped
            session = kit.session()
            history = other.run(kit.steps(session, ("add_message", "user", "old")))
            writer.start(kit.steps(session, add), pauses=(place, again))
            number = 0
            steps: list[str | tuple[str, ...]] = [remove, ("add_message", "user", "new 0")]
            while writer.until_stopped():
                if not other.busy:
                    other.start(kit.steps(session, *steps), stream=True)
                    history += _until(other, len(steps) + 1, _PATIENCE + 3 * len(steps) * pace)[0]
                    number += 1
                    steps = [("add_message", "user", f"new {number}")]
                writer.resume()
            stopped += bool(number)
            history += (other.finish() if other.busy else []) + writer.finish()
            for reader in (other, writer):
                history += reader.run(kit.steps(session, "get_chat_history"))
            _judge(kit, history)
    return stopped


def _sleep_until(instant: int) -> None:
    while (left := instant - time.monotonic_ns()) > 0:
        if left > 1_000_000:
            time.sleep((left - 500_000) / 1e9)


def _until(process: Process, count: int, seconds: float) -> tuple[list[Operation], bool]:
    """The next answers of a process, and whether so many came in time."""
    done: list[Operation] = []
    deadline = time.monotonic() + seconds
    while len(done) < count:
        try:
            answer = process.one(deadline)
        except Silence:
            return done, False
        if answer is None:
            return done, True
        done.append(answer)
    return done, True


def _judge(kit: Kit, history: list[Operation]) -> None:
    """Fail when no order explains what was read; what was refused may be asked for again."""
    kit.notes["counts"] = tally(history)
    if (violation := check(history)) is not None:
        reason = "a writer was stopped in the middle of its append while others began anew"
        shown = picture(violation.history, reason)
        raise finding(violation.history, violation.reason)(f"{shown}\n{in_words(history)}")
