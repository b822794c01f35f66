"""What predicates are made of: the registry, and questions about a difference."""

import re
from collections.abc import Callable
from typing import Any

from tests.differences import shapes
from tests.differences.comparison import MISSING, Difference, Outcome
from tests.differences.wire import decode

Predicate = Callable[[Difference], bool]
PREDICATES: dict[str, Predicate] = {}
# What a table of the pages explains, and no entry: what the reference leaves out.
TABLES: dict[str, Predicate] = {}
# An entry that several modules explain differences by.
_PARTS: dict[str, list[Predicate]] = {}

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
HASHED = re.compile(r"(?P<begin>[A-Za-z0-9_-]{0,40})~[0-9a-f]{32}")
REFUSALS = ("TypeError", "ValueError")
CONFUSED = ("AttributeError", "TypeError", "ValueError", "RecursionError", "KeyError")


def explains(anchor: str) -> Callable[[Predicate], Predicate]:
    """Let a predicate stand with the entry of the known differences that has this anchor."""

    def register(predicate: Predicate) -> Predicate:
        parts = _PARTS.setdefault(anchor, [])
        parts.append(predicate)
        PREDICATES[anchor] = lambda difference: any(part(difference) for part in parts)
        return predicate

    return register


def tabled(name: str) -> Callable[[Predicate], Predicate]:
    """Let a predicate stand with a table of what the reference leaves out."""

    def register(predicate: Predicate) -> Predicate:
        TABLES[name] = predicate
        return predicate

    return register


def explained(difference: Difference) -> list[str]:
    """The entries and tables that explain a difference."""
    known = PREDICATES | TABLES
    return [anchor for anchor, predicate in known.items() if predicate(difference)]


def session_id_of(step: dict[str, Any]) -> Any:
    given = step.get("given", {})
    if "session" in step:
        return step["session"]
    return decode(given["session_id"]) if "session_id" in given else None


def own_file(d: Difference) -> str | None:
    """The file that the release keeps the step's session in, in `sessions`."""
    session_id = session_id_of(d.step)
    if not isinstance(session_id, str):
        return None
    return f"sessions/{shapes.folded(session_id)}.json"


def file_before(d: Difference) -> dict[str, Any] | None:
    """The session's file as it was before the step."""
    found: dict[str, Any] | None = d.before.get(own_file(d) or "")
    return found


def is_answer(d: Difference) -> bool:
    return d.where[0] == "answer"


def file_of(d: Difference) -> str:
    return str(d.where[1]) if d.where[0] == "files" else ""


def is_in_session(d: Difference, *, lock: bool = True, aside: bool = True) -> bool:
    """Whether a difference is in the files of the step's session."""
    own = own_file(d)
    rest = file_of(d).removeprefix(own) if own and file_of(d).startswith(own) else None
    return (
        rest == ""
        or (lock and rest == ".lock")
        or (aside and rest is not None and rest.startswith(".corrupt-"))
    )


def is_lock(d: Difference) -> bool:
    return file_of(d).startswith("sessions/") and file_of(d).endswith(".json.lock")


def is_waiting(d: Difference) -> bool:
    return file_of(d).startswith("waiting/")


def is_unchanged(d: Difference, outcome: Outcome) -> bool:
    """Whether a target left the file of a difference as it was."""
    return bool(outcome.files.get(file_of(d)) == d.before.get(file_of(d)))


def at(files: dict[str, Any], where: tuple[str | int, ...]) -> Any:
    """What stands at a place of the files."""
    found: Any = files
    for key in where[1:]:
        if isinstance(found, list):
            found = found[key] if isinstance(key, int) and key < len(found) else MISSING
        else:
            found = found.get(key, MISSING) if isinstance(found, dict) else MISSING
    return found


def is_saved_aside(d: Difference) -> bool:
    """Whether the reference answered False, and put the turn where it waits."""
    is_added = d.method.startswith("add_") or "instead" in d.step
    if d.did[0].answer.get("returned") is not False or not is_added:
        return False
    return is_answer(d) or is_waiting(d) or (is_in_session(d) and is_unchanged(d, d.did[0]))


def turns_waiting(d: Difference) -> list[Any]:
    """The turns that wait for the step's session."""
    files = [each for name, each in d.before.items() if name.startswith("waiting/")]
    values = [each["value"] for each in files if isinstance(each.get("value"), dict)]
    mine = [each for each in values if each.get("session_id") == session_id_of(d.step)]
    return [message for each in mine for message in each["messages"]]
