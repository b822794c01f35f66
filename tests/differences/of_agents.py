"""Where known differences of agents explain that the targets differ."""

from typing import Any

from tests.differences.comparison import MISSING, Difference, Outcome
from tests.differences.explaining import (
    at,
    explains,
    file_before,
    file_of,
    is_answer,
    is_in_session,
    is_unchanged,
    is_waiting,
    own_file,
    turns_waiting,
)
from tests.subject.model_server import words_of

ASYNC = ("achat", "astart", "arun")
# What the turn of an agent writes beside its messages.
_LABELS: dict[str, Any] = {
    "agent_id": "<random>",
    "model": "gpt-4o-mini",
    "total_tokens": 0,
    "source": "chat",
}
Said = list[tuple[str, Any]]


def _is_asked(d: Difference) -> bool:
    return d.step["do"] == "ask the agent"


def _is_stream(d: Difference) -> bool:
    return d.method == "iter_stream" or bool(d.given("stream"))


def _said(file: dict[str, Any] | None) -> Said | None:
    """Roles and contents of a session's messages; None for what is no session."""
    value = {} if file is None else file.get("value")
    messages = value.get("messages", []) if isinstance(value, dict) else None
    if not isinstance(messages, list) or not all(isinstance(each, dict) for each in messages):
        return None
    return [(each.get("role", "user"), each.get("content", "")) for each in messages]


def _added(d: Difference, outcome: Outcome) -> Said | None:
    """What a turn added to the session; None where it changed what was there.

    A read may have taken in what waited.
    """
    before, after = _said(file_before(d)), _said(outcome.files.get(own_file(d) or ""))
    if before is None or after is None:
        return None
    folded = [*before, *((each["role"], each["content"]) for each in turns_waiting(d))]
    for begun in (folded, before):
        if after[: len(begun)] == begun:
            return after[len(begun) :]
    return None


def _told(d: Difference) -> dict[str, Any]:
    """What the release answered, sent and had in mind."""
    told: dict[str, Any] = d.did[1].answer["returned"]
    return told


def _is_sound(d: Difference) -> bool:
    """Whether the release answered what the model answers to what it was sent."""
    told = _told(d)
    sent = told["sent"]
    if not sent or sent[-1] != {"role": "user", "content": d.given("prompt")}:
        return False
    words = words_of({"messages": sent}).strip()
    if told["answer"] in (None, ""):
        return told["answer"] is None or _is_stream(d)
    is_part = bool(d.step.get("closed")) and words.startswith(str(told["answer"]))
    return is_part or told["answer"] == words


def _is_told(d: Difference) -> bool:
    """Whether a difference is in what the release answered or sent, and that is sound."""
    return is_answer(d) and d.raised[1] is None and _is_sound(d)


def _is_of_turn(d: Difference, *tails: Said) -> bool:
    """Whether a difference is in the session, and the release added one of the tails to it.

    A label is the turn's, or stays as it was.
    """
    if not is_in_session(d, aside=False) or _added(d, d.did[1]) not in tails:
        return False
    if d.where[3:4] == ("messages",) or d.release is MISSING:
        return True
    return _is_label(d) or d.release == at(d.before, d.where)


def _is_label(d: Difference) -> bool:
    key = str(d.where[-1])
    return key in _LABELS and d.release == _LABELS[key]


def _prompt(d: Difference) -> tuple[str, Any]:
    """The question as the release stores it: of its parts, the text."""
    prompt = d.given("prompt")
    return "user", _text(prompt) if isinstance(prompt, list) else prompt


def _text(parts: list[Any]) -> str:
    texts = [each.get("text", "") for each in parts if isinstance(each, dict)]
    return "\n".join(texts)


def _answer(d: Difference) -> tuple[str, Any]:
    return "assistant", _told(d)["answer"]


