"""Broken stores whose sessions live too long, too short, or half."""

import os
import time
from typing import ClassVar

from tests.contract.base import Base, empty
from tests.contract.zoo import caught_by


@caught_by("clear_empties_and_keeps", "no order")
class ClearRemoves(Base):
    """Clears a session by removing it."""

    def clear_session(self, session_id):
        return super().delete_session(session_id)


@caught_by("clear_is_seen_by_a_process", "no order")
class ClearsInMemory(Base):
    """Remembers what was cleared, and tells only the clients of its own process."""

    cleared: ClassVar[dict] = {}

    def clear_session(self, session_id):
        self.cleared[session_id] = len(self.read(session_id)["messages"])
        return True

    def get_chat_history(self, session_id, max_messages=None):
        gone = self.cleared.get(session_id, 0)
        return self.shown(self.read(session_id)["messages"][gone:], max_messages)


@caught_by("delete_removes_everything", "no order")
class DeleteLeavesHistory(Base):
    """Hides a deleted session; its messages are there again with the next one."""

    def delete_session(self, session_id):
        return self.change(session_id, lambda data: data.update(hidden=True))

    def add_message(self, session_id, *arguments, **named):
        self.change(session_id, lambda data: data.pop("hidden", None))
        return super().add_message(session_id, *arguments, **named)

    def read(self, session_id):
        data = super().read(session_id)
        return empty() if data.get("hidden") else data

    def session_exists(self, session_id):
        return super().session_exists(session_id) and "hidden" not in (self.load(session_id) or {})


@caught_by("delete_is_seen_by_a_process", "no order")
class DeletesInMemory(Base):
    """Remembers what was deleted, and tells only the clients of its own process."""

    deleted: ClassVar[set] = set()

    def delete_session(self, session_id):
        self.deleted.add(session_id)
        return True

    def read(self, session_id):
        return empty() if session_id in self.deleted else super().read(session_id)

    def session_exists(self, session_id):
        return session_id not in self.deleted and super().session_exists(session_id)


@caught_by("delete_leaves_other_sessions", "assert")
class DeletesNeighbours(Base):
    """Deletes every session whose id begins like the deleted one."""

    def name(self, session_id):
        return f"{session_id[:8]}-{super().name(session_id)}"

    def delete_session(self, session_id):
        for path in self.root.glob(f"{session_id[:8]}-*.json"):
            path.unlink()
        return True


@caught_by("delete_removes_metadata", "secret")
class DeleteKeepsMetadata(Base):
    """Deletes the messages of a session and leaves its metadata for the next one."""

    def delete_session(self, session_id):
        data = self.read(session_id)
        os.replace(self.path(session_id), self.path(session_id + " old"))
        self.save(session_id + " old", data)
        return True

    def change(self, session_id, edit):
        old = self.load(session_id + " old")

        def merged(data):
            data["metadata"] = (old or empty())["metadata"] | data["metadata"]
            edit(data)

        return super().change(session_id, merged)


@caught_by("a_stale_client_does_not_resurrect", "no order")
class Resurrects(Base):
    """Adds to the messages that it saw last, whether or not they are still there."""

    def __init__(self, root):
        super().__init__(root)
        self.seen = {}

    def read(self, session_id):
        self.seen[session_id] = super().read(session_id)
        return self.seen[session_id]

    def load(self, session_id):
        data = super().load(session_id)
        return data if data is None or data["messages"] else self.seen.get(session_id, data)


@caught_by("delete_against_append", "no order")
class DeletesWithoutLock(Base):
    """Deletes at once, in the middle of what another process writes."""

    def delete_session(self, session_id):
        self.remove(session_id)
        return True

    def save(self, session_id, data):
        time.sleep(0.002)
        super().save(session_id, data)


@caught_by("clear_against_append", "no order")
class ClearsWithoutLock(Base):
    """Clears at once, in the middle of what another process writes."""

    def clear_session(self, session_id):
        super().save(session_id, empty())
        return True

    def save(self, session_id, data):
        time.sleep(0.002)
        super().save(session_id, data)


@caught_by("fields_are_merged", "metadata is")
class DropsMetadata(Base):
    """Forgets the metadata of a session with the next message."""

    def add_message(self, session_id, *arguments, **named):
        self.change(session_id, lambda data: data.update(metadata={}))
        return super().add_message(session_id, *arguments, **named)


@caught_by("fields_of_four_writers_are_merged", "fields were lost|of 40")
class MergesOutsideTheLock(Base):
    """Reads the metadata, merges, and then writes it under the lock."""

    def update_session_metadata(self, session_id, **fields):
        merged = self.read(session_id)["metadata"] | fields
        return self.change(session_id, lambda data: data.update(metadata=merged))


@caught_by("true_means_stored", "the answer was True")
class SwallowsErrors(Base):
    """Says True whatever happened."""

    def change(self, session_id, edit):
        try:
            return super().change(session_id, edit)
        except Exception:
            return True


@caught_by("a_write_that_cannot_grow_a_file", "the answer was False")
class DestroysWhatItCannotWrite(Base):
    """Empties the file before it writes, and says False when that fails."""

    def save(self, session_id, data):
        self.path(session_id).write_text('{"messages": [], "metadata": {}, "checkpoint": null}')
        super().save(session_id, data)

    def change(self, session_id, edit):
        try:
            return super().change(session_id, edit)
        except OSError:
            return False


@caught_by("a_write_that_cannot_grow_a_file", "the answer was True")
class IgnoresAFullDisk(Base):
    """Says True when the disk is full."""

    def save(self, session_id, data):
        try:
            super().save(session_id, data)
        except OSError:
            return


@caught_by("replace_puts_the_new_history", "no order|not the beginning")
class ReplaceAdds(Base):
    """Adds the new history to the old one."""

    def set_chat_history(self, session_id, messages):
        return self.change(session_id, lambda data: data["messages"].extend(messages))
