"""What is measured; runs in a worker process, under either target."""

import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from praisonaiagents.session import DefaultSessionStore

TEXT = "x" * 160
store = DefaultSessionStore("sessions", retention="keep_all", lock_timeout=60)


def prepare(count: int) -> None:
    """Make a session of `count` messages of 160 characters."""
    history = [{"role": "user", "content": TEXT} for _ in range(count)]
    assert store.set_chat_history(f"n{count}", history) is True


def _median(call: Callable[[], Any], seconds: float) -> float:
    times, end = [], time.perf_counter() + seconds
    while len(times) < 5 or time.perf_counter() < end:
        began = time.perf_counter()
        call()
        times.append(time.perf_counter() - began)
    return statistics.median(times)


def read(count: int, seconds: float) -> float:
    """The median time of a read, in seconds."""
    return _median(lambda: store.get_chat_history(f"n{count}"), seconds)


def append(count: int, seconds: float) -> float:
    """The median time of an append, in seconds."""
    return _median(lambda: store.add_user_message(f"n{count}", TEXT), seconds)


def append_many(count: int) -> list[float]:
    """The time of each of many appends to one session that others write too."""
    times = []
    for _ in range(count):
        began = time.perf_counter()
        assert store.add_user_message("crowd", TEXT) is True
        times.append(time.perf_counter() - began)
    return times


def write_until(stop: str) -> int:
    """Append in a tight loop until a file appears, and say how often."""
    count = 0
    while not Path(stop).exists():
        store.add_user_message("busy", TEXT)
        count += 1
    return count


def waits(count: int) -> list[float]:
    """The time of each read beside a busy writer."""
    times = []
    for _ in range(count):
        time.sleep(0.05)
        began = time.perf_counter()
        store.get_chat_history("busy")
        times.append(time.perf_counter() - began)
    return times
