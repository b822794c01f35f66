"""The stores, agents and bot managers behind a diagram's participants; runs on either target."""

import asyncio
import importlib
import inspect
import json
import os
import sys
import threading
import time
import urllib.request
from contextlib import AbstractContextManager, ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from executable_pages.testing.stage import Stage, failure, serve
from tests.subject import trace

try:
    import resource
except ImportError:
    resource = None  # type: ignore[assignment]

DIRECTORY = "sessions"
SESSION = "chat"
PLATFORM = "telegram"
TIMEOUT = 0.5
# The first actor is this user of a bot manager, the second the next.
FIRST_USER = 7


class Watched:
    """A session store that writes down what a bot manager or an agent asks of it."""

    def __init__(self, store: Any) -> None:
        self.store = store
        self.calls: list[dict[str, Any]] = []

    def __getattr__(self, name: str) -> Any:
        method = getattr(self.store, name)
        if not callable(method):
            return method
        signature = inspect.signature(method)

        def call(*args: Any, **kwargs: Any) -> Any:
            given = as_json(dict(signature.bind(*args, **kwargs).arguments))
            done = {
                "method": name,
                "given": given,
                "at": time.monotonic_ns(),
                "before": session_files(),
            }
            try:
                with trace.recorded() as events:
                    answer = method(*args, **kwargs)
                done["answer"] = as_json(answer)
                return answer
            except Exception as error:
                done |= failure(error)
                raise
            finally:
                self.calls.append(done | {"trace": events, "held": session_files()})

        return call


@dataclass
class Asked:
    """An agent, and the store that it takes."""

    agent: Any
    store: Watched


class Stores(Stage):
    """Stores, agents with a session, and bot managers with an agent and a watched store."""

    def __init__(self) -> None:
        super().__init__()
        self._held = ExitStack()
        self._cancels = False
        trace.install()

    def open(self, role: str, factory: str) -> Any:
        """A `store`, a `bot` with an agent, or an `agent` with the session `chat`."""
        if role == "agent":
            return _agent()
        if factory:
            module, _, function = factory.partition(":")
            store = getattr(importlib.import_module(module), function)()
        else:
            from praisonaiagents.session import DefaultSessionStore

            store = DefaultSessionStore(session_dir=DIRECTORY, lock_timeout=TIMEOUT)
        if role == "store":
            return store
        from praisonai_bot.bots import BotSessionManager
        from praisonaiagents import Agent

        watched = Watched(store)
        agent = Agent(name="Assistant", instructions="Answer in one sentence.")
        return BotSessionManager(store=watched, platform=PLATFORM), agent, watched

    def call(
        self, part: Any, caller: int, method: str, args: list[Any], kwargs: dict[str, Any]
    ) -> Any:
        """Call a bot manager as a user, or an agent, or a store with the session `chat` unless one
        is given."""
        if isinstance(part, Asked):
            ask = _cancelled_call if self._cancels else _call
            return ask(part.agent, method, *args, **kwargs)
        if isinstance(part, tuple):
            bots, agent, _ = part
            user = str(FIRST_USER + caller)
            if method == "chat":
                chat = _cancelled if self._cancels else type(bots).chat
                return asyncio.run(chat(bots, agent, user, *args, **kwargs))
            return getattr(bots, method)(*args or [user], **kwargs)
        function = getattr(part, method)
        signature = inspect.signature(function)
        if "session_id" in signature.parameters:
            try:
                signature.bind(*args, **kwargs)
            except TypeError:
                args = [SESSION, *args]
        return function(*args, **kwargs)

    def calls(self, part: Any) -> list[dict[str, Any]]:
        """What a bot manager or an agent asked of its store."""
        if isinstance(part, Asked):
            watched = part.store
        elif isinstance(part, tuple):
            watched = part[2]
        else:
            return []
        made, watched.calls = watched.calls, []
        return list(made)

    def recorded(self) -> AbstractContextManager[list[str]]:
        """Record the steps on the session's file and its lock."""
        return trace.recorded()

    def held(self) -> Any:
        """What each session file holds."""
        return session_files()

    def as_json(self, value: Any) -> Any:
        """A value as JSON has it; a session is its messages."""
        return as_json(value)

    def begin(self, condition: str) -> None:
        """Fill the disk for this process, or hold the session's lock as another that writes.

        Or let the model server refuse every request, or cancel each turn while it is answered.
        """
        if condition == "the disk is full":
            _fill_disk()
        elif condition == "the model fails":
            _tell_model(failure=400)
        elif condition == "the turn is cancelled":
            self._cancels = True
        else:
            from filelock import FileLock

            os.makedirs(DIRECTORY, exist_ok=True)
            self._held.enter_context(FileLock(os.path.join(DIRECTORY, f"{SESSION}.json.lock")))

    def end(self, condition: str) -> None:
        """Let files grow again, or let the lock go, or let turns come to their end."""
        if condition == "the disk is full":
            _free_disk()
        elif condition == "the model fails":
            _tell_model(failure=None)
        elif condition == "the turn is cancelled":
            self._cancels = False
        else:
            self._held.close()


