"""The process of a `processes.Worker`: it answers calls, one JSON line each.

Hundreds of them start in a run, so it imports as little as it can.
"""

import importlib
import json
import os
import time
import traceback
from typing import Any


def load(program: str) -> dict[str, Any]:
    """The names of a program: source text, or the dotted name of a module."""
    if program.isidentifier() or program.replace(".", "").isidentifier():
        return vars(importlib.import_module(program))
    names: dict[str, Any] = {"__name__": "__worker__"}
    exec(compile(program, "<worker>", "exec"), names)
    return names


def serve() -> None:
    """Answer calls until there is no more input."""
    # A program that reads or prints must not break the conversation, so its streams move.
    requests = os.fdopen(os.dup(0), encoding="utf-8")
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    with open(os.devnull, encoding="utf-8") as nothing:
        os.dup2(nothing.fileno(), 0)
    os.dup2(2, 1)
    names: dict[str, Any] = {}
    for line in requests:
        request = json.loads(line)
        started = time.monotonic_ns()
        reply: dict[str, Any] = {"value": None}
        try:
            if request["call"] == "__load__":
                names = load(*request["args"])
            else:
                reply["value"] = names[request["call"]](*request["args"], **request["kwargs"])
            reply |= {"started": started, "ended": time.monotonic_ns()}
            text = json.dumps(reply)
        except BaseException as error:
            reply = {"started": started, "ended": time.monotonic_ns()}
            trace = traceback.format_exc()
            kind = type(error).__name__
            text = json.dumps(
                reply | {"error": {"kind": kind, "message": str(error), "trace": trace}}
            )
        answers.write(text + "\n")
        answers.flush()


if __name__ == "__main__":
    serve()
