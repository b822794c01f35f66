"""What is measured; runs in a worker process, under either target."""

import contextlib
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from praisonaiagents.session import DefaultSessionStore

TEXT = "x" * 160
store = DefaultSessionStore("sessions", retention="keep_all", lock_timeout=60)
# A session that does not grow under a writer, in a store that waits as long as by default.
steady = DefaultSessionStore("sessions", max_messages=100)


def prepare(name: str, count: int) -> None:
    """Make a session of `count` messages of 160 characters."""
    history = [{"role": "user", "content": TEXT} for _ in range(count)]
    assert store.set_chat_history(name, history) is True


def read(name: str, seconds: float) -> list[float]:
    """The times of reads of the whole history, in seconds."""
    return _times(lambda: store.get_chat_history(name), seconds)


def append(name: str, seconds: float) -> list[float]:
    """The times of appends, in seconds."""
    return _times(lambda: store.add_user_message(name, TEXT), seconds)


def _times(call: Callable[[], Any], seconds: float) -> list[float]:
    times: list[float] = []
    end = time.perf_counter() + seconds
    while len(times) < 3 or time.perf_counter() < end:
        times.append(_time(call))
    return times


def _time(call: Callable[[], Any]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def append_many(name: str, count: int) -> list[float]:
    """The times of a number of appends to a session that others write too."""
    return [_time(lambda: store.add_user_message(name, TEXT)) for _ in range(count)]


def write_until(name: str, stop: str) -> None:
    """Append in a tight loop until a file appears."""
    while not Path(stop).exists():
        steady.add_user_message(name, TEXT)


def wait(name: str, count: int, seconds: float) -> list[float]:
    """The times of reads beside a busy writer; one that gave up counts as long as it waited."""

    def patient() -> None:
        with contextlib.suppress(OSError):
            steady.get_chat_history(name)

    times: list[float] = []
    end = time.perf_counter() + seconds
    while not times or (len(times) < count and time.perf_counter() < end):
        time.sleep(0.02)
        times.append(_time(patient))
    return times
