"""Load: processes of threads that do everything at once to the same sessions, and their history."""

import gc
import json
import os
import random
import sys
import threading
import time
from pathlib import Path
from typing import Any

from reference_impl import DefaultSessionStore
from reference_impl.contract.calls import operation, perform
from reference_impl.contract.checker import TooLargeError, explain
from reference_impl.contract.history import sessions
from tests.faults.result import Result

PROCESSES = 8
THREADS = 8
SESSIONS = 50
# After so many seconds everyone goes on to other sessions, or no order of a history could be found.
_GENERATION = 0.4
# Of so many histories one may have too many orders to search them all.
_DECIDED = 100
# A caller that waits so long for a lock is starved.
_PATIENCE = 30.0
# How many blocks of memory a process may hold more at its end than after its first second. The
# names that a store remembers take some 12,000, however many calls there are, and a minute has
# 20,000 calls. A list of all sessions comes and goes, so the peak says nothing.
_GROWTH = 20_000
_CALLS: list[tuple[str, int]] = [
    ("add_message", 40),
    ("get_chat_history", 30),
    ("get_working_history", 5),
    ("session_exists", 5),
    ("set_chat_history", 4),
    ("clear_session", 3),
    ("delete_session", 3),
    ("update_session_metadata", 5),
    ("list_sessions", 1),
]


def load(place: Path, seed: int, seconds: float) -> Result:
    """Load a directory, and look whether one order of the calls explains every answer."""
    result = Result("calls under load")
    begin = time.monotonic()
    pids = [_process(place, seed, number, begin, seconds) for number in range(PROCESSES)]
    ended = [os.waitpid(pid, 0)[1] for pid in pids]
    records: list[dict[str, Any]] = []
    for number, status in enumerate(ended):
        grown = json.loads((place / f"grown-{number}").read_text()) if status == 0 else {}
        _account(result, f"process {number}", status, grown)
    for path in place.glob("records-*"):
        records += map(json.loads, path.read_text().splitlines())
    clients = {each["client"] for each in records}
    if len(clients) < PROCESSES * THREADS:
        result.bad.append(f"somebody starves: {len(clients)} of all threads did anything")
    for each in records:
        result.tried += 1
        if each["error"] is not None or (each["answer"] is False and _must(each["method"])):
            result.judge(each["method"], [f"a call fails: {each['error'] or each['answer']}"])
    histories = sessions([operation(each) for each in records if each["method"] in _COUNTED])
    undecided = []
    result.kinds = dict.fromkeys(_COUNTED, 0) | {"list_sessions": 0}
    for each in records:
        result.kinds[each["method"]] += 1
    for session, history in histories.items():
        try:
            if reason := explain(history):
                result.judge(session, [f"no order explains it: {reason}"])
        except TooLargeError as error:
            undecided.append(f"{session}: {error}")
    if len(undecided) * _DECIDED > len(histories):
        result.missed += undecided
    return result


_COUNTED = {name for name, _ in _CALLS} - {"list_sessions"}


def _must(method: str) -> bool:
    return method != "session_exists"


def _account(result: Result, who: str, status: int, grown: dict[str, int]) -> None:
    wrong = []
    if status:
        wrong.append(f"a process ends with status {status}")
    if grown.get("descriptors", 0) > 0:
        wrong.append(f"descriptors leak: {grown['descriptors']}")
    if grown.get("blocks", 0) > _GROWTH:
        wrong.append(f"memory leaks: {grown['blocks']} blocks")
    for each in wrong:
        result.bad.append(f"{who}: {each}")
        result.losses[each.partition(":")[0]] += 1


def _process(place: Path, seed: int, number: int, begin: float, seconds: float) -> int:
    if pid := os.fork():
        return pid
    status = 1
    try:
        store = DefaultSessionStore(
            place / "sessions", retention="keep_all", lock_timeout=_PATIENCE
        )
        before = _used()
        threads = [
            threading.Thread(target=_work, args=(store, place, seed, (number, n), begin, seconds))
            for n in range(THREADS)
        ]
        for thread in threads:
            thread.start()
        time.sleep(min(1.0, seconds / 2))
        before["blocks"] = _used()["blocks"]
        for thread in threads:
            thread.join()
        grown = {key: value - before[key] for key, value in _used().items()}
        (place / f"grown-{number}").write_text(json.dumps(grown))
        status = 0
    finally:
        os._exit(status)


def _used() -> dict[str, int]:
    gc.collect()
    return {
        "descriptors": len(os.listdir("/proc/self/fd")),
        "blocks": sys.getallocatedblocks(),
    }


def _work(
    store: DefaultSessionStore,
    place: Path,
    seed: int,
    who: tuple[int, int],
    begin: float,
    seconds: float,
) -> None:
    client = f"p{who[0]}t{who[1]}"
    draw = random.Random(f"{seed} {client}")
    with (place / f"records-{client}").open("w") as records:
        count = 0
        while (now := time.monotonic() - begin) < seconds or count == 0:
            count += 1
            session = f"g{int(now / _GENERATION)}-s{draw.randrange(SESSIONS)}"
            if (call := _drawn(draw, f"{client}-{count}")) is not None:
                if call[0] == "update_session_metadata":
                    # It makes a session, of which the checker knows nothing.
                    session += "-metadata"
                records.write(
                    json.dumps(perform(store, client, call[0], session, *call[1:])) + "\n"
                )
                continue
            records.write(json.dumps(_listed(store, client)) + "\n")


def _listed(store: DefaultSessionStore, client: str) -> dict[str, Any]:
    """A list is no call on one session: it has to know each once, and to raise nothing."""
    error = None
    try:
        found = [each["session_id"] for each in store.list_sessions(limit=100_000)]
        if len(found) > len(set(found)):
            error = "a session is listed twice"
    except Exception as raised:
        error = f"{type(raised).__name__}: {raised}"
    return {"client": client, "method": "list_sessions", "answer": True, "error": error}


def _drawn(draw: random.Random, text: str) -> tuple[str, list[Any], dict[str, Any]] | None:
    """A call with its arguments; None is one of the list."""
    match draw.choices([name for name, _ in _CALLS], [weight for _, weight in _CALLS])[0]:
        case "add_message":
            return "add_message", ["user", text], {}
        case "set_chat_history":
            messages = [{"role": "user", "content": f"{text}-{n}"} for n in range(2)]
            return "set_chat_history", [messages], {}
        case "update_session_metadata":
            return "update_session_metadata", [], {"plan": text}
        case "get_chat_history" if draw.random() < 0.2:
            return "get_chat_history", [], {"max_messages": draw.randint(1, 3)}
        case "list_sessions":
            return None
        case method:
            return method, [], {}