def _waits(d: Difference, *more: Said) -> bool:
    """Whether a difference is in what waits, to which the release has added one of `more`.

    The reference has taken in what waited, or has added its question to it.
    """
    if not is_waiting(d):
        return False
    before = _waiting(d.before)
    mine, theirs = (_waiting(each.files) for each in d.did)
    is_own = not mine or (len(mine) <= len(before) + 1 and all(each in mine for each in before))
    return is_own and theirs in [sorted([*before, *each], key=repr) for each in more]


def _waiting(files: dict[str, Any]) -> Said:
    """What waits, in no order: each of the release's turns is a file."""
    waiting = [_said(file) or [] for name, file in files.items() if name.startswith("waiting/")]
    return sorted((each for said in waiting for each in said), key=repr)


def _is_name(d: Difference) -> bool:
    """Whether the release has left a session without the agent's name, or its user's."""
    before = at(d.before, d.where)
    is_left = d.release == (None if before is MISSING else before)
    return d.where[3:] in (("agent_name",), ("user_id",)) and is_left


@explains("copied-turns")
def _(d: Difference) -> bool:
    is_agents = d.step["do"] in ("agent", "ask the agent")
    is_copy = is_agents and file_of(d).startswith(".praisonai/memory/")
    return is_copy and (d.reference is MISSING or is_unchanged(d, d.did[0]))


@explains("async-turns")
def _(d: Difference) -> bool:
    if not _is_asked(d) or d.method not in ASYNC or d.raised[1] is not None:
        return False
    if is_answer(d):
        # It was restored nothing, and is stopped by no file.
        is_fresh = not d.step.get("lives") and len(_told(d)["sent"]) == 1
        return (is_fresh or d.raised[0] == "OSError") and _is_sound(d)
    if _is_name(d):
        # The session is opened by the first turn that is none of these.
        return True
    return _is_of_turn(d, [], [_answer(d)]) or _waits(d, [], [_answer(d)])


@explains("agent-reads-once")
def _(d: Difference) -> bool:
    if not _is_asked(d) or not d.step.get("lives") or d.raised[1] or not _is_sound(d):
        return False
    if d.where[3:] in (("agent_name",), ("user_id",)):
        # Nor does it put its name into a session that was emptied or replaced since.
        return _is_name(d) or d.release in ("A", d.step["user"])
    if d.raised[0]:
        # It takes the question for stored: it had said so last.
        is_again = [each["content"] for each in _told(d)["had"][-1:]] == [d.given("prompt")]
        return d.raised[0] == "Exception" and is_again and _is_of_turn(d, [])
    if is_answer(d):
        told = _told(d)
        return [each["content"] for each in told["sent"][:-1]] == [
            each["content"] for each in told["had"]
        ]
    whole = [_prompt(d), _answer(d)]
    return _is_of_turn(d, whole, [_answer(d)])


@explains("turn-without-its-session")
def _(d: Difference) -> bool:
    if not _is_asked(d) or d.method in ASYNC or d.raised[1] is not None:
        return False
    if d.raised[0] != "OSError":
        # An agent whose first read failed has no session from then on.
        return bool(d.step.get("lives")) and _is_sound(d) and _is_of_turn(d, [])
    if is_answer(d):
        return _is_sound(d)
    whole = [_prompt(d), _answer(d)]
    tails = ([], whole[:1], whole[1:], whole, whole[:1] * 2)
    return _waits(d, *tails) or _is_name(d) or _is_of_turn(d, *tails)


@explains("cost-of-nothing")
def _(d: Difference) -> bool:
    return _is_asked(d) and d.where[-1] == "cost" and d.release == 0


@explains("silent-failure")
def _(d: Difference) -> bool:
    if not _is_asked(d) or d.raised != ("Exception", None) or _told(d)["answer"]:
        return False
    return (is_answer(d) and _is_sound(d)) or (_is_label(d) and _is_of_turn(d, [], [_prompt(d)]))


