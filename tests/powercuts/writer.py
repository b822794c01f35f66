"""`python -m tests.powercuts.writer`: the process that writes, and the one that reads afterwards.

Its arguments are `begin`, `write` or `read`, a store as `module:function`, and the file of
what was acknowledged: an instant of the monotonic clock for each message, eight bytes long.
"""

import importlib
import json
import os
import struct
import sys
import time
from pathlib import Path

# The release keeps a hundred messages of a session by default, and a turn is long by then.
IN_A_SESSION = 25
OF_FIRST = struct.Struct("d")
# A session that is old and goes on: what it held at first has been on the disk for long.
OLD, SAFE = "old", [f"safe-{number}" for number in range(20)]


def session(number: int) -> str:
    """The session of a message."""
    return f"s-{number // IN_A_SESSION}"


def write(store: object, log: Path, until: str) -> None:
    """Add messages and note when each was acknowledged, until there is a file of that name."""
    number = 0
    with log.open("ab", buffering=0) as noted:
        while not os.path.exists(until):
            if store.add_message(session(number), "user", f"m-{number}") is not True:  # type: ignore[attr-defined]
                raise SystemExit(f"message {number} was not stored")
            noted.write(OF_FIRST.pack(time.monotonic()))
            if number % 10 == 0 and number < 600:
                store.add_message(OLD, "user", f"later-{number}")  # type: ignore[attr-defined]
            number += 1
            time.sleep(0.002)


def read(store: object, count: int) -> dict[str, object]:
    """What each session holds, or the words of the error."""
    found: dict[str, object] = {}
    for name in [OLD, *dict.fromkeys(session(number) for number in range(count))]:
        try:
            history = store.get_chat_history(name)  # type: ignore[attr-defined]
            found[name] = [each["content"] for each in history]
        except Exception as error:
            found[name] = f"{type(error).__name__}: {error}"
    return found


def main() -> None:
    """Write or read."""
    what, factory, log, *more = sys.argv[1:]
    module, function = factory.split(":")
    store = getattr(importlib.import_module(module), function)()
    if what == "begin":
        for text in SAFE:
            store.add_message(OLD, "user", text)
    elif what == "write":
        write(store, Path(log), *more)
    else:
        json.dump(read(store, int(more[0])), sys.stdout)


if __name__ == "__main__":
    main()
