"""Broken stores that count on something that passes: a clock, a version, a lock, a window."""

import contextlib
import fcntl
import os
import sqlite3
import time
import uuid
from datetime import datetime

from tests.contract.base import Base, KeepsIds, Windowed, empty
from tests.contract.zoo import caught_by

BEHIND = "a_clock_that_is_behind_reorders_nothing"
BACK = "a_clock_that_is_set_back_reorders_nothing"
STOPPED = "a_stopped_writer_brings_nothing_back"
EMPTY = "the_empty_id_is_nobody_s_default"
TURN = "a_turn_brings_back_at_most_itself"
TIME = "time_alone_removes_nothing"
WINDOW = "a_client_with_another_window_reads_it"
OFTEN = "equal_messages_are_all_there"
IDS = "a_message_with_an_id_is_stored_once"
SPOILT = "no order|did not read|stands before|twice"
REORDERED = "stands before|not the beginning|no order"
HIDDEN = "did not read|no order"


@caught_by(OFTEN, "after 3 messages 2 were read")
class LeavesOutTheOverlap(Base):
    """Lays a message over the end of the stored ones, and adds what sticks out."""

    def add_message(self, session_id, role, content, metadata=None, **tools):
        stored = self.get_chat_history(session_id)[-2:]
        if {"role": role, "content": content} in stored:
            return True
        return super().add_message(session_id, role, content, metadata, **tools)


@caught_by(OFTEN, "after 10 messages 9 were read")
class TakesRepeatsForRetries(Base):
    """Leaves a message out that is equal to the one before."""

    def change(self, session_id, edit):
        def once(data):
            edit(data)
            if data["messages"][-1:] == data["messages"][-2:-1]:
                del data["messages"][-1:]

        return super().change(session_id, once)


class ByClock(Base):
    """Keeps with each message a key by which reads put them in order."""

    def key(self, data):
        """The key of a message that is added to these."""
        return time.time()

    def add_message(self, session_id, role, content, metadata=None, **tools):
        def put(data):
            key = self.key(data)
            data["messages"].append({"role": role, "content": content, "metadata": {"key": key}})

        return self.change(session_id, put)

    def shown(self, messages, limit):
        keyed = sorted(messages, key=lambda each: (each.get("metadata") or {}).get("key", 0))
        return super().shown(keyed, limit)


@caught_by(BEHIND, REORDERED)
class OrdersByTime(ByClock):
    """Orders messages by the clocks of their writers."""


@caught_by(BEHIND, REORDERED)
class OrdersByDate(ByClock):
    """Orders messages by a date in words."""

    def key(self, data):
        return datetime.now().isoformat()


@caught_by(BEHIND, REORDERED)
class OrdersByIdentifier(ByClock):
    """Orders messages by identifiers that begin with the time, as those of version 1 and 7 do."""

    def key(self, data):
        return uuid.uuid1().time


@caught_by(BEHIND, REORDERED)
class OrdersInSqlite(ByClock):
    """Orders messages by the clock of SQLite, as a column that is filled in by it."""

    def key(self, data):
        with contextlib.closing(sqlite3.connect(":memory:")) as db:
            return db.execute("SELECT julianday('now')").fetchone()[0]


@caught_by(BEHIND, HIDDEN)
class ShowsUpToTheNewest(ByClock):
    """Takes the message with the largest key for the end of the conversation."""

    def shown(self, messages, limit):
        keys = [(each.get("metadata") or {}).get("key", 0) for each in messages]
        end = keys.index(max(keys)) + 1 if keys else 0
        return Base.shown(self, messages[:end], limit)


@caught_by(BEHIND, REORDERED)
class TrustsItsProcess(ByClock):
    """Lets time stand still in a process rather than go back, and knows no other clock."""

    last = 0.0

    def key(self, data):
        TrustsItsProcess.last = max(time.time(), TrustsItsProcess.last + 1e-4)
        return TrustsItsProcess.last


