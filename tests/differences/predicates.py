"""For each known difference, the places in which it explains that the targets differ."""

import re
from collections.abc import Callable
from typing import Any

from tests.differences import shapes
from tests.differences.comparison import MIRRORED, MISSING, NOW, Difference, Outcome
from tests.differences.wire import decode

Predicate = Callable[[Difference], bool]
PREDICATES: dict[str, Predicate] = {}

READS = {
    "get_chat_history",
    "get_working_history",
    "get_session",
    "get_session_model",
    "session_exists",
}
LISTS = {
    "list_sessions",
    "list_sessions_by_agent",
    "get_sessions_by_agent",
    "get_by_gateway_session",
    "list_sessions_by_gateway_agent",
}
_HASHED = re.compile(r"(?P<begin>[A-Za-z0-9_-]{0,40})~[0-9a-f]{32}")
_REFUSALS = ("TypeError", "ValueError")
_CONFUSED = ("AttributeError", "TypeError", "ValueError", "RecursionError", "KeyError")


def explains(anchor: str) -> Callable[[Predicate], Predicate]:
    """Let a predicate stand with the entry of the known differences that has this anchor."""

    def register(predicate: Predicate) -> Predicate:
        PREDICATES[anchor] = predicate
        return predicate

    return register


def explained(difference: Difference) -> list[str]:
    """The entries that explain a difference."""
    return [anchor for anchor, predicate in PREDICATES.items() if predicate(difference)]


def _session_id(step: dict[str, Any]) -> Any:
    given = step.get("given", {})
    return decode(given["session_id"]) if "session_id" in given else None


def _own(d: Difference) -> str | None:
    """The file that the release keeps the step's session in, in `sessions`."""
    session_id = _session_id(d.step)
    return f"sessions/{shapes.folded(session_id)}.json" if isinstance(session_id, str) else None


def _before(d: Difference) -> dict[str, Any] | None:
    """The session's file as it was before the step."""
    found: dict[str, Any] | None = d.before.get(_own(d) or "")
    return found


def _is_answer(d: Difference) -> bool:
    return d.where[0] == "answer"


def _file(d: Difference) -> str:
    return str(d.where[1]) if d.where[0] == "files" else ""


def _is_in_session(d: Difference, *, lock: bool = True, aside: bool = True) -> bool:
    """Whether a difference is in the files of the step's session."""
    own = _own(d)
    rest = _file(d).removeprefix(own) if own and _file(d).startswith(own) else None
    return (
        rest == ""
        or (lock and rest == ".lock")
        or (aside and rest is not None and rest.startswith(".corrupt-"))
    )


def _is_waiting(d: Difference) -> bool:
    return _file(d).startswith("waiting/")


def _unchanged(d: Difference, outcome: Outcome) -> bool:
    """Whether a target left the file of a difference as it was."""
    return bool(outcome.files.get(_file(d)) == d.before.get(_file(d)))


@explains("odd-types-stored")
def _(d: Difference) -> bool:
    given = {name: decode(value) for name, value in d.step.get("given", {}).items()}
    if d.step["do"] == "open":
        return (
            _is_answer(d)
            and d.raised == ("TypeError", None)
            and not isinstance(d.given("lock_timeout", 0), int | float)
        )
    if d.step["do"] == "read" and "with" in d.step:
        given = {name: decode(value) for name, value in d.step["with"].items()}
        return _is_answer(d) and "TypeError" in d.raised and bool(shapes.odd_arguments(given))
    if d.step["do"] != "call" or d.raised[0] not in _REFUSALS:
        return False
    if not shapes.odd_arguments(given):
        return False
    if _is_answer(d):
        return True
    return (_is_in_session(d) or _is_waiting(d) or _is_lock(d)) and _unchanged(d, d.did[0])


def _is_lock(d: Difference) -> bool:
    return _file(d).startswith("sessions/") and _file(d).endswith(".json.lock")


