"""Broken stores that keep their word to one process at a time."""

import contextlib
import json
import os
import threading
import time
import uuid

from filelock import FileLock

from tests.contract.base import Base, Counts, empty
from tests.contract.zoo import caught_by


class Slow(Base):
    """Takes two milliseconds between loading and saving, so that others come in between."""

    def save(self, session_id, data):
        time.sleep(0.002)
        super().save(session_id, data)


@caught_by("two_writers_lose_nothing", "of 60 messages were lost")
class LosesUpdates(Slow):
    """Loads, adds and saves without a lock."""

    @contextlib.contextmanager
    def locked(self, session_id):
        yield


@caught_by("four_writers_lose_nothing", "doubled")
class AddsAgain(Base):
    """Adds a message again when the lock was taken at first."""

    def add_message(self, session_id, *arguments, **named):
        waited = FileLock(self.path(session_id).with_suffix(".busy"), timeout=0)
        try:
            with waited:
                time.sleep(0.002)
                return super().add_message(session_id, *arguments, **named)
        except TimeoutError:
            super().add_message(session_id, *arguments, **named)
            return super().add_message(session_id, *arguments, **named)


@caught_by("eight_writers_lose_nothing", "StaleError")
class RefusesWhenStale(Slow):
    """Raises when somebody else wrote in between, instead of trying again."""

    def change(self, session_id, edit):
        data = self.load(session_id) or empty()
        before = json.dumps(data)
        edit(data)
        time.sleep(0.002)
        with self.locked(session_id):
            if json.dumps(self.load(session_id) or empty()) != before:
                raise StaleError("somebody else wrote in between")
            self.save(session_id, data)
        return True


class StaleError(Exception):
    """Somebody else wrote in between."""


