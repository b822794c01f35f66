"""Broken stores that lose tool turns, or give a model half of one."""

from tests.contract.base import Base
from tests.contract.zoo import caught_by


@caught_by("tool_turns_come_back", "assert")
class DropsToolTurns(Base):
    """Takes tool calls and keeps the text alone."""

    def add_message(
        self, session_id, role, content, metadata=None, tool_calls=None, tool_call_id=None
    ):
        return super().add_message(session_id, role, content, metadata)


class Sends(Base):
    """Gives a model the newest messages as they are."""

    def shown(self, messages, limit):
        found = super().shown(messages, None)
        return found if limit is None else found[-limit:]


@caught_by("no_history_begins_with_an_orphan", "limit 2")
class OrphansToolResults(Sends):
    """Cuts a history between a call and its result."""


@caught_by("no_shortened_history_has_half_a_turn", "a call without its result, .* is missing")
class SendsOpenCalls(Sends):
    """Looks no further than at the beginning of a shortened history."""

    def shown(self, messages, limit):
        found = super().shown(messages, limit)
        while found and found[0]["role"] == "tool":
            del found[0]
        return found


@caught_by("no_shortened_history_has_half_a_turn", "the session holds")
class ForgetsOpenCalls(Base):
    """Removes a call that nothing answered when the next turn comes."""

    def save(self, session_id, data):
        kept = data["messages"]
        if len(kept) > 1 and kept[-2].get("tool_calls") and kept[-1]["role"] != "tool":
            del kept[-2]
        super().save(session_id, data)


@caught_by("no_shortened_history_has_half_a_turn", "the newest 1 end with")
class ShortensToNothing(Base):
    """Gives a model nothing of a conversation that was ever broken off."""

    def shown(self, messages, limit):
        found = super().shown(messages, limit)
        return found if limit is None or len(super().shown(messages, len(messages))) > 3 else []


@caught_by("no_working_history_has_half_a_turn", "a call without its result: .* is missing")
class WorksWithOpenCalls(Base):
    """Gives a model all that was said since the checkpoint."""

    def get_working_history(self, session_id):
        data = self.read(session_id)
        summary, place = data["checkpoint"] or ("", 0)
        before = [{"role": "system", "content": summary}] if summary else []
        return [*before, *self.shown(data["messages"][place:], None)]


@caught_by("no_working_history_has_half_a_turn", "before the result: .* without its call")
class ChecksHistoriesWithoutACheckpoint(WorksWithOpenCalls):
    """Takes care of tool turns where there is no checkpoint alone."""

    def get_working_history(self, session_id):
        if self.read(session_id)["checkpoint"] is None:
            return Base.get_working_history(self, session_id)
        return super().get_working_history(session_id)
