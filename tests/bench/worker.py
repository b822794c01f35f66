"""What is measured; runs in a process of its own, on any store."""

import asyncio
import contextlib
import importlib
import inspect
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

TEXT = "x" * 160

_runner = asyncio.Runner()
_store: Any = None


def open_store(factory: str) -> None:
    """Open the store that `module:function` names."""
    global _store
    module, _, name = factory.partition(":")
    _store = getattr(importlib.import_module(module), name)()


def prepare(name: str, count: int) -> None:
    """Make a session of `count` messages of 160 characters."""
    history = [{"role": "user", "content": TEXT} for _ in range(count)]
    for method in ("fill", "set_chat_history"):
        if hasattr(_store, method):
            _call(method, name, history)
            return
    _call("clear_session", name)
    for message in history:
        _call("add_message", name, message["role"], message["content"])


def read(name: str, seconds: float) -> list[float]:
    """The times of reads of the whole history, in seconds."""
    return _times(lambda: _call("get_chat_history", name), seconds)


def append(name: str, seconds: float) -> list[float]:
    """The times of appends, in seconds."""
    return _times(lambda: _call("add_message", name, "user", TEXT), seconds)


def append_many(name: str, count: int) -> list[float]:
    """The times of a number of appends, to a session that others may write too."""
    return [_time(lambda: _patiently("add_message", name, "user", TEXT)) for _ in range(count)]


def write_until(name: str, stop: str, limit: int) -> list[float]:
    """Append in a tight loop until a file appears, to a session that stays short."""
    times: list[float] = []
    while not Path(stop).exists():
        if len(times) % limit == limit - 1:
            prepare(name, limit)
        times.append(_time(lambda: _patiently("add_message", name, "user", TEXT)))
    return times


def read_beside(name: str, count: int, seconds: float) -> list[float]:
    """The times of reads beside a busy writer; one that gave up counts as long as it waited."""
    times: list[float] = []
    end = time.perf_counter() + seconds
    while not times or (len(times) < count and time.perf_counter() < end):
        time.sleep(0.005)
        times.append(_time(lambda: _patiently("get_chat_history", name)))
    return times


def prepare_many(count: int) -> None:
    """Make many sessions of one message; every hundredth belongs to the agent "Rare"."""
    for number in range(count):
        name = f"many-{number:05}"
        _call("add_message", name, "user", TEXT)
        _call("set_agent_info", name, "Rare" if number % 100 == 0 else "Common")


def list_all(count: int, seconds: float) -> list[float]:
    """The times of listing `count` sessions."""
    assert len(_call("list_sessions", count)) == count
    return _times(lambda: _call("list_sessions", count), seconds, least=1)


def find_by_agent(count: int, seconds: float) -> list[float]:
    """The times of finding the sessions of one agent in a hundred."""
    assert len(_call("get_sessions_by_agent", "Rare", count)) == -(-count // 100)
    return _times(lambda: _call("get_sessions_by_agent", "Rare", count), seconds, least=1)


def _patiently(method: str, *arguments: Any) -> None:
    # A store that gives up, or falls over another writer, has taken its time all the same.
    with contextlib.suppress(Exception):
        _call(method, *arguments)


def _call(method: str, *arguments: Any) -> Any:
    answer = getattr(_store, method)(*arguments)
    return _runner.run(answer) if inspect.iscoroutine(answer) else answer


def _times(call: Callable[[], Any], seconds: float, least: int = 3) -> list[float]:
    times: list[float] = []
    end = time.perf_counter() + seconds
    while len(times) < least or time.perf_counter() < end:
        times.append(_time(call))
    return times


def _time(call: Callable[[], Any]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began
