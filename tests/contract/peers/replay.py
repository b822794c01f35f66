"""Performs drawn calls again on a store, round after round, and judges the answers.

`python -m tests.contract.peers.replay package.module:function ROUNDS` reads lists of events from
standard input and prints for each list in how many rounds an answer was wrong. Calls that a drawing
begins before an answer came begin at about the same time, since a race is one of moments.
"""

import json
import random
import sys
import tempfile
import time
from typing import Any

from reference_impl.contract.checker import TooLargeError, check
from reference_impl.contract.drawing import OTHER_CLOCKS
from reference_impl.contract.factory import Factory
from reference_impl.contract.history import Operation
from reference_impl.contract.processes import Process, Silence, step

Event = dict[str, Any]
SECONDS = 30.0
ENOUGH = 3
_LEAD = 2_000_000
_SHARED = 10


def main() -> None:
    """Replay each list of events, in one line of JSON each."""
    factory, rounds = Factory.parse(sys.argv[1]), int(sys.argv[2])
    processes: dict[str, Process] = {}
    try:
        for events in json.load(sys.stdin):
            print(json.dumps(replay(factory, processes, events, rounds)), flush=True)
    finally:
        for each in processes.values():
            each.close()


def replay(
    factory: Factory, processes: dict[str, Process], events: list[Event], rounds: int
) -> dict[str, int]:
    """In how many rounds the answers were wrong, and in how many of those exactly as drawn."""
    told = {"rounds": 0, "wrong": 0, "as_drawn": 0, "refused": 0}
    end = time.monotonic() + SECONDS
    while told["rounds"] < rounds and told["wrong"] < ENOUGH and time.monotonic() < end:
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as place:
            _open(factory, processes, {each["client"] for each in events}, place)
            # Some races need a store that holds other sessions, and some one that holds none.
            for number in range(min(_SHARED, rounds - told["rounds"])):
                try:
                    pairs = _perform(processes, events, f"chat-{number}")
                except Silence:
                    break
                told["rounds"] += 1
                history = [operation for operation, _ in pairs]
                told["wrong"] += (is_wrong := _is_wrong(history))
                told["as_drawn"] += is_wrong and all(_is_drawn(*pair) for pair in pairs)
                told["refused"] += any(each.error is not None for each in history)
                if told["wrong"] == ENOUGH:
                    break
    return told


def _open(factory: Factory, processes: dict[str, Process], clients: set[str], place: str) -> None:
    for client in clients:
        if client in processes and processes[client].alive and not processes[client].busy:
            processes[client].reopen(place)
        else:
            _, seconds = OTHER_CLOCKS.get(client, ("", None))
            processes[client] = Process(client, factory, place, seconds)
    for client in clients:
        processes[client].wait_until_ready()


def _perform(
    processes: dict[str, Process], events: list[Event], session: str
) -> list[tuple[Operation, Event]]:
    """Each call that was made, and the answer that is drawn for it."""
    done, waiting = [], []
    for number, event in enumerate(events):
        process = processes[event["client"]]
        if "method" in event:
            waiting.append((process, event))
            follows = events[number + 1 : number + 2]
            if not follows or "method" not in follows[0]:
                _start(waiting, session)
                waiting = []
        else:
            done += [(each, event) for each in process.finish()]
    return done


def _start(calls: list[tuple[Process, Event]], session: str) -> None:
    """Let calls begin, those of a group in any order within the moment that a write may take."""
    begin = time.monotonic_ns() + _LEAD
    for process, event in calls:
        at = begin + int(random.random() * 3e6) if len(calls) > 1 else None
        given, named = event["arguments"], event["named"]
        process.start([step(event["method"], session, *given, at=at, **named)])


def _is_wrong(history: list[Operation]) -> bool:
    try:
        return check(history) is not None
    except TooLargeError:
        return False


def _is_drawn(operation: Operation, event: Event) -> bool:
    if "raises" in event:
        return (operation.error or "").partition(":")[0] == event["raises"]
    return operation.error is None and operation.answer == event["answer"]


if __name__ == "__main__":
    main()
