"""The real parts behind a diagram's participants; runs in a worker process, on either target."""

import asyncio
import importlib
import inspect
import os
import signal
from contextlib import ExitStack
from typing import Any

from tests.support.diagrams import trace

DIRECTORY = "sessions"
SESSION = "chat"
PLATFORM = "telegram"
USER = "7"
TIMEOUT = 0.5

_parts: dict[str, Any] = {}
_held = ExitStack()


class Watched:
    """A session store that writes down what a bot manager asks of it."""

    def __init__(self, store: Any) -> None:
        self.store = store
        self.calls: list[dict[str, Any]] = []

    def __getattr__(self, name: str) -> Any:
        method = getattr(self.store, name)
        if not callable(method):
            return method

        def call(*args: Any, **kwargs: Any) -> Any:
            answer = method(*args, **kwargs)
            self.calls.append({"method": name, "args": list(args), "answer": plain(answer)})
            return answer

        return call


def make(name: str, kind: str, factory: str) -> None:
    """Make the part of a participant: a `store`, or a `bot` with an agent."""
    if factory:
        module, _, function = factory.partition(":")
        store = getattr(importlib.import_module(module), function)()
    else:
        from praisonaiagents.session import DefaultSessionStore

        store = DefaultSessionStore(session_dir=DIRECTORY, lock_timeout=TIMEOUT)
    if kind == "store":
        _parts[name] = store
        return
    from praisonai_bot.bots import BotSessionManager
    from praisonaiagents import Agent

    watched = Watched(store)
    agent = Agent(name="Assistant", instructions="Answer in one sentence.")
    _parts[name] = BotSessionManager(store=watched, platform=PLATFORM), agent, watched


def perform(name: str, method: str, args: list[Any], kwargs: dict[str, Any]) -> dict[str, Any]:
    """Call a method of a part and return its answer or error, and the trace of the call."""
    with trace.recorded() as events:
        try:
            done = {"answer": plain(_call(_parts[name], method, args, kwargs))}
        except Exception as error:
            kinds = [kind.__name__ for kind in type(error).__mro__]
            done = {"raises": kinds, "message": str(error)}
    if isinstance(_parts[name], tuple):
        watched = _parts[name][2]
        done["calls"], watched.calls = watched.calls, []
    return done | {"trace": list(events)}


def _call(part: Any, method: str, args: list[Any], kwargs: dict[str, Any]) -> Any:
    if isinstance(part, tuple):
        bots, agent, _ = part
        if method == "chat":
            return asyncio.run(bots.chat(agent, USER, *args, **kwargs))
        return getattr(bots, method)(*args or [USER], **kwargs)
    function = getattr(part, method)
    if "session_id" in inspect.signature(function).parameters:
        try:
            inspect.signature(function).bind(*args, **kwargs)
        except TypeError:
            args = [SESSION, *args]
    return function(*args, **kwargs)


def plain(value: Any) -> Any:
    """A value as JSON has it."""
    if hasattr(value, "get_chat_history") and hasattr(value, "messages"):
        return [message.to_llm_message() for message in value.messages]
    return value


def fill_disk() -> None:
    """From now on no file of this process can grow, as on a full disk."""
    import resource

    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))


def free_disk() -> None:
    """Files can grow again."""
    import resource

    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


def hold_lock() -> None:
    """Hold the session's lock, as another process that is writing."""
    from filelock import FileLock

    os.makedirs(DIRECTORY, exist_ok=True)
    _held.enter_context(FileLock(os.path.join(DIRECTORY, f"{SESSION}.json.lock")))


def free_lock() -> None:
    """Let the lock go."""
    _held.close()
