"""Where known differences of ids and arguments explain that the targets differ."""

import re

from tests.differences import shapes
from tests.differences.comparison import MISSING, Difference
from tests.differences.explaining import (
    HASHED,
    LISTS,
    READS,
    REFUSALS,
    explains,
    file_of,
    is_answer,
    is_in_session,
    is_lock,
    is_unchanged,
    is_waiting,
    session_id_of,
)
from tests.differences.wire import decode


@explains("odd-types-stored")
def _(d: Difference) -> bool:
    given = {name: decode(value) for name, value in d.step.get("given", {}).items()}
    if d.step["do"] == "open":
        return (
            is_answer(d)
            and d.raised == ("TypeError", None)
            and not isinstance(d.given("lock_timeout", 0), int | float)
        )
    if d.step["do"] == "bot":
        return (
            is_answer(d) and d.raised == ("TypeError", None) and bool(shapes.odd_arguments(given))
        )
    if d.step["do"] == "read" and "with" in d.step:
        given = {name: decode(value) for name, value in d.step["with"].items()}
        return is_answer(d) and "TypeError" in d.raised and bool(shapes.odd_arguments(given))
    if d.step["do"] not in ("call", "ask the bot", "tell the bot", "ask the agent"):
        return False
    if d.raised[0] not in REFUSALS or not (shapes.odd_arguments(given) or _is_odd_user(d)):
        return False
    if is_answer(d) or (d.step["do"] == "ask the agent" and is_in_session(d)):
        return True
    if d.method in (*READS, *LISTS) and not is_lock(d):
        return False
    return (is_in_session(d) or is_waiting(d) or is_lock(d)) and is_unchanged(d, d.did[0])


def _is_odd_user(d: Difference) -> bool:
    if d.step["do"] == "call":
        return False
    if d.step["do"] == "ask the agent":
        return shapes.is_odd_argument("content", d.given("prompt"))
    user, prompt = d.given("user_id"), d.given("prompt", "")
    is_user = (isinstance(user, int) and not isinstance(user, bool)) or (
        shapes.is_text(user) and user != ""
    )
    return not is_user or shapes.is_odd_argument("content", prompt)


@explains("folded-ids")
def _(d: Difference) -> bool:
    session_id = session_id_of(d.step)
    if not isinstance(session_id, str) or shapes.is_safe(session_id):
        return False
    name = shapes.folded(session_id)
    hashed = [
        each
        for each in d.did[0].files
        if (found := HASHED.fullmatch(each.removeprefix("sessions/").removesuffix(".json")))
        and found["begin"] == re.sub("[^A-Za-z0-9_-]", "_", session_id[:40])
    ]
    if d.where[0] == "files" and file_of(d) in (*hashed, f"sessions/{name}.json"):
        mine = [d.did[0].files[each] for each in hashed]
        theirs = d.did[1].files.get(f"sessions/{name}.json")
        return theirs in mine or _shares(d, name, session_id)
    return is_answer(d) and _shares(d, name, session_id)


def _shares(d: Difference, name: str, session_id: str) -> bool:
    """Whether the file that the release takes for the session's is another's."""
    file = d.before.get(f"sessions/{name}.json")
    if file is None or not isinstance(file.get("value"), dict):
        return False
    return file["value"].get("session_id") not in (None, "", session_id)


@explains("long-id-waits")
def _(d: Difference) -> bool:
    session_id = session_id_of(d.step)
    if not isinstance(session_id, str) or len(f"{session_id}.json.lock") <= 255:
        return False
    if is_answer(d):
        is_asked = d.method == "session_exists" and not any(d.raised)
        return d.raised == (None, "OSError") or is_asked
    return d.reference is not MISSING and d.release is MISSING and "~" in file_of(d)