@explains("folded-ids")
def _(d: Difference) -> bool:
    session_id = _session_id(d.step)
    if not isinstance(session_id, str) or shapes.is_safe(session_id):
        return False
    name = shapes.folded(session_id)
    hashed = [
        each
        for each in d.did[0].files
        if (found := _HASHED.fullmatch(each.removeprefix("sessions/").removesuffix(".json")))
        and found["begin"] == re.sub("[^A-Za-z0-9_-]", "_", session_id[:40])
    ]
    if d.where[0] == "files" and _file(d) in (*hashed, f"sessions/{name}.json"):
        mine = [d.did[0].files[each] for each in hashed]
        theirs = d.did[1].files.get(f"sessions/{name}.json")
        return theirs in mine or _shares(d, name, session_id)
    return _is_answer(d) and _shares(d, name, session_id)


def _shares(d: Difference, name: str, session_id: str) -> bool:
    """Whether the file that the release takes for the session's is another's."""
    file = d.before.get(f"sessions/{name}.json")
    if file is None or not isinstance(file.get("value"), dict):
        return False
    return file["value"].get("session_id") not in (None, "", session_id)


@explains("long-id-waits")
def _(d: Difference) -> bool:
    session_id = _session_id(d.step)
    if not isinstance(session_id, str) or len(f"{session_id}.json.lock") <= 255:
        return False
    if _is_answer(d):
        return d.raised == (None, "OSError") or d.raised == (None, None)
    return d.reference is not MISSING and d.release is MISSING and "~" in _file(d)


def _broken(d: Difference) -> str | None:
    if d.step["do"] == "read":
        return shapes.fault_of({"value": d.given("data")}, d.given("data").get("session_id"))
    session_id = _session_id(d.step)
    if d.method in LISTS:
        kinds = {
            shapes.fault_of(file, name.removeprefix("sessions/").removesuffix(".json"))
            for name, file in d.before.items()
            if name.startswith("sessions/") and name.endswith(".json")
        } - {None, "another's"}
        return kinds.pop() if len(kinds) == 1 else None
    return shapes.fault_of(_before(d), session_id)


def _confused(d: Difference, error: str | None = None) -> bool:
    """Whether the release raised what nobody can expect, and left the file as it was."""
    return d.raised[1] in ((error,) if error else _CONFUSED) and d.raised[0] != d.raised[1]


@explains("wrong-shape-raises")
def _(d: Difference) -> bool:
    if _broken(d) != "no object" or not (_confused(d, "AttributeError") or _says_no_model(d)):
        return False
    return _is_answer(d) or _is_in_session(d)


def _says_no_model(d: Difference) -> bool:
    return d.method == "get_session_model" and d.did[1].answer == {"returned": None}


@explains("deep-nesting")
def _(d: Difference) -> bool:
    if _broken(d) != "nested deeply" or not (_confused(d, "RecursionError") or _says_no_model(d)):
        return False
    return _is_answer(d) or _is_in_session(d)


@explains("wrong-shape-destroyed")
def _(d: Difference) -> bool:
    if _broken(d) != "odd shape":
        return False
    if d.method in LISTS:
        return _is_answer(d)
    if _is_answer(d):
        return d.raised[0] == "OSError" or _confused(d) or _is_saved_aside(d)
    if _is_waiting(d):
        return _is_saved_aside(d)
    return _is_in_session(d, aside=False) and (_confused(d) or _is_kept(d))


def _is_kept(d: Difference) -> bool:
    """Whether the reference has what was in the file, at the place of a difference."""
    found: Any = d.before
    for key in d.where[1:]:
        found = found.get(key, MISSING) if isinstance(found, dict) else found[int(key)]
    return bool(found == d.reference)


def _is_saved_aside(d: Difference) -> bool:
    """Whether the reference answered False, and put the turn where it waits."""
    if d.did[0].answer.get("returned") is not False or not d.method.startswith("add_"):
        return False
    return _is_answer(d) or _is_waiting(d) or (_is_in_session(d) and _unchanged(d, d.did[0]))


