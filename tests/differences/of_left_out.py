"""Where a table of what the reference leaves out explains that the targets differ."""

from typing import Any

from tests.differences.beyond_programs import LEFT_OUT, METHODS_LEFT_OUT
from tests.differences.comparison import MISSING, Difference
from tests.differences.explaining import (
    CONFUSED,
    file_of,
    is_answer,
    is_in_session,
    is_unchanged,
    is_waiting,
    own_file,
    tabled,
)
from tests.differences.wire import decode

_NAMES = frozenset(name for names in LEFT_OUT.values() for name in names)


def _left_out(d: Difference) -> dict[str, Any]:
    """What the step, or the manager that it is about, was given of what is left out."""
    given = d.step.get("made", {}) | d.step.get("given", {})
    return {name: decode(value) for name, value in given.items() if name in _NAMES}


@tabled("methods that are left out")
def _(d: Difference) -> bool:
    if d.method not in METHODS_LEFT_OUT or d.raised[0] != "AttributeError":
        return False
    return is_answer(d) or is_unchanged(d, d.did[0])


@tabled("parameters that are left out: odd values")
def _(d: Difference) -> bool:
    # The reference refuses each of them, before anything happens.
    if not _left_out(d) or d.raised[0] is not None or d.raised[1] not in CONFUSED:
        return False
    return is_answer(d) or is_in_session(d) or is_waiting(d)


@tabled("parameters that are left out: timestamps")
def _(d: Difference) -> bool:
    if not _left_out(d).get("timestamps") or d.where[-1] != "content":
        return False
    texts = str(d.reference), str(d.release)
    return texts[1].endswith(f"] {texts[0]}") and texts[1].startswith("[")


@tabled("parameters that are left out: whose session it is")
def _(d: Difference) -> bool:
    left_out = _left_out(d)
    staged = d.step.get("staged")
    other = {
        f"bot_telegram_profile_{staged}_7": staged is not None,
        "7": left_out.get("identity_resolver") is not None,
        "bot_telegram_telegram_acct_default_chat_-100_": (
            str(left_out.get("session_scope")).lower() == "per_chat"
            and "chat_id" in d.step["given"]
        ),
    }
    names = [f"sessions/{name}.json" for name, is_other in other.items() if is_other]
    if not names or any(d.raised) or d.step["do"] == "bot":
        return False
    is_own = file_of(d).removesuffix(".lock") in names and is_unchanged(d, d.did[0])
    return is_own or is_answer(d) or (is_in_session(d) and is_unchanged(d, d.did[1]))


@tabled("parameters that are left out: unknown keywords")
def _(d: Difference) -> bool:
    if d.step["do"] != "ask the agent" or d.raised != ("TypeError", None):
        return False
    is_unknown = bool(d.step["given"].keys() - {"prompt", "stream", *d.step.get("without", ())})
    return is_unknown and (is_answer(d) or is_unchanged(d, d.did[0]))


@tabled("parameters that are left out: idle users")
def _(d: Difference) -> bool:
    # The release has cleared the session first.
    if not d.step.get("idle") or any(d.raised):
        return False
    if is_answer(d):
        return bool(d.where[:3] == ("answer", "returned", "sent") and d.release in ([], MISSING))
    after = d.did[1].files.get(own_file(d) or "", {}).get("value", {}).get("messages", [])
    return is_in_session(d) and len(after) <= 2
