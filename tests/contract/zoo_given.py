"""Broken stores that take what they cannot keep, hold what they should free, or mix callers."""

import asyncio
import json
import time

from filelock import FileLock

from tests.contract.base import Base, Later, empty
from tests.contract.zoo import caught_by


def words(value):
    """What JSON keeps of a value, and words for the rest."""
    return json.loads(json.dumps(value, default=str))


@caught_by("content_of_any_kind_is_kept_or_refused", "came back as")
class MakesTextOfContents(Base):
    """Stores every content as a text."""

    def add_message(self, session_id, role, content, *arguments, **named):
        return super().add_message(session_id, role, str(content), *arguments, **named)


@caught_by("metadata_of_any_kind_is_kept_or_refused", "came back as")
class MakesWordsOfMetadata(Base):
    """Stores words for what JSON has no form for."""

    def add_message(self, session_id, role, content, metadata=None):
        return super().add_message(session_id, role, content, words(metadata))


@caught_by("roles_and_ids_of_any_kind_are_kept_or_refused", "came back as")
class MakesTextOfRoles(Base):
    """Stores every role as a text."""

    def add_message(self, session_id, role, content, *arguments, **named):
        return super().add_message(session_id, str(role), content, *arguments, **named)


@caught_by("content_beside_a_tool_call_may_be_none", "came back as")
class EmptiesNone(Base):
    """Stores an empty text for None."""

    def add_message(
        self, session_id, role, content, metadata=None, tool_calls=None, tool_call_id=None
    ):
        told = (metadata, tool_calls, tool_call_id)
        return super().add_message(session_id, role, content or "", *told)


@caught_by("a_replaced_history_of_any_kind_is_kept_or_refused", "came back as")
class MakesWordsOfHistories(Base):
    """Replaces a history by words for what JSON has no form for."""

    def set_chat_history(self, session_id, messages):
        return super().set_chat_history(session_id, words(messages))


@caught_by("a_field_of_any_kind_is_kept_or_refused", "came back as")
class MakesWordsOfFields(Base):
    """Stores words for fields that JSON has no form for."""

    def update_session_metadata(self, session_id, **fields):
        return super().update_session_metadata(session_id, **words(fields))


@caught_by("three_hundred_messages_are_kept", "300 acknowledged, 200 of them lost")
class KeepsAWindow(Base):
    """Keeps the newest hundred messages, and says so nowhere."""

    def save(self, session_id, data):
        super().save(session_id, data | {"messages": data["messages"][-100:]})


@caught_by("difficult_text_is_kept_or_refused[lone_surrogate]", "does not work: .* within 5 s")
class HoldsItsLock(Base):
    """Refuses a text in the middle of its work, and holds the lock that others wait for."""

    lock_timeout = 30.0

    def __init__(self, root):
        super().__init__(root)
        self.held = []

    def add_message(self, session_id, role, content, metadata=None):
        lock = FileLock(self.root / "all.lock", timeout=30, thread_local=False)
        lock.acquire()
        self.held.append(lock)
        content.encode()
        done = super().add_message(session_id, role, content, metadata)
        self.held.pop().release()
        return done


@caught_by("tasks_on_one_client_lose_nothing", "acknowledged, .* of them lost")
class LosesTasks(Later):
    """Lets another task come between loading and saving."""

    async def add_message(self, session_id, role, content, metadata=None):
        data = self.load(session_id) or empty()
        await asyncio.sleep(0.001)
        data["messages"].append({"role": role, "content": content})
        self.save(session_id, data)
        return True


@caught_by("threads_on_one_client_lose_nothing", "of them lost|doubled")
class SharesABuffer(Base):
    """Puts what it is about to write where all its threads do."""

    def add_message(self, session_id, role, content, metadata=None):
        self.content = content
        time.sleep(0.002)
        return super().add_message(session_id, role, self.content, metadata)
