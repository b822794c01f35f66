"""Where known differences of turns that wait explain that the targets differ."""

from typing import Any

from tests.differences.comparison import MISSING, Difference
from tests.differences.explaining import (
    LISTS,
    READS,
    explains,
    file_of,
    is_answer,
    is_in_session,
    is_waiting,
    turns_waiting,
)

_REPLACING = ("delete_session", "clear_session", "set_chat_history")


@explains("waiting-turn-comes-back")
def _(d: Difference) -> bool:
    if d.method not in _REPLACING or not turns_waiting(d):
        return False
    return is_waiting(d) and d.reference is MISSING


@explains("failed-write-comes-back")
def _(d: Difference) -> bool:
    if not d.method.startswith("add_") or not any(
        _says_the_same(d, turn) for turn in turns_waiting(d)
    ):
        return False
    return _is_fold(d)


@explains("waiting-turn-out-of-order")
def _(d: Difference) -> bool:
    if d.method in (*_REPLACING, *READS, *LISTS) or not turns_waiting(d):
        return False
    if d.step["do"] != "call":
        return False
    is_again = d.method.startswith("add_") and any(
        _says_the_same(d, each) for each in turns_waiting(d)
    )
    return not is_again and _is_fold(d)


@explains("waiting-turn-of-another-directory")
def _(d: Difference) -> bool:
    if "in" not in d.step or not turns_waiting(d):
        return False
    if is_answer(d):
        return not any(d.raised)
    return (is_waiting(d) and d.release is MISSING) or (
        file_of(d).startswith(f"{d.step['in']}/") and d.reference is MISSING
    )


def _says_the_same(d: Difference, turn: dict[str, Any]) -> bool:
    return bool(turn["content"] == d.given("content"))


def _is_fold(d: Difference) -> bool:
    """Whether the reference has taken in what waits, and the release has not."""
    if is_waiting(d):
        return d.reference is MISSING
    if not is_in_session(d) or not isinstance(d.did[0].files.get(file_of(d)), dict):
        return False
    kept = d.did[0].files[file_of(d)].get("value", {}).get("messages", [])
    if not all(isinstance(each, dict) for each in kept):
        return False
    return all(
        any(turn["content"] == each["content"] for each in kept) for turn in turns_waiting(d)
    )