@explains("copies-listed")
def _(d: Difference) -> bool:
    if d.method not in LISTS:
        return _is_read_by_the_name_of_a_copy(d)
    if not _is_answer(d) or any(d.raised):
        return False
    kinds = {name: _whose(name, file) for name, file in d.before.items() if _is_session(name)}
    return any(kind in ("another's", "nobody's") for kind in kinds.values())


def _is_read_by_the_name_of_a_copy(d: Difference) -> bool:
    if _broken(d) != "another's" or not shapes.is_safe(_session_id(d.step)):
        return False
    if _is_answer(d):
        return True
    if _HASHED.fullmatch(_file(d).removeprefix("sessions/").removesuffix(".json")):
        return d.release is MISSING and d.reference["value"]["session_id"] == _session_id(d.step)
    return _is_in_session(d, aside=False) and _is_kept(d)


def _is_session(name: str) -> bool:
    return name.startswith("sessions/") and name.endswith(".json")


def _whose(name: str, file: dict[str, Any]) -> str | None:
    if file.get("value") == {}:
        return "nobody's"
    return shapes.fault_of(file, name.removeprefix("sessions/").removesuffix(".json"))


@explains("unknown-keys-dropped")
def _(d: Difference) -> bool:
    if d.where[-1] in MIRRORED and d.where[0] == "answer":
        return _is_told_twice(d)
    if d.release is not MISSING or d.reference is MISSING:
        return False
    known = {"role", "content", "timestamp", "metadata", "tool_calls", "tool_call_id"}
    key = d.where[-1]
    if d.where[0] == "files":
        file = d.before.get(_file(d))
        if file is None or "value" not in file or d.where[2:3] != ("value",):
            return False
        return key not in known and _holds(file["value"], str(key), d.reference)
    if d.step["do"] == "read":
        return key not in known and _holds(d.given("data"), str(key), d.reference)
    return False


def _is_told_twice(d: Difference) -> bool:
    """Whether a file says something at its top, and otherwise in its metadata."""
    key = str(d.where[-1])
    files = [each.get("value") for name, each in d.before.items() if _is_session(name)]
    told = [d.given("data"), *files]
    both = (
        {repr(each.get(key)), repr(each["metadata"].get(key))} for each in told if _is_labeled(each)
    )
    return {repr(d.reference), repr(d.release)} in list(both)


def _is_labeled(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("metadata"), dict)


def _holds(value: Any, key: str, wanted: Any) -> bool:
    if isinstance(value, dict):
        return value.get(key) == wanted or any(_holds(each, key, wanted) for each in value.values())
    return isinstance(value, list) and any(_holds(each, key, wanted) for each in value)


# What null in a file means for each key.
_MEANT: dict[str, tuple[Any, ...]] = {
    "role": ("user", "system"),
    "metadata": ({},),
    "timestamp": (NOW,),
    "tokens_before": (0,),
    "tokens_after": (0,),
}


@explains("what-a-file-lacks")
def _(d: Difference) -> bool:
    key = str(d.where[-1])
    if key in ("session_id", "id"):
        is_its = d.reference in ("chat", "", _session_id(d.step), MISSING)
        return is_its and d.release in ("", None, MISSING)
    is_empty = d.release is None or (key == "role" and d.release == "")
    return is_empty and d.reference in _MEANT.get(key, ())


@explains("clear-creates-session")
def _(d: Difference) -> bool:
    before = _before(d)
    if d.method != "clear_session" or (before is not None and "data" not in before):
        return False
    if _is_answer(d):
        return bool(d.did[0].answer.get("returned") is True)
    return _is_in_session(d, aside=False) and d.reference is MISSING


@explains("read-leaves-lock")
def _(d: Difference) -> bool:
    if d.method == "get_sessions_by_agent":
        return _is_lock(d) and d.reference is MISSING
    if d.method not in READS or _before(d) is not None:
        return False
    if _is_answer(d):
        return d.step.get("fault") == "locked" and d.raised == (None, "OSError")
    return _is_lock(d) and d.reference is MISSING


