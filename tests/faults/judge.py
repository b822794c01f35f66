"""What has to hold of a directory after a crash or a power cut."""

import shutil
from pathlib import Path
from typing import Any

from tests.faults.cases import SECRET, Prepared, names


def complaints(prepared: Prepared, place: Path, *, is_done: bool) -> list[str]:
    """What a user would have to complain of; `is_done` when the call had answered True."""
    again = place.with_name(f"{place.name}-again")
    shutil.copytree(place, again)
    found = []
    for look in (_next, _deletion):
        try:
            found += look(prepared, place, is_done)
        except Exception as error:
            found.append(f"the next process fails: {type(error).__name__}: {error}")
        shutil.rmtree(place)
        if again.exists():
            # Under its own path, which stands in what waits to be folded in.
            again.rename(place)
    return found


def state(prepared: Prepared, found: Any, *, is_done: bool) -> list[str]:
    """Whether a reader finds the session as it was or as it is to be."""
    if found == prepared.after or (found in prepared.before and not is_done):
        return []
    told = f"{found['exists']}, {[each['content'] for each in found['history']]}"
    if is_done:
        return [f"what was acknowledged is lost: {told}"]
    return [f"neither the old nor the new session: {told}"]


def _next(prepared: Prepared, place: Path, is_done: bool) -> list[str]:
    case = prepared.case
    store = case.open(place)
    found = case.observe(store)
    wrong = state(prepared, found, is_done=is_done)
    if case.kept and not any(case.kept in data for data in _contents(place).values()):
        wrong.append("the bytes that were to be set aside are gone")
    if store.add_user_message(case.session, "next secret") is not True:
        wrong.append("the next write fails")
    if case.open(place).get_chat_history(case.session)[-1]["content"] != "next secret":
        wrong.append("the next message is not read")
    if [each["session_id"] for each in store.list_sessions()].count(case.session) < 1:
        wrong.append("the session is not listed")
    if left := names(place) - prepared.names:
        wrong.append(f"left behind: {sorted(left)}")
    return wrong


def _deletion(prepared: Prepared, place: Path, is_done: bool) -> list[str]:
    store = prepared.case.open(place)
    wrong = []
    if store.delete_session(prepared.case.session) is not True:
        wrong.append("it cannot be deleted")
    if store.session_exists(prepared.case.session):
        wrong.append("it is there after its deletion")
    holds = [name for name, data in _contents(place).items() if SECRET.encode() in data]
    if holds:
        wrong.append(f"a deleted conversation is on the disk: {sorted(holds)}")
    return wrong


def _contents(place: Path) -> dict[str, bytes]:
    return {str(p.relative_to(place)): p.read_bytes() for p in place.rglob("*") if p.is_file()}