@caught_by(BACK, REORDERED)
class TrustsItsOwnClock(ByClock):
    """Comes after the newest message of others, and trusts its own clock among its own."""

    def __init__(self, root):
        super().__init__(root)
        self.mine = uuid.uuid4().hex

    def key(self, data):
        notes = [each["metadata"] for each in data["messages"]]
        theirs = [each["key"] for each in notes if each["by"] != self.mine]
        return max([time.time(), *[each + 1e-4 for each in theirs]])

    def add_message(self, session_id, role, content, metadata=None, **tools):
        def put(data):
            note = {"key": self.key(data), "by": self.mine}
            data["messages"].append({"role": role, "content": content, "metadata": note})

        return self.change(session_id, put)


@caught_by(TIME, HIDDEN)
class Expires(ByClock):
    """Shows no message that is older than ten minutes."""

    def shown(self, messages, limit):
        young = [each for each in messages if each["metadata"]["key"] > time.time() - 600]
        return super().shown(young, limit)


@caught_by(TIME, HIDDEN)
class SweepsWhenItOpens(Base):
    """Removes what was not written for a month when a client is opened."""

    def __init__(self, root):
        super().__init__(root)
        for path in root.glob("*.json"):
            if path.stat().st_mtime < time.time() - 30 * 86_400:
                path.unlink(missing_ok=True)


@caught_by(TIME, HIDDEN)
class ForgetsWhenItWrites(ByClock):
    """Leaves messages out that are older than a year, when another one comes."""

    def change(self, session_id, edit):
        def prune(data):
            edit(data)
            old = time.time() - 365 * 86_400
            data["messages"] = [m for m in data["messages"] if m["metadata"]["key"] > old]

        return super().change(session_id, prune)


@caught_by(WINDOW, "RefusesOtherWindows|another window")
class RefusesOtherWindows(Windowed):
    """Refuses a session that a client with another window made."""

    def read(self, session_id):
        data = super().read(session_id)
        if data["messages"] and data.get("window", self.window) != self.window:
            raise ValueError("RefusesOtherWindows: made with another window")
        return data

    def change(self, session_id, edit):
        return super().change(
            session_id, lambda data: (edit(data), data.update(window=self.window))
        )


@caught_by(WINDOW, "window 0 wrote, window 50 read .'m4', 'm5', 'm6', 'm7'. of")
class CountsWhatItShows(Windowed):
    """Writes a message to the place after those that its window shows."""

    written = 0

    def add_message(self, session_id, role, content, metadata=None, **tools):
        message = {"role": role, "content": content}

        def put(data):
            place = len(data["messages"]) if self.window else self.written
            data["messages"][place : place + 1] = [message]
            self.written += 1

        return self.change(session_id, put)


@caught_by(TURN, "holds .*old")
class SavesTheTurnFromItsBeginning(Base):
    """Reads the conversation for a question, and writes it with the answer behind it."""

    def __init__(self, root):
        super().__init__(root)
        self.begun = {}

    def add_message(self, session_id, role, content, metadata=None, **tools):
        done = super().add_message(session_id, role, content, metadata, **tools)
        if role == "user":
            self.begun[session_id] = self.read(session_id)["messages"]
        elif role == "assistant" and (begun := self.begun.pop(session_id, None)):
            answer = {"role": role, "content": content}
            self.change(session_id, lambda data: data.update(messages=[*begun, answer]))
        return done


@caught_by(TURN, "without \\['answer'\\]")
class LosesTheRestOfATurn(Base):
    """Says True to an answer whose question is gone, and leaves it out."""

    def __init__(self, root):
        super().__init__(root)
        self.asked = {}

    def add_message(self, session_id, role, content, metadata=None, **tools):
        stored = [each["content"] for each in self.read(session_id)["messages"]]
        if role == "assistant" and self.asked.get(session_id, content) not in [*stored, content]:
            return True
        self.asked[session_id] = content
        return super().add_message(session_id, role, content, metadata, **tools)


class NamesTheEmptyId(Base):
    """Takes a word for the empty id."""

    word = "default"

    def name(self, session_id):
        return super().name(str(session_id or self.word))


@caught_by(EMPTY, "shares a session with .*'default'")
class EmptyMeansDefault(NamesTheEmptyId):
    """Takes `default` for the empty id, and for None."""


@caught_by(EMPTY, "shares a session with .*'0'")
class EmptyMeansZero(NamesTheEmptyId):
    """Takes 0 for the empty id."""

    word = "0"