@explains("model-unknown-while-locked")
def _(d: Difference) -> bool:
    if d.method != "get_session_model" or not _is_answer(d):
        return False
    return d.step.get("fault") == "locked" and d.raised == ("OSError", None)


@explains("half-an-emoji-stops-writes")
def _(d: Difference) -> bool:
    if "\\ud83d" not in repr(_before(d)):
        return False
    if _is_answer(d):
        return d.reference is True and d.release is False
    return _is_waiting(d) or (_is_in_session(d) and _unchanged(d, d.did[1]))


@explains("set-history-changes-messages")
def _(d: Difference) -> bool:
    if d.method != "set_chat_history" or not _is_in_session(d):
        return False
    number, key = d.where[4:] if len(d.where) == 6 else (None, None)
    given = d.given("messages")
    if not isinstance(number, int) or number >= len(given) or d.reference != given[number].get(key):
        return False
    return d.release is MISSING or (key == "content" and d.release == "")


@explains("stale-on-read-error")
def _(d: Difference) -> bool:
    if d.step.get("fault") != "unreadable" or _is_saved_aside(d):
        return False
    if _is_answer(d):
        # An odd limit is looked at after the files.
        return d.raised[0] == "OSError" and d.raised[1] in (None, "TypeError")
    return False


@explains("delete-without-lock")
def _(d: Difference) -> bool:
    if d.method != "delete_session":
        return False
    if _is_answer(d):
        return d.step.get("fault") in ("locked", "unreadable") and d.did[1].answer == {
            "returned": True
        }
    if _is_lock(d):
        return d.release is MISSING
    return (
        _is_in_session(d, lock=False) and d.release is MISSING and d.step.get("fault") is not None
    )


@explains("waiting-turn-of-another-directory")
def _(d: Difference) -> bool:
    if "in" not in d.step or not _waits(d):
        return False
    if _is_answer(d):
        return not any(d.raised)
    return (_is_waiting(d) and d.release is MISSING) or (
        _file(d).startswith(f"{d.step['in']}/") and d.reference is MISSING
    )


@explains("half-a-tool-turn")
def _(d: Difference) -> bool:
    if not _is_history(d):
        return False
    reference, release = (_history(each) for each in d.did)
    return _are_whole(reference) and not (_are_whole(release) and _are_whole(_stored(d)))


@explains("window-amid-a-turn")
def _(d: Difference) -> bool:
    if not _is_history(d) or d.method != "get_working_history":
        return False
    reference, release = (_history(each) for each in d.did)
    begins = [
        next((m["role"] for m in h if m["role"] != "system"), "user") for h in (reference, release)
    ]
    return len(release) < len(_stored(d)) + 1 and begins[0] == "user" and begins[1] != "user"


@explains("negative-limit")
def _(d: Difference) -> bool:
    given = d.given("max_messages", None)
    if "with" in d.step:
        given = decode(d.step["with"].get("max_messages"))
    if not _is_answer(d) or not isinstance(given, int) or given >= 0:
        return False
    return not any(d.raised) and len(_history(d.did[1])) < len(_history(d.did[0]))


def _is_history(d: Difference) -> bool:
    is_read = d.method in ("get_chat_history", "get_working_history")
    return _is_answer(d) and is_read and not any(d.raised)


def _stored(d: Difference) -> list[Any]:
    """The messages of the session before the step."""
    if d.step["do"] == "read":
        return list(d.given("data")["messages"])
    file = _before(d)
    return list(file["value"].get("messages", [])) if file and "value" in file else []


def _history(outcome: Outcome) -> list[Any]:
    returned = outcome.answer["returned"]
    if len(returned) == 2 and isinstance(returned[0], list):
        returned = returned[0]
    return list(returned)


def _are_whole(messages: list[Any]) -> bool:
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


@explains("no-fsync")
def _(d: Difference) -> bool:
    return d.where == ("flushed",) and d.reference is True and not any(d.raised)


