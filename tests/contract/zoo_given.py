"""Broken stores that take what they cannot keep, hold what they should free, or mix callers."""

import asyncio
import json
import math
import threading
import time
from datetime import datetime

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


class Changes(Base):
    """Makes something else of values of one sort, as serializers do."""

    def changed(self, value):
        """A value as it is stored."""
        if isinstance(value, dict):
            return {key: self.changed(each) for key, each in value.items()}
        return [self.changed(each) for each in value] if isinstance(value, list) else value

    def save(self, session_id, data):
        super().save(session_id, self.changed(data))


@caught_by("content_of_any_kind_is_kept_or_refused", "a tuple in a part .* came back as")
class MakesListsOfTuples(Changes):
    """Stores a list for a tuple."""

    def changed(self, value):
        return super().changed(list(value) if isinstance(value, tuple) else value)


@caught_by("metadata_of_any_kind_is_kept_or_refused", "integer keys .* came back as")
class MakesTextOfKeys(Changes):
    """Stores a text for every key."""

    def changed(self, value):
        is_dict = isinstance(value, dict)
        return super().changed({str(key): value[key] for key in value} if is_dict else value)


@caught_by("a_field_of_any_kind_is_kept_or_refused", "NaN .* came back as None")
class MakesNothingOfNaN(Changes):
    """Stores null for numbers that are none, as JavaScript does."""

    def changed(self, value):
        is_none = isinstance(value, float) and math.isnan(value)
        return None if is_none else super().changed(value)


@caught_by("a_field_of_any_kind_is_kept_or_refused", "Infinity .* came back as")
class LimitsNumbers(Changes):
    """Stores the largest number for an infinite one."""

    def changed(self, value):
        is_endless = isinstance(value, float) and math.isinf(value)
        return math.copysign(1.8e307, value) if is_endless else super().changed(value)


@caught_by("a_field_of_any_kind_is_kept_or_refused", "a large number .* came back as 1e[+]40")
class RoundsNumbers(Changes):
    """Stores a large whole number as a float."""

    def changed(self, value):
        is_large = isinstance(value, int) and value > 2**64
        return float(value) if is_large else super().changed(value)


@caught_by("metadata_of_any_kind_is_kept_or_refused", "a set .* came back as")
class MakesListsOfSets(Changes):
    """Stores a list for a set."""

    def changed(self, value):
        return super().changed(sorted(value) if isinstance(value, set) else value)


@caught_by("a_replaced_history_of_any_kind_is_kept_or_refused", "a moment .* came back as")
class MakesTextOfDates(Changes):
    """Stores a text for a moment."""

    def changed(self, value):
        return value.isoformat() if isinstance(value, datetime) else super().changed(value)


@caught_by("content_of_any_kind_is_kept_or_refused", "a deep list .* came back as")
class CutsDeepLists(Changes):
    """Stores what is nested deeply as words."""

    depth = 0

    def changed(self, value):
        self.depth += 1
        try:
            return "..." if self.depth > 50 else super().changed(value)
        finally:
            self.depth -= 1


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


@caught_by("threads_on_one_client_lose_nothing", "every call raised, and .* are stored")
class RaisesWhenStored(Base):
    """Stores what another thread asks for, and raises."""

    def __init__(self, root):
        super().__init__(root)
        self.owner = threading.get_ident()

    def add_message(self, session_id, role, content, *arguments, **named):
        stored = super().add_message(session_id, role, content, *arguments, **named)
        if threading.get_ident() != self.owner:
            raise RuntimeError("this client belongs to another thread")
        return stored