@caught_by(EMPTY, "the id None shares a session with 'None'")
class PutsNoneIntoWords(Base):
    """Makes a key of what it is given."""

    def name(self, session_id):
        return super().name(f"session:{session_id}")


@caught_by(STOPPED, SPOILT)
class VersionsBeginAgain(Base):
    """Writes when the version is the one that it read, and begins at 1 again after a delete."""

    def version(self, data):
        """The version of a session, 0 when there is none."""
        return data["version"] if data else 0

    def change(self, session_id, edit):
        while True:
            data = self.load(session_id)
            version, made = self.version(data), data or empty()
            edit(made)
            time.sleep(0.0005)
            with self.locked(session_id):
                if self.version(self.load(session_id)) == version:
                    self.save(session_id, made | {"version": version + 1})
                    return True


@caught_by(STOPPED, SPOILT)
class ComparesLengths(VersionsBeginAgain):
    """Takes the number of messages for the version."""

    def version(self, data):
        return len(data["messages"]) if data else 0


@caught_by(STOPPED, SPOILT)
class LocksARemovedFile(Base):
    """Removes the lock with the session, while others wait for it."""

    def save(self, session_id, data):
        time.sleep(0.002)
        super().save(session_id, data)

    @contextlib.contextmanager
    def locked(self, session_id):
        with self.path(session_id).with_suffix(".held").open("a") as file:
            end = time.monotonic() + self.lock_timeout
            while True:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if time.monotonic() > end:
                        raise TimeoutError(session_id) from None
                    time.sleep(0.0002)
            yield

    def delete_session(self, session_id):
        with self.locked(session_id):
            self.remove(session_id)
            self.path(session_id).with_suffix(".held").unlink()
        return True


@caught_by(STOPPED, SPOILT)
class LendsTheLock(Base):
    """Lends a lock for half a second, and asks nobody whether it is still its own."""

    def save(self, session_id, data):
        time.sleep(0.01)
        super().save(session_id, data)

    @contextlib.contextmanager
    def locked(self, session_id):
        mark, mine = self.path(session_id).with_suffix(".lent"), self.root / uuid.uuid4().hex
        mine.touch()
        end = time.monotonic() + self.lock_timeout
        while True:
            with contextlib.suppress(FileExistsError, FileNotFoundError):
                if time.time() - mark.stat().st_mtime > 0.5:
                    mark.unlink()
            with contextlib.suppress(FileExistsError):
                os.utime(mine)
                os.link(mine, mark)
                break
            if time.monotonic() > end:
                raise TimeoutError(session_id)
            time.sleep(0.001)
        try:
            yield
        finally:
            with contextlib.suppress(FileNotFoundError):
                if mark.samefile(mine):
                    mark.unlink()
            mine.unlink()


@caught_by(IDS, "three times under one id: .*'m1', 'm1'")
class TakesIdsForNotes(Base):
    """Says that it keeps a message with an id once, and takes the id for a note."""

    keeps_message_ids = True


@caught_by(IDS, "an id of its own was added: \\['m1'\\]")
class ComparesContents(KeepsIds):
    """Takes an equal message for a repeat, whatever its id is."""

    def add_message(self, session_id, role, content, metadata=None, **tools):
        metadata = {"message_id": content} if metadata else None
        return super().add_message(session_id, role, content, metadata, **tools)


@caught_by(IDS, "after a clear: \\['m1'\\]")
class ClearsIds(KeepsIds):
    """Forgets the ids of a session with its messages."""

    def clear_session(self, session_id):
        return self.change(session_id, lambda data: data.update(messages=[], ids=[]))


@caught_by(IDS, "another session, with the same id, holds \\[\\]")
class KeepsIdsOfAll(KeepsIds):
    """Keeps an id once in all sessions together."""

    def add_message(self, session_id, role, content, metadata=None, **tools):
        identity = (metadata or {}).get("message_id")
        if identity is None:
            return super().add_message(session_id, role, content)
        known = self.root / f"id-{identity}"
        if known.exists() and known.read_text() != session_id:
            return True
        known.write_text(session_id)
        return super().add_message(session_id, role, content, metadata)
