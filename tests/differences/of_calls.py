"""Where known differences of single calls and of the disk explain that the targets differ."""

from tests.differences.comparison import MISSING, Difference
from tests.differences.explaining import (
    READS,
    explains,
    file_before,
    file_of,
    is_answer,
    is_in_session,
    is_lock,
    is_saved_aside,
    is_waiting,
    turns_waiting,
)


@explains("clear-creates-session")
def _(d: Difference) -> bool:
    before = file_before(d)
    if d.method not in ("clear_session", "reset") or (before is not None and "data" not in before):
        return False
    if is_answer(d):
        return bool(d.did[0].answer.get("returned") is True)
    return is_in_session(d, aside=False) and d.reference is MISSING


@explains("read-leaves-lock")
def _(d: Difference) -> bool:
    if d.method == "get_sessions_by_agent":
        return is_lock(d) and d.reference is MISSING
    if d.method not in READS or file_before(d) is not None:
        return False
    if is_answer(d):
        return d.step.get("fault") == "locked" and d.raised == (None, "OSError")
    return is_lock(d) and d.reference is MISSING


@explains("model-unknown-while-locked")
def _(d: Difference) -> bool:
    if d.method != "get_session_model" or not is_answer(d):
        return False
    return d.step.get("fault") == "locked" and d.raised == ("OSError", None)


@explains("set-history-changes-messages")
def _(d: Difference) -> bool:
    if d.method != "set_chat_history" or not is_in_session(d):
        return False
    number, key = d.where[4:] if len(d.where) == 6 else (None, None)
    given = d.given("messages")
    if not isinstance(number, int) or number >= len(given) or d.reference != given[number].get(key):
        return False
    return d.release is MISSING or (key == "content" and d.release == "")


@explains("stale-on-read-error")
def _(d: Difference) -> bool:
    if d.step.get("fault") != "unreadable" or is_saved_aside(d):
        return False
    if is_answer(d):
        # An odd limit is looked at after the files.
        return d.raised[0] == "OSError" and d.raised[1] in (None, "TypeError")
    return False


@explains("delete-without-lock")
def _(d: Difference) -> bool:
    if d.method != "delete_session":
        return False
    if is_answer(d):
        return d.step.get("fault") in ("locked", "unreadable") and d.did[1].answer == {
            "returned": True
        }
    if is_lock(d):
        return d.release is MISSING
    return is_in_session(d, lock=False) and d.release is MISSING and d.step.get("fault") is not None


@explains("no-fsync")
def _(d: Difference) -> bool:
    return d.where == ("flushed",) and d.reference is True and not any(d.raised)


@explains("open-directory")
def _(d: Difference) -> bool:
    if d.where[0] == "modes" and MISSING not in (d.reference, d.release):
        mine, theirs = int(str(d.reference), 8), int(str(d.release), 8)
        return mine & 0o77 == 0 and theirs & mine == mine
    if "to" not in (file_before(d) or {}):
        return False
    return d.raised[0] == "OSError" and (is_answer(d) or is_in_session(d))


@explains("relative-directory-moves")
def _(d: Difference) -> bool:
    if not d.step.get("elsewhere"):
        return False
    if is_answer(d):
        return not any(
            name.startswith("elsewhere/") and name.endswith(".json") for name in d.before
        )
    return file_of(d).startswith("elsewhere/") and d.reference is MISSING


@explains("exists-means-a-file")
def _(d: Difference) -> bool:
    if d.method != "session_exists" or "returned" not in d.did[1].answer:
        return False
    if turns_waiting(d):
        return is_answer(d) or is_in_session(d) or (is_waiting(d) and d.reference is MISSING)
    if d.did[1].answer != {"returned": True}:
        return False
    if file_before(d) is None:
        return False
    return is_answer(d) or (is_lock(d) and d.release is MISSING) or is_in_session(d)


FINDS = {
    "get_by_gateway_session": "gateway_session_id",
    "get_sessions_by_agent": "agent_name",
    "list_sessions_by_agent": "agent_name",
    "list_sessions_by_gateway_agent": "agent_id",
}


@explains("nobody-finds-sessions")
def _(d: Difference) -> bool:
    label = FINDS.get(d.method, "")
    if not label or d.given(label) not in (None, "") or any(d.raised) or not is_answer(d):
        return False
    labels = [
        file["value"].get(label)
        for name, file in d.before.items()
        if name.startswith("sessions/") and isinstance(file.get("value"), dict)
    ]
    found = d.release if isinstance(d.release, list) else [d.release]
    is_nothing = d.reference in (None, [])
    return is_nothing and len(found) <= labels.count(d.given(label))
