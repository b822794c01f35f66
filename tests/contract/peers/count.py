"""Four processes append to one session: what was answered, and what is there in the end.

The shortest program that shows whether a store loses writes, without the contract:
`python -m tests.contract.peers.count package.module:function`. It prints one line of JSON.
"""

import asyncio
import importlib
import inspect
import json
import multiprocessing
import sys
import warnings
from collections import Counter
from typing import Any

WRITERS, APPENDS = 4, 100
_barrier: Any = None


def run(runner: asyncio.Runner, value: Any) -> Any:
    """The value, or what the coroutine returns."""
    return runner.run(value) if inspect.iscoroutine(value) else value


def open_store(factory: str) -> Any:
    """One more client of the store that `module:function` opens."""
    warnings.simplefilter("ignore")
    module, _, name = factory.partition(":")
    return getattr(importlib.import_module(module), name)()


def wait(barrier: Any) -> None:
    """Remember what all writers of a run wait at, so that none is done before the last begins."""
    global _barrier
    _barrier = barrier


def write(factory: str, number: int) -> list[tuple[str, str]]:
    """Append a hundred messages; each with the answer, or the name of the error."""
    told = []
    with asyncio.Runner() as runner:
        store = open_store(factory)
        _barrier.wait(60)
        for count in range(APPENDS):
            text = f"{number}-{count}"
            try:
                answer = str(run(runner, store.add_message("count", "user", text)))
            except Exception as error:
                answer = type(error).__name__
            told.append((text, answer))
    return told


def main() -> None:
    """Write, read, and print what became of each message."""
    factory = sys.argv[1]
    with asyncio.Runner() as runner:
        # The first message makes files and tables, which is not what is counted.
        run(runner, open_store(factory).add_message("count", "user", "first"))
    context = multiprocessing.get_context("spawn")
    with context.Pool(WRITERS, wait, (context.Barrier(WRITERS),)) as pool:
        done = pool.starmap(write, [(factory, number) for number in range(WRITERS)], 1)
    answers = dict(each for one in done for each in one)
    try:
        with asyncio.Runner() as runner:
            history = run(runner, open_store(factory).get_chat_history("count"))
        there = {message["content"] for message in history}
        unreadable = ""
    except Exception as error:
        there, unreadable = set(), type(error).__name__
    saved = {text for text, answer in answers.items() if answer == "True"}
    errors = Counter(answer for answer in answers.values() if answer != "True")
    print(
        json.dumps(
            {
                "acknowledged": len(saved),
                "kept": len(saved & there),
                "lost": len(saved - there),
                "refused": len(answers) - len(saved),
                "errors": dict(errors.most_common(3)),
                "unreadable": unreadable,
            }
        )
    )


if __name__ == "__main__":
    main()
