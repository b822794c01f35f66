"""Where known differences of histories explain that the targets differ."""

from typing import Any

from tests.differences.comparison import Difference, Outcome
from tests.differences.explaining import explains, file_before, is_answer
from tests.differences.wire import decode


@explains("half-a-tool-turn")
def _(d: Difference) -> bool:
    if not _is_history(d):
        return False
    reference, release = (_history(each) for each in d.did)
    return are_whole(reference) and not (are_whole(release) and are_whole(_stored(d)))


@explains("window-amid-a-turn")
def _(d: Difference) -> bool:
    if not _is_history(d) or d.method not in ("get_working_history", "chat"):
        return False
    reference, release = (_history(each) for each in d.did)
    begins = [
        next((m["role"] for m in h if m["role"] != "system"), "user") for h in (reference, release)
    ]
    is_cut = d.method == "chat" or len(release) <= len(_stored(d))
    return is_cut and begins[0] == "user" and begins[1] != "user"


@explains("negative-limit")
def _(d: Difference) -> bool:
    given = d.given("max_messages", None)
    if "with" in d.step:
        given = decode(d.step["with"].get("max_messages"))
    if not is_answer(d) or not isinstance(given, int) or given >= 0:
        return False
    return not any(d.raised) and len(_history(d.did[1])) < len(_history(d.did[0]))


def _is_history(d: Difference) -> bool:
    is_sent = d.step["do"] == "ask the bot" and d.where[:3] == ("answer", "returned", "sent")
    is_read = is_sent or d.method in ("get_chat_history", "get_working_history")
    return is_answer(d) and is_read and not any(d.raised)


def _stored(d: Difference) -> list[Any]:
    """The messages of the session before the step."""
    if d.step["do"] == "read":
        return list(d.given("data").get("messages", []))
    file = file_before(d)
    value = file.get("value") if file else None
    return list(value.get("messages", [])) if isinstance(value, dict) else []


def _history(outcome: Outcome) -> list[Any]:
    returned = outcome.answer["returned"]
    if isinstance(returned, dict):
        # The question follows: a call that stands open at the end is open no more.
        return [*returned["sent"], {"role": "user"}]
    if len(returned) == 2 and isinstance(returned[0], list):
        returned = returned[0]
    return list(returned)


def are_whole(messages: list[Any]) -> bool:
    """Whether each result stands behind its call, and each call but the last is answered."""
    open_calls: list[Any] = []
    for message in messages:
        if message.get("role") == "tool":
            if message.get("tool_call_id") not in open_calls:
                return False
            open_calls.remove(message.get("tool_call_id"))
            continue
        if open_calls:
            return False
        calls = message.get("tool_calls") or []
        open_calls = [call.get("id") for call in calls if isinstance(call, dict)]
    return True


@explains("growing-summary")
def _(d: Difference) -> bool:
    return (
        d.where[-1] == "content"
        and all(isinstance(each, str) for each in (d.reference, d.release))
        and d.reference.startswith("[Session Summary]\n")
        and d.release.startswith("[Session Summary]\n")
        and "earlier messages are archived" in d.reference
    )
