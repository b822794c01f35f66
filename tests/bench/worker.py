"""What is measured; runs in a process of its own, on any store."""

import asyncio
import contextlib
import importlib
import inspect
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.bench.copies import Copied

TEXT = "x" * 160

_runner = asyncio.Runner()
_store: Any = None


def open_store(factory: str, copied: bool = False) -> None:
    """Open the store that `module:function` names; `copied`: its sessions are made as copies."""
    global _store
    if copied:
        _store = Copied(factory)
        return
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


def join(name: str) -> None:
    """Use a session that another process has made."""
    if hasattr(_store, "join"):
        _call("join", name)


def place(name: str) -> str:
    """The directory of a session that was made as a copy."""
    return str(_store.place(name))


def read(name: str, seconds: float) -> list[float]:
    """The times of reads of the whole history, in seconds."""
    return _times(lambda: _call("get_chat_history", name), seconds)


def append(name: str, count: int, seconds: float) -> list[float]:
    """The times of appends to a session of `count` messages.

    It is made anew whenever it has grown by a tenth, or by the one message that it may, and in the
    end. The making is not timed, but is part of the `seconds` that all may take.
    """
    times: list[float] = []
    may_grow = max(1, count // 10)
    end = time.perf_counter() + seconds
    while len(times) < 3 or time.perf_counter() < end:
        if times and len(times) % may_grow == 0:
            prepare(name, count)
        times.append(_time(lambda: _call("add_message", name, "user", TEXT)))
    prepare(name, count)
    return times


def append_many(name: str, writer: int, count: int) -> dict[str, Any]:
    """The `times` of a number of appends, to a session that others may write too.

    `saved` are the texts of those that the store has acknowledged.
    """
    times, saved = [], []
    for number in range(count):
        text = f"{writer}-{number} ".ljust(len(TEXT), "x")
        began = time.perf_counter()
        answer = _patiently("add_message", name, "user", text)
        times.append(time.perf_counter() - began)
        if answer is not False:
            saved.append(text)
    return {"times": times, "saved": saved}


def missing(name: str, texts: list[str]) -> int:
    """How many of the texts are not in a session; all of them, when it cannot be read."""
    try:
        there = {message["content"] for message in _call("get_chat_history", name)}
    except Exception:
        return len(texts)
    return len(set(texts) - there)


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


def _patiently(method: str, *arguments: Any) -> Any:
    # A store that gives up, or falls over another writer, has taken its time all the same.
    with contextlib.suppress(Exception):
        return _call(method, *arguments)
    return False


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
