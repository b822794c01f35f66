"""The real parts behind a diagram's participants; runs in a worker process, on either target."""

import asyncio
import importlib
import inspect
import json
import os
import time
from contextlib import ExitStack
from typing import Any

from tests.pages.diagrams import trace

try:
    import resource
except ImportError:
    resource = None  # type: ignore[assignment]

DIRECTORY = "sessions"
SESSION = "chat"
PLATFORM = "telegram"
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
        signature = inspect.signature(method)

        def call(*args: Any, **kwargs: Any) -> Any:
            given = plain(dict(signature.bind(*args, **kwargs).arguments))
            done = {"method": name, "given": given, "at": time.monotonic_ns()}
            try:
                with trace.recorded() as events:
                    answer = method(*args, **kwargs)
                done["answer"] = plain(answer)
                return answer
            except Exception as error:
                done |= _error(error)
                raise
            finally:
                self.calls.append(done | {"trace": events})

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


def forget(name: str) -> None:
    """Let a participant's part go."""
    del _parts[name]


def perform(
    name: str, user: str, method: str, args: list[Any], kwargs: dict[str, Any]
) -> dict[str, Any]:
    """Call a method of a part and return its answer or error, and the trace of the call.

    `user` is who speaks to a bot manager.
    """
    with trace.recorded() as events:
        try:
            done = {"answer": plain(_call(_parts[name], user, method, args, kwargs))}
        except Exception as error:
            done = _error(error)
    if isinstance(_parts[name], tuple):
        watched = _parts[name][2]
        done["calls"], watched.calls = watched.calls, []
    return done | {"trace": events}


def _error(error: Exception) -> dict[str, Any]:
    return {"raises": [kind.__name__ for kind in type(error).__mro__], "message": str(error)}


def _call(part: Any, user: str, method: str, args: list[Any], kwargs: dict[str, Any]) -> Any:
    if isinstance(part, tuple):
        bots, agent, _ = part
        if method == "chat":
            return asyncio.run(bots.chat(agent, user, *args, **kwargs))
        return getattr(bots, method)(*args or [user], **kwargs)
    function = getattr(part, method)
    signature = inspect.signature(function)
    if "session_id" in signature.parameters:
        try:
            signature.bind(*args, **kwargs)
        except TypeError:
            args = [SESSION, *args]
    return function(*args, **kwargs)


def plain(value: Any) -> Any:
    """A value as JSON has it."""
    if hasattr(value, "get_chat_history") and hasattr(value, "messages"):
        return [message.to_llm_message() for message in value.messages]
    return json.loads(json.dumps(value, default=repr))


def fill_disk() -> None:
    """From now on no file of this process can grow, as on a full disk."""
    if resource is None:
        trace.fill(True)
        return
    import signal

    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))


def free_disk() -> None:
    """Files can grow again."""
    trace.fill(False)
    if resource is not None:
        most = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))


def hold_lock() -> None:
    """Hold the session's lock, as another process that is writing."""
    from filelock import FileLock

    os.makedirs(DIRECTORY, exist_ok=True)
    _held.enter_context(FileLock(os.path.join(DIRECTORY, f"{SESSION}.json.lock")))


def free_lock() -> None:
    """Let the lock go."""
    _held.close()


trace.install()