@explains("failed-stream")
def _(d: Difference) -> bool:
    if not _is_asked(d) or not _is_stream(d) or d.raised != ("Exception", None):
        return False
    return _is_of_turn(d, [_prompt(d), _prompt(d)])


@explains("half-an-answer")
def _(d: Difference) -> bool:
    if not _is_asked(d) or not _is_stream(d) or any(d.raised):
        return False
    before, after = _said(file_before(d)) or [], _said(d.did[1].files.get(own_file(d) or ""))
    if "'partial': True" in repr(file_before(d)) and after == [*before[:-1], _answer(d)]:
        # It has written over another half.
        return is_in_session(d) and d.where[3:4] == ("messages",)
    if not d.step.get("closed"):
        return False
    # Where an earlier try of the same agent failed, it takes the question for a stored one.
    return _is_of_turn(d, [_prompt(d), _answer(d)], [_answer(d)])


@explains("repeated-question")
def _(d: Difference) -> bool:
    if not _is_asked(d) or d.raised[1] or d.raised[0] == "OSError" or d.method in ASYNC:
        return False
    if (_said(file_before(d)) or [])[-1:] != [_prompt(d)]:
        return False
    if any(d.raised):
        return _is_of_turn(d, [_prompt(d)])
    if is_answer(d):
        return (
            _is_sound(d)
            and [each["content"] for each in _told(d)["sent"][-2:]] == [d.given("prompt")] * 2
        )
    return _is_of_turn(d, [_prompt(d), _answer(d)])


@explains("fields-dropped")
def _(d: Difference) -> bool:
    # The reference sends a message whole, and the endpoint refuses what it does not know.
    if not _is_asked(d) or d.raised != ("Exception", None):
        return False
    file = file_before(d)
    if file is None or not _said(file):
        return False
    if not any(each.keys() - _SENT for each in file["value"]["messages"]):
        return False
    return _is_told(d) or _is_of_turn(d, [_prompt(d), _answer(d)])


_SENT = {"role", "content", "timestamp", "metadata", "tool_calls", "tool_call_id"}


@explains("waiting-turn-out-of-order")
def _(d: Difference) -> bool:
    if not _is_asked(d) or not turns_waiting(d) or d.raised[1] or d.raised[0] == "OSError":
        return False
    if is_waiting(d):
        return d.reference is MISSING and _waits(d, [])
    folded = [(each["role"], each["content"]) for each in turns_waiting(d)]
    mine = _said(d.did[0].files.get(own_file(d) or "")) or []
    taken_in = mine[len(_said(file_before(d)) or []) :]
    is_folded = all(each in taken_in for each in folded)
    tails = ([_prompt(d), _answer(d)], [_answer(d)], [_prompt(d)], [_prompt(d)] * 2)
    return is_folded and _is_of_turn(d, *tails)


@explains("tool-turns-not-sent-whole")
def _(d: Difference) -> bool:
    if not _is_asked(d) or d.raised[1] is not None or _told(d)["answer"]:
        return False
    is_tools = "'tool_call" in repr(file_before(d))
    return is_tools and (_is_told(d) or _is_of_turn(d, *([_prompt(d)] * n for n in range(3))))


@explains("parts-stored-as-text")
def _(d: Difference) -> bool:
    if not _is_asked(d) or not isinstance(d.given("prompt"), list) or d.where[-1] != "content":
        return False
    return (
        is_in_session(d) and d.reference == d.given("prompt") and ("user", d.release) == _prompt(d)
    )


@explains("stripped-answer")
def _(d: Difference) -> bool:
    if not _is_asked(d) or any(d.raised) or not isinstance(d.reference, str):
        return False
    is_stripped = d.release == d.reference.strip() != d.reference
    is_text = d.where[-1] in ("answer", "content")
    return is_stripped and is_text and (is_answer(d) or _is_of_turn(d, [_prompt(d), _answer(d)]))