def session_files() -> dict[str, list[Any]] | None:
    """The contents of the messages in each session file, by its name.

    None for stores elsewhere, and on Windows, where a file that somebody reads cannot be replaced.
    """
    if trace.BLIND or not os.path.isdir(DIRECTORY):
        return None
    found = {}
    with trace.unwatched():
        for path in sorted(Path(DIRECTORY).glob("[!.]*.json")):
            with suppress(FileNotFoundError, ValueError):
                messages = json.loads(path.read_text("utf-8")).get("messages", [])
                found[path.name] = [message.get("content") for message in messages]
    return found


def as_json(value: Any) -> Any:
    """A value as JSON has it; a session is its messages."""
    if hasattr(value, "get_chat_history") and hasattr(value, "messages"):
        return [message.to_llm_message() for message in value.messages]
    return json.loads(json.dumps(value, default=repr))


async def _cancelled(bots: Any, agent: Any, *args: Any, **kwargs: Any) -> Any:
    """A turn that is cancelled as soon as the agent has been asked, and before it can answer."""
    asked, cancelled, chat = threading.Event(), threading.Event(), agent.chat

    def asking(*args: Any, **kwargs: Any) -> Any:
        asked.set()
        cancelled.wait(30)
        return chat(*args, **kwargs)

    agent.chat = asking
    try:
        turn = asyncio.create_task(bots.chat(agent, *args, **kwargs))
        await asyncio.to_thread(asked.wait, 30)
        turn.cancel()
        cancelled.set()
        return await turn
    finally:
        agent.chat = chat


def _agent() -> Asked:
    """An agent of this process, whose session files are the diagram's."""
    os.environ["PRAISONAI_HOME"] = os.getcwd()
    from praisonaiagents import Agent
    from praisonaiagents.session import get_default_session_store

    store = get_default_session_store()
    if not isinstance(store, Watched):
        # Agents take the default store, which their module keeps under a name of its own.
        module = sys.modules[type(store).__module__]
        [name] = [name for name, value in vars(module).items() if value is store]
        store = Watched(store)
        setattr(module, name, store)
    memory = {"session_id": SESSION, "user_id": "alice"}
    agent = Agent(name="Assistant", instructions="Answer in one sentence.", memory=memory)
    return Asked(agent, store)


def _call(agent: Any, method: str, *args: Any, **kwargs: Any) -> Any:
    answer = getattr(agent, method)(*args, **kwargs)
    return asyncio.run(answer) if inspect.iscoroutine(answer) else answer


def _cancelled_call(agent: Any, method: str, *args: Any, **kwargs: Any) -> Any:
    """Cancel a coroutine of an agent as soon as the model has been asked, and before it answers."""

    async def cancel() -> Any:
        _tell_model(delay=30)
        before = _asked()
        turn = asyncio.create_task(getattr(agent, method)(*args, **kwargs))
        try:
            while not turn.done() and await asyncio.to_thread(_asked) == before:
                await asyncio.sleep(0.005)
            turn.cancel()
            return await turn
        finally:
            _tell_model(delay=0)

    return asyncio.run(cancel())


def _asked() -> int:
    with urllib.request.urlopen(f"{os.environ['OPENAI_BASE_URL']}/asked", timeout=10) as answer:
        return int(answer.read())


def _tell_model(**settings: float | None) -> None:
    url, body = os.environ["OPENAI_BASE_URL"], json.dumps(settings).encode()
    urllib.request.urlopen(urllib.request.Request(url, body, method="PUT"), timeout=10).close()


def _fill_disk() -> None:
    """From now on no file of this process can grow, as on a full disk."""
    if resource is None:
        trace.fill(True)
        return
    import signal

    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))


def _free_disk() -> None:
    trace.fill(False)
    if resource is not None:
        most = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))


globals().update(serve(Stores()))
