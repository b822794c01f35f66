"""Where known differences of what stands in a file explain that the targets differ."""

from pathlib import PurePath
from typing import Any

from tests.differences import shapes
from tests.differences.comparison import MIRRORED, MISSING, NOW, Difference
from tests.differences.explaining import (
    CONFUSED,
    HASHED,
    LISTS,
    READS,
    explains,
    file_before,
    file_of,
    is_answer,
    is_in_session,
    is_saved_aside,
    is_unchanged,
    is_waiting,
    session_id_of,
)


def _broken(d: Difference) -> str | None:
    if d.step["do"] == "read":
        return shapes.fault_of({"value": d.given("data")}, d.given("data").get("session_id"))
    session_id = session_id_of(d.step)
    if d.method in LISTS:
        kinds = {
            shapes.fault_of(file, name.removeprefix("sessions/").removesuffix(".json"))
            for name, file in d.before.items()
            if name.startswith("sessions/") and name.endswith(".json")
        } - {None, "another's"}
        return kinds.pop() if len(kinds) == 1 else None
    return shapes.fault_of(file_before(d), session_id)


def _confused(d: Difference, error: str | None = None) -> bool:
    """Whether the release raised what nobody can expect, and left the file as it was."""
    return d.raised[1] in ((error,) if error else CONFUSED) and d.raised[0] != d.raised[1]


@explains("wrong-shape-raises")
def _(d: Difference) -> bool:
    if d.method == "list_sessions" and d.raised == (None, "TypeError"):
        # It sorts numbers among texts.
        values = [file.get("value") for file in d.before.values()]
        moments = [each.get("updated_at") for each in values if isinstance(each, dict)]
        return is_answer(d) and not all(isinstance(each, str) for each in moments)
    if _broken(d) != "no object" or not (_confused(d, "AttributeError") or _says_no_model(d)):
        return False
    return is_answer(d) or is_in_session(d)


def _says_no_model(d: Difference) -> bool:
    if d.step["do"] == "ask the agent":
        # It takes the error for an empty session.
        return is_unchanged(d, d.did[1])
    return d.method == "get_session_model" and d.did[1].answer == {"returned": None}


@explains("deep-nesting")
def _(d: Difference) -> bool:
    if _broken(d) != "nested deeply" or not (_confused(d, "RecursionError") or _says_no_model(d)):
        return False
    return is_answer(d) or is_in_session(d)


@explains("wrong-shape-destroyed")
def _(d: Difference) -> bool:
    if _broken(d) != "odd shape":
        return False
    if d.method in LISTS:
        return is_answer(d) and _lists_files(d)
    if is_answer(d):
        return d.raised[0] == "OSError" or _confused(d) or is_saved_aside(d)
    if is_waiting(d):
        return is_saved_aside(d)
    return is_in_session(d, aside=False) and (_confused(d) or _is_mended(d))


_SHAPED = ("messages", "archived_messages", "metadata", "runtime_state", "last_compaction")


def _is_mended(d: Difference) -> bool:
    """Whether the reference has what was in the file, and the release has not, after a write."""
    is_shaped = d.where[2:3] != ("value",) or d.where[3:4] == () or d.where[3] in _SHAPED
    is_refused = d.raised[0] == "OSError" or d.did[0].answer.get("returned") is False
    return d.method not in READS and _is_kept(d) and (is_shaped or is_refused)


def _is_kept(d: Difference) -> bool:
    """Whether the reference has what was in the file, at the place of a difference."""
    found: Any = d.before
    for key in d.where[1:]:
        found = found.get(key, MISSING) if isinstance(found, dict) else found[int(key)]
    return bool(found == d.reference)


@explains("copies-listed")
def _(d: Difference) -> bool:
    if d.method not in LISTS:
        return _is_read_by_the_name_of_a_copy(d)
    if not is_answer(d) or any(d.raised) or not _lists_files(d):
        return False
    kinds = {name: _whose(name, file) for name, file in d.before.items() if _is_session(name)}
    return any(kind in ("another's", "nobody's") for kind in kinds.values())


def _lists_files(d: Difference) -> bool:
    """Whether the release raised, or answered with sessions that have a file."""
    if "returned" not in d.did[1].answer:
        return True
    returned = d.did[1].answer["returned"]
    listed = returned if isinstance(returned, list) else [returned]
    if d.method in ("list_sessions_by_agent", "list_sessions_by_gateway_agent"):
        ids = listed
    elif all(each is None or isinstance(each, dict) for each in listed):
        ids = [each.get("session_id") for each in listed if each]
    else:
        return False
    known: list[Any] = [None, ""]
    for name, file in d.before.items():
        value = file.get("value")
        known.append(PurePath(name).stem)
        known += [value.get("session_id")] if isinstance(value, dict) else []
    return all(each in known for each in ids)


def _is_read_by_the_name_of_a_copy(d: Difference) -> bool:
    if _broken(d) != "another's" or not shapes.is_safe(session_id_of(d.step)):
        return False
    if is_answer(d):
        return True
    if HASHED.fullmatch(file_of(d).removeprefix("sessions/").removesuffix(".json")):
        return d.release is MISSING and d.reference["value"]["session_id"] == session_id_of(d.step)
    # A label is one that the step has given.
    is_given = not str(d.where[-1]).endswith("_name") or d.release in d.step["given"].values()
    return is_in_session(d, aside=False) and _is_kept(d) and is_given


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
        file = d.before.get(file_of(d))
        if file is None or "value" not in file or d.where[2:3] != ("value",):
            return False
        return key not in known and _holds(file["value"], str(key), d.reference)
    held = d.given("data") if d.step["do"] == "read" else (file_before(d) or {}).get("value")
    return key not in known and _holds(held, str(key), d.reference)


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


def _named(file: dict[str, Any]) -> bool:
    value = file.get("value")
    return isinstance(value, dict) and bool(value.get("session_id"))


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
    # That one lists ids alone.
    is_listed = d.method == "list_sessions_by_agent" and is_answer(d)
    if key in ("session_id", "id") or is_listed:
        lacking = [PurePath(n).stem for n, file in d.before.items() if not _named(file)]
        is_its = d.reference in ("", session_id_of(d.step), MISSING, *lacking)
        return is_its and d.release in ("", None, MISSING)
    is_empty = d.release is None or (key == "role" and d.release == "")
    return is_empty and d.reference in _MEANT.get(key, ())


@explains("half-an-emoji-stops-writes")
def _(d: Difference) -> bool:
    if "\\ud83d" not in repr(file_before(d)):
        return False
    if is_answer(d):
        return d.reference is True and d.release is False
    return is_waiting(d) or (is_in_session(d) and is_unchanged(d, d.did[1]))


@explains("byte-order-mark")
def _(d: Difference) -> bool:
    if d.method in LISTS:
        return is_answer(d) and any(map(_is_marked, d.before.values())) and _lists_files(d)
    if d.method == "invalidate_cache":
        return False
    return _is_marked(file_before(d) or {}) and (is_answer(d) or is_in_session(d))


def _is_marked(file: dict[str, Any]) -> bool:
    return str(file.get("data", "")).startswith("\xef\xbb\xbf")
