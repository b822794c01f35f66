"""Where known differences of the bot manager explain that the targets differ."""

from typing import Any

from tests.differences.comparison import MISSING, Difference, Outcome
from tests.differences.explaining import (
    explains,
    file_before,
    is_answer,
    is_in_session,
    is_waiting,
    own_file,
)


def _is_passive(d: Difference) -> bool:
    """Whether a message is stored that the bot overheard."""
    return d.method == "record_passive" and "instead" in d.step


def _is_turn(d: Difference) -> bool:
    return d.step["do"] == "ask the bot" or _is_passive(d)


def _both_answered(d: Difference) -> bool:
    return _is_turn(d) and not any(d.raised)


def _said(outcome: Outcome, d: Difference) -> list[Any] | None:
    """Roles and contents of the session's messages, as a turn leaves them."""
    value = outcome.files.get(own_file(d) or "", {}).get("value")
    messages = value.get("messages") if isinstance(value, dict) else None
    if not isinstance(messages, list) or not all(isinstance(each, dict) for each in messages):
        return None
    return [(each["role"], each["content"] or "") for each in messages]


def _sent(outcome: Outcome) -> list[Any]:
    return list(outcome.answer["returned"]["sent"] or [])


@explains("bot-turn-rewrites-the-session")
def _(d: Difference) -> bool:
    if not _both_answered(d) or not is_in_session(d, lock=False, aside=False):
        return False
    mine, theirs = (_said(each, d) for each in d.did)
    is_its = d.where[3:4] in ((), ("messages",), ("last_compaction",)) or d.release is MISSING
    return mine is not None and mine == theirs and is_its


@explains("bot-turn-drops-what-is-older")
def _(d: Difference) -> bool:
    if not _both_answered(d):
        return False
    if is_answer(d):
        if _is_passive(d):
            return False
        # What it deletes there, the reference does not send.
        mine, theirs = map(_sent, d.did)
        if mine == [] and d.step.get("made", {}).get("max_history") == 1:
            # One message is an answer, and none begins with a user's.
            return len(theirs) > 0
        return 0 < len(mine) < len(theirs) and theirs[-len(mine) :] == mine
    if not is_in_session(d, lock=False, aside=False):
        return False
    mine, theirs = (_said(each, d) for each in d.did)
    if not mine or not theirs or mine == theirs:
        return False
    return mine[-len(theirs) :] == theirs or (mine[-2:] == theirs[-2:] and mine[0][0] == "system")


@explains("bot-turn-lost-on-a-full-disk")
def _(d: Difference) -> bool:
    if not _is_turn(d) or d.raised[1] is not None:
        return False
    is_lost = d.did[1].files.get(own_file(d) or "") == file_before(d)
    if _is_passive(d):
        is_lost = d.did[0].answer == {"returned": False} and d.step.get("fault") is not None
    return is_lost and (is_answer(d) or is_waiting(d) or is_in_session(d))


@explains("forgotten-bot-turn")
def _(d: Difference) -> bool:
    if not _is_turn(d) or d.step.get("agent") != "failing" or d.raised[1] != "RuntimeError":
        return False
    if is_answer(d) or is_waiting(d):
        # The reference could not store the question, and did not ask the model.
        return d.raised[0] == "OSError"
    return is_in_session(d) and d.did[1].files.get(own_file(d) or "") == file_before(d)


@explains("overwritten-bot-turns")
def _(d: Difference) -> bool:
    if not _is_turn(d) or d.step.get("agent") != "slow" or not is_in_session(d):
        return False
    mine, theirs = (_said(each, d) or [] for each in d.did)
    meanwhile = ("user", "meanwhile")
    return meanwhile in mine and mine.count(meanwhile) > theirs.count(meanwhile)


@explains("cleared-bot-history")
def _(d: Difference) -> bool:
    if not _both_answered(d) or "'messages': [{" in repr(file_before(d)):
        return False
    if _is_passive(d):
        said, own = (_said(each, d) or [] for each in d.did)
        return is_in_session(d) and len(said) == 1 and own[-1:] == said and len(own) > 1
    mine, theirs = map(_sent, d.did)
    return mine == [] and theirs != [] and (is_answer(d) or is_in_session(d))


@explains("shared-bot-sessions")
def _(d: Difference) -> bool:
    if d.step["do"] == "bot":
        is_split = "_" in str(d.given("platform"))
        return is_answer(d) and is_split and d.raised == ("ValueError", None)
    is_of_all = d.step.get("platform") == "" and "_" in str(d.given("user_id"))
    is_refused = is_of_all and d.raised == ("ValueError", None)
    return is_refused and (is_answer(d) or is_in_session(d))


@explains("mixed-users")
def _(d: Difference) -> bool:
    return _is_turn(d) and d.step.get("agent") == "with a session" and d.raised[0] == "ValueError"


@explains("reset-answers-for-itself")
def _(d: Difference) -> bool:
    if d.step["do"] != "tell the bot" or "returned" not in d.did[1].answer:
        return False
    if is_answer(d):
        is_new = d.reference is True and d.release is False
        # It has answered the user, and stored nothing.
        is_none = "'messages': [{" not in repr(file_before(d))
        is_own = d.reference is False and d.release is True and is_none
        return is_new or is_own or d.raised[0] == "OSError"
    is_untouched = d.did[1].files.get(own_file(d) or "") == file_before(d)
    return is_untouched and is_in_session(d)