@caught_by("each_writer_keeps_its_order", "came back as")
class ReordersWriters(Base):
    """Orders messages by a clock that ticks every 20 ms."""

    def add_message(self, session_id, role, content, metadata=None):
        place = [time.monotonic_ns() // 20_000_000, uuid.uuid4().hex]

        def put(data):
            data["messages"].append({"role": role, "content": content, "metadata": place})
            data["messages"].sort(key=lambda message: message["metadata"])

        return self.change(session_id, put)


@caught_by("readers_see_beginnings", "not the beginning|no order")
class NumbersBeforeCommit(Base):
    """Takes the place of a message first and writes it later, so that 2 is seen before 1."""

    def add_message(self, session_id, role, content, metadata=None):
        numbers = []

        def take(data):
            numbers.append(data.get("taken", 0))
            data["taken"] = numbers[0] + 1

        self.change(session_id, take)
        # Every other one is slow, so that the next is there first.
        time.sleep(0.004 if numbers[0] % 2 == 0 else 0)
        message = {"role": role, "content": content, "metadata": {"place": numbers[0]}}

        def put(data):
            data["messages"].append(message)
            data["messages"].sort(key=lambda each: each["metadata"]["place"])

        return self.change(session_id, put)


@caught_by("readers_see_beginnings", "was not done|did not read|fewer")
class WritesInPlace(Base):
    """Writes the file in place, and reads it without a lock."""

    def save(self, session_id, data):
        with self.path(session_id).open("w", encoding="utf-8") as file:
            file.flush()
            time.sleep(0.0005)
            file.write(json.dumps(data))

    def read(self, session_id):
        return self.load(session_id) or empty()


@caught_by("readers_see_beginnings", "fewer|did not read")
class ReadsHalfAFile(WritesInPlace):
    """Takes a half-written file for an empty session."""

    def read(self, session_id):
        try:
            return super().read(session_id)
        except ValueError:
            return empty()


@caught_by("a_slow_crowd_is_explained", "did not read|stands before")
class AnswersTooEarly(Base):
    """Answers before what it has written can be seen."""

    def add_message(self, session_id, *arguments, **named):
        add = super().add_message
        threading.Timer(0.005, add, (session_id, *arguments), named).start()
        return True


@caught_by("a_reader_beside_a_busy_writer", "reads? (?:took|waited)")
class StarvesReaders(Counts):
    """Lets a reader wait while somebody writes, and a writer for nobody."""

    @contextlib.contextmanager
    def locked(self, session_id):
        # On a busy machine, too, enough is written in the time that the clause takes.
        yield

    def read(self, session_id):
        self.wait(session_id, writes=60, seconds=0.4)
        return super().read(session_id)


@caught_by("a_reader_beside_a_busy_writer", "reads? (?:took|waited)")
class WaitsTooLong(StarvesReaders):
    """Lets a reader wait for 35 writes: unless the machine is busy, too short to be starved."""

    def read(self, session_id):
        self.wait(session_id, writes=35)
        return self.load(session_id) or empty()


@caught_by("a_reader_beside_a_busy_writer", "was not done: TimeoutError", waited=0.7)
class GivesUpReading(Counts):
    """Looks for a free lock for 0.8 s, and then gives up."""

    def read(self, session_id):
        if not self.is_busy(session_id):
            return super().read(session_id)
        time.sleep(0.8)
        raise TimeoutError(session_id)


@caught_by("readers_see_whole_histories", "no order|fewer|did not read")
class ReplacesInTwoSteps(Base):
    """Replaces a history by a clear and one write of the new one."""

    def set_chat_history(self, session_id, messages):
        self.clear_session(session_id)
        return super().set_chat_history(session_id, messages)


@caught_by("readers_see_whole_histories", "no order|fewer|did not read")
class ReplacesOneByOne(Base):
    """Replaces a history by a clear and appends."""

    def set_chat_history(self, session_id, messages):
        self.clear_session(session_id)
        return all(self.add_message(session_id, each["role"], each["content"]) for each in messages)


@caught_by("replace_against_append", "no order")
class ReplacesOutsideTheLock(Base):
    """Writes a replaced history without the lock."""

    def set_chat_history(self, session_id, messages):
        data = self.read(session_id) | {"messages": messages}
        time.sleep(0.005)
        self.save(session_id, data)
        return True

    def change(self, session_id, edit):
        def slowly(data):
            edit(data)
            time.sleep(0.006)

        return super().change(session_id, slowly)


@caught_by("a_killed_writer_keeps_its_word", "did not read|no order")
class AnswersBeforeWriting(Base):
    """Keeps messages in memory and writes them now and then."""

    def add_message(self, session_id, role, content, metadata=None):
        thread = threading.Timer(0.2, super().add_message, (session_id, role, content))
        thread.daemon = True
        thread.start()
        return True


@caught_by("a_killed_writer_keeps_its_word", "did not read|was not done")
class EmptiesBeforeWriting(Base):
    """Empties the file before it writes: who is killed in between has lost everything."""

    def save(self, session_id, data):
        with self.path(session_id).open("w", encoding="utf-8") as file:
            file.flush()
            time.sleep(0.02)
            file.write(json.dumps(data))


@caught_by("a_dead_writer_blocks_nobody", "was not done")
class LocksOfTheDead(Base):
    """Locks by a file that must not exist, which the dead do not remove."""

    lock_timeout = 0.3

    @contextlib.contextmanager
    def locked(self, session_id):
        mark = self.path(session_id).with_suffix(".held")
        end = time.monotonic() + self.lock_timeout
        while True:
            try:
                os.close(os.open(mark, os.O_CREAT | os.O_EXCL))
                break
            except FileExistsError:
                if time.monotonic() > end:
                    raise TimeoutError(f"{mark.name} is held") from None
                time.sleep(0.001)
        time.sleep(0.005)
        yield
        mark.unlink()


@caught_by("a_stopped_writer_blocks_nobody_for_ever", "was not answered within")
class WaitsForEver(Slow):
    """Promises a timeout of 0.3 s and waits without one."""

    lock_timeout = 0.3

    @contextlib.contextmanager
    def locked(self, session_id):
        with FileLock(self.path(session_id).with_suffix(".lock"), poll_interval=0.001):
            yield


@caught_by("each_writer_sees_the_other", "did not read")
class KeepsItsOwnList(Base):
    """Loads a session once and writes its own list from then on."""

    def __init__(self, root):
        super().__init__(root)
        self.mine = {}

    def load(self, session_id):
        if session_id not in self.mine:
            self.mine[session_id] = super().load(session_id) or empty()
        return self.mine[session_id]
