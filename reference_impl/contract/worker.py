"""The other processes: each opens the store anew and makes the calls that it is told."""

import contextlib
import json
import os
import queue
import sys
import threading
import time
from typing import Any, TextIO

from reference_impl.contract.calls import perform
from reference_impl.contract.factory import DIRECTORY, Factory, FactoryError
from reference_impl.contract.loop import Loop


def main() -> None:
    """Read one order a line from standard input until it ends, and answer each."""
    # A store that prints must not break the conversation, so standard output moves away.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    client, module, attribute, file, seconds = json.loads(sys.stdin.readline())
    clock: Any = None if seconds is None else _clock(seconds)
    factory, store, settle = Factory(module, attribute, file), None, Loop()
    orders: queue.Queue[dict[str, Any] | None] = queue.Queue()
    enough = threading.Event()
    threading.Thread(target=_listen, args=(orders, enough), daemon=True).start()
    while (order := orders.get()) is not None:
        if "open" in order:
            _close(store, settle)
            store, settle = None, Loop()
            os.environ.update(order["way"])
            if order["open"] is not None:
                os.environ[DIRECTORY] = order["open"]
            try:
                store = factory.open(settle)
            except FactoryError as error:
                _say(answers, {"broken": str(error)})
                return
            _say(answers, {"ready": os.getpid()})
            continue
        if "limit_files" in order:
            _limit_files(order["limit_files"])
        elif "clock" in order:
            clock.seconds = order["clock"]
        elif "pauses" in order:
            with _pauses(order["pauses"], answers) as pauses:
                _run(store, client, order, enough, answers, settle)
            _say(answers, {"calls": pauses.calls})
        else:
            _run(store, client, order, enough, answers, settle)
        _say(answers, {"done": True})


def _clock(seconds: float) -> Any:
    # Few clauses move it, and the others leave the process as it is.
    from reference_impl.contract.clock import Clock

    return Clock(seconds)


def _pauses(places: tuple[int, int], answers: TextIO) -> Any:
    from reference_impl.contract.pauses import Pauses

    first, again = places
    return Pauses(first, again, lambda message: _say(answers, message))


def _close(store: Any, settle: Loop) -> None:
    if callable(close := getattr(store, "close", None)):
        with contextlib.suppress(Exception):
            settle(close())
    settle.close()


def _listen(orders: "queue.Queue[dict[str, Any] | None]", enough: threading.Event) -> None:
    """Take orders in while the store is busy, since "enough" ends a loop."""
    for line in sys.stdin:
        order = json.loads(line)
        if order == "enough":
            enough.set()
        else:
            enough.clear()
            orders.put(order)
    enough.set()
    orders.put(None)


def _say(answers: TextIO, message: dict[str, Any]) -> None:
    answers.write(json.dumps(message) + "\n")
    answers.flush()


def _limit_files(size: int) -> None:
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size if size >= 0 else hard, hard))


def _run(
    store: Any,
    client: str,
    order: dict[str, Any],
    enough: threading.Event,
    answers: TextIO,
    settle: Loop,
) -> None:
    steps, until = order["steps"], order["until"]
    records = []

    def over() -> bool:
        return enough.is_set() or (until is not None and time.monotonic_ns() >= until)

    while True:
        for step in steps:
            _wait(step["at"])
            record = perform(
                store,
                client,
                step["method"],
                step["session"],
                step["arguments"],
                step["named"],
                settle,
            )
            if order["brief"]:
                record["answer"] = None
            if order["stream"]:
                _say(answers, {"record": record})
            else:
                records.append(record)
            if over():
                break
            if order["rest"]:
                time.sleep(order["rest"])
        if over() or not order["loop"]:
            break
    for record in records:
        answers.write(json.dumps({"record": record}) + "\n")


def _wait(at: int | None) -> None:
    """Sleep until shortly before an instant, then spin, so that processes start together."""
    while at is not None and (left := at - time.monotonic_ns()) > 0:
        if left > 2_000_000:
            time.sleep((left - 1_000_000) / 1e9)


if __name__ == "__main__":
    main()
