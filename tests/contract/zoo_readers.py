"""Broken stores whose reads are not what was written."""

import copy
import time

from tests.contract.base import Base
from tests.contract.zoo import caught_by


@caught_by("another_instance_is_seen", "did not read|no order")
class CachesReads(Base):
    """Keeps what it has read, and forgets it only when it writes itself."""

    def __init__(self, root):
        super().__init__(root)
        self.cache = {}

    def read(self, session_id):
        if session_id not in self.cache:
            self.cache[session_id] = super().read(session_id)
        return copy.deepcopy(self.cache[session_id])

    def change(self, session_id, edit):
        self.cache.pop(session_id, None)
        return super().change(session_id, edit)

    def delete_session(self, session_id):
        self.cache.pop(session_id, None)
        return super().delete_session(session_id)


_shared = {}


@caught_by("another_process_is_seen", "did not read|no order")
class CachesPerProcess(CachesReads):
    """Shares one cache among the instances of a process, so that only processes disagree."""

    def __init__(self, root):
        super().__init__(root)
        self.cache = _shared


@caught_by("each_writer_sees_the_other", "did not read")
class CachesForAWhile(CachesReads):
    """Believes what it has read for 100 ms."""

    def read(self, session_id):
        kept, until = self.cache.get(session_id, (None, 0.0))
        if time.monotonic() > until:
            kept = Base.read(self, session_id)
            self.cache[session_id] = (kept, time.monotonic() + 0.1)
        return copy.deepcopy(kept)


@caught_by("get_session_is_fresh", "did not read")
class CachesGetSession(Base):
    """Reads history anew and whole sessions once."""

    def __init__(self, root):
        super().__init__(root)
        self.cache = {}

    def get_session(self, session_id):
        return self.cache.setdefault(session_id, super().get_session(session_id))


@caught_by("get_sessions_by_agent_is_fresh", "did not read")
class CachesAgents(CachesGetSession):
    """Looks for the sessions of an agent once."""

    def get_session(self, session_id):
        return Base.get_session(self, session_id)

    def get_sessions_by_agent(self, agent_name):
        found = super().get_sessions_by_agent(agent_name)
        return self.cache.setdefault(agent_name, found)


@caught_by("get_working_history_is_fresh", "did not read")
class CachesWorkingHistory(CachesGetSession):
    """Works the working history out once."""

    def get_working_history(self, session_id):
        return self.cache.setdefault(session_id, super().get_working_history(session_id))


@caught_by("messages_keep_their_order", "assert")
class NewestFirst(Base):
    """Gives the newest message first."""

    def get_chat_history(self, session_id, max_messages=None):
        return super().get_chat_history(session_id, max_messages)[::-1]


@caught_by("max_messages_gives_the_newest", "limit 1")
class OldestByLimit(Base):
    """Gives the oldest messages when there are more than were asked for."""

    def get_chat_history(self, session_id, max_messages=None):
        return super().get_chat_history(session_id)[:max_messages]


@caught_by("a_limit_below_one_is_no_limit", "limit -1: ")
class DropsTheOldestForLess(Base):
    """Cuts a list at minus the limit, whatever the limit is."""

    def shown(self, messages, limit):
        return super().shown(messages, None)[-(limit or 0) :]


@caught_by("a_limit_below_one_is_no_limit", "limit 0: ")
class GivesNothingForNothing(Base):
    """Gives no message when none is asked for."""

    def shown(self, messages, limit):
        return [] if limit is not None and limit < 1 else super().shown(messages, limit)


@caught_by("history_is_the_caller_s_own", "assert")
class ReturnsItsOwnList(CachesReads):
    """Reads anew when the file has changed, and hands out the list that it keeps."""

    def get_chat_history(self, session_id, max_messages=None):
        with self.locked(session_id):
            data = self.load(session_id) or {"messages": []}
        kept, shown = self.cache.get(session_id, (None, []))
        if kept != data:
            shown = self.shown(data["messages"], None)
            self.cache[session_id] = (data, shown)
        return shown if (max_messages or 0) < 1 else shown[-max_messages:]


@caught_by("what_was_given_stays_the_caller_s", "changed")
class KeepsTheGivenList(Base):
    """Writes a replaced history only when the next operation comes."""

    def __init__(self, root):
        super().__init__(root)
        self.given = {}

    def set_chat_history(self, session_id, messages):
        self.given[session_id] = messages
        return True

    def change(self, session_id, edit):
        given = self.given.pop(session_id, None)
        if given is not None:
            super().set_chat_history(session_id, given)
        return super().change(session_id, edit)


@caught_by("without_a_checkpoint_it_is_everything", "assert")
class ShortWorkingHistory(Base):
    """Gives three messages when there is no checkpoint."""

    def get_working_history(self, session_id):
        return super().get_working_history(session_id)[-3:]


@caught_by("a_checkpoint_stands_for_what_was_before", "summary")
class ForgetsCheckpoints(Base):
    """Drops the checkpoint with the next message."""

    def add_message(self, session_id, *arguments, **named):
        self.change(session_id, lambda data: data.update(checkpoint=None))
        return super().add_message(session_id, *arguments, **named)


@caught_by("reading_creates_nothing", "assert")
class ReadingCreates(Base):
    """Writes an empty session when it is asked for an unknown one."""

    def get_chat_history(self, session_id, max_messages=None):
        self.change(session_id, lambda data: None)
        return super().get_chat_history(session_id, max_messages)


@caught_by("existence_follows_the_session", "no order")
class ExistsWithMessages(Base):
    """Says that an empty session does not exist."""

    def session_exists(self, session_id):
        return bool(self.get_chat_history(session_id))