@explains("open-directory")
def _(d: Difference) -> bool:
    if d.where[0] == "modes" and MISSING not in (d.reference, d.release):
        mine, theirs = int(str(d.reference), 8), int(str(d.release), 8)
        return mine & 0o77 == 0 and theirs & mine == mine
    if "to" not in (_before(d) or {}):
        return False
    return d.raised[0] == "OSError" and (_is_answer(d) or _is_in_session(d))


@explains("relative-directory-moves")
def _(d: Difference) -> bool:
    if not d.step.get("elsewhere"):
        return False
    if _is_answer(d):
        return not any(
            name.startswith("elsewhere/") and name.endswith(".json") for name in d.before
        )
    return _file(d).startswith("elsewhere/") and d.reference is MISSING


def _waits(d: Difference) -> list[Any]:
    """The turns that wait for the step's session."""
    files = [each for name, each in d.before.items() if name.startswith("waiting/")]
    values = [each["value"] for each in files if isinstance(each.get("value"), dict)]
    mine = [each for each in values if each.get("session_id") == _session_id(d.step)]
    return [message for each in mine for message in each["messages"]]


_REPLACING = ("delete_session", "clear_session", "set_chat_history")


@explains("waiting-turn-comes-back")
def _(d: Difference) -> bool:
    if d.method not in _REPLACING or not _waits(d):
        return False
    return _is_waiting(d) and d.reference is MISSING


@explains("failed-write-comes-back")
def _(d: Difference) -> bool:
    if not d.method.startswith("add_") or not any(_says_the_same(d, turn) for turn in _waits(d)):
        return False
    return _is_fold(d)


@explains("waiting-turn-out-of-order")
def _(d: Difference) -> bool:
    if d.step["do"] != "call" or d.method in (*_REPLACING, *READS, *LISTS) or not _waits(d):
        return False
    is_again = d.method.startswith("add_") and any(_says_the_same(d, each) for each in _waits(d))
    return not is_again and _is_fold(d)


def _says_the_same(d: Difference, turn: dict[str, Any]) -> bool:
    return bool(turn["content"] == d.given("content"))


def _is_fold(d: Difference) -> bool:
    """Whether the reference has taken in what waits, and the release has not."""
    if _is_waiting(d):
        return d.reference is MISSING
    if not _is_in_session(d) or not isinstance(d.did[0].files.get(_file(d)), dict):
        return False
    kept = d.did[0].files[_file(d)].get("value", {}).get("messages", [])
    if not all(isinstance(each, dict) for each in kept):
        return False
    return all(any(turn["content"] == each["content"] for each in kept) for turn in _waits(d))


@explains("exists-means-a-file")
def _(d: Difference) -> bool:
    if d.method != "session_exists" or "returned" not in d.did[1].answer:
        return False
    if _waits(d):
        return _is_answer(d) or _is_in_session(d) or (_is_waiting(d) and d.reference is MISSING)
    if d.did[1].answer != {"returned": True}:
        return False
    return _is_answer(d) or (_is_lock(d) and d.release is MISSING) or _is_in_session(d)


# What no sequence of steps in one process shows; the entry's own program does.
SHOWN_ALONE = {
    "temporary-files-stay": "a process has to be killed",
    "half-a-copy": "somebody has to be in the middle of a copy",
    "unfair-lock": "it is about time",
    "starved-append": "it is about time",
    **dict.fromkeys(
        (
            "agent-reads-once",
            "async-turns",
            "bot-turn-drops-what-is-older",
            "bot-turn-lost-on-a-full-disk",
            "bot-turn-rewrites-the-session",
            "cancelled-turn-mixes-users",
            "cleared-bot-history",
            "copied-turns",
            "failed-stream",
            "forgotten-bot-turn",
            "half-an-answer",
            "mixed-users",
            "one-history-for-all-users",
            "overwritten-bot-turns",
            "repeated-question",
            "several-event-loops",
            "shared-bot-sessions",
            "silent-failure",
            "tool-turns-not-sent-whole",
        ),
        "it takes an agent that answers",
    ),
}
