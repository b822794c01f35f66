"""Finds out which calls stop an event loop: while they wait for a lock, and for a model.

Nothing is timed. What a call waits for is let go by the loop itself: a loop that stands still never
lets go, and the call gives up. It runs in a process of its own on either target.
"""

import asyncio
import json
import os
import sys
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import redirect_stdout, suppress
from typing import Any

from tests.subject.model_server import ModelServer

# A loop that goes on lets go after the first, and one that stands still is waited for so long.
SOON, LATE = 0.3, 1.5
STANDS, GOES_ON = "stands still", "goes on"


class Gate:
    """Does something before the model answers an agent of a session, which has to be open."""

    def __init__(self, before: Callable[[], object]) -> None:
        self.before, self.is_reached = before, False

    def __call__(self) -> None:
        self.is_reached = True
        self.before()


class Requests(list[Any]):
    """Requests of a model server, each of which passes the gate of its session."""

    def __init__(self) -> None:
        self.gates: dict[str, Gate] = {}

    def append(self, item: Any) -> None:
        told = item["messages"][0]["content"]
        for session, gate in list(self.gates.items()):
            if f"{session}." in told:
                gate()


class Parts:
    """A store, an agent and a bot manager of one session."""

    def __init__(self, name: str, gates: dict[str, Gate]) -> None:
        from filelock import FileLock
        from praisonai_bot.bots import BotSessionManager
        from praisonaiagents import Agent
        from praisonaiagents.session import DefaultSessionStore, get_default_session_store

        self.session, self.gates = f"bot_telegram_{name}", gates
        default = get_default_session_store()
        # The release reads it at each call. The agents of the reference wait for longer.
        default.lock_timeout = LATE
        self.store = DefaultSessionStore(default.session_dir, lock_timeout=LATE)
        path = os.path.join(default.session_dir, f"{self.session}.json.lock")
        self.lock = FileLock(path, thread_local=False)
        told = f"Be brief in {self.session}."
        memory = {"session_id": self.session, "user_id": "alice"}
        self.agent = Agent(name="Helper", instructions=told, memory=memory)
        self.agent.chat("Hello")
        bots = BotSessionManager(store=self.store, platform="telegram")
        agent = Agent(name="Bot", instructions=told)
        self.bot_chat = lambda: bots.chat(agent, name, "last")


Call = Callable[[Parts], Awaitable[Any]]


async def _add(parts: Parts) -> None:
    parts.store.add_message(parts.session, "user", "last")


async def _read(parts: Parts) -> None:
    parts.store.get_chat_history(parts.session)


async def _chat(parts: Parts) -> None:
    parts.agent.chat("last")


CALLS: dict[str, Call] = {
    "`store.add_message(...)`": _add,
    "`store.get_chat_history(...)`": _read,
    "`agent.chat(...)`": _chat,
    "`await agent.achat(...)`": lambda parts: parts.agent.achat("last"),
    "`await bots.chat(...)`": lambda parts: parts.bot_chat(),
    "`await asyncio.to_thread(store.add_message, ...)`": lambda parts: asyncio.to_thread(
        parts.store.add_message, parts.session, "user", "last"
    ),
    "`await asyncio.to_thread(agent.chat, ...)`": lambda parts: asyncio.to_thread(
        parts.agent.chat, "last"
    ),
}


async def _beside(call: Call, parts: Parts, has_begun: Callable[[], object], end: Any) -> str:
    """Whether a loop goes on while a call in it waits for something that the loop ends."""
    has_ended = False

    async def let_go() -> None:
        nonlocal has_ended
        while not has_begun():
            await asyncio.sleep(0.005)
        await asyncio.sleep(SOON)
        end()
        has_ended = True

    letting = asyncio.create_task(let_go())
    await asyncio.sleep(0)
    with suppress(OSError):
        await call(parts)
    went_on = has_ended
    await letting
    return GOES_ON if went_on else STANDS


async def _lock_before(call: Call, parts: Parts) -> str:
    """The lock is held when the call begins."""
    parts.lock.acquire()
    return await _beside(call, parts, lambda: True, parts.lock.release)


async def _lock_after(call: Call, parts: Parts) -> str:
    """The lock is held when the model has answered."""
    gate = parts.gates[parts.session] = Gate(parts.lock.acquire)
    return await _beside(call, parts, lambda: gate.is_reached, parts.lock.release)


async def _model(call: Call, parts: Parts) -> str:
    """The model takes its time."""
    may_answer = threading.Event()
    gate = parts.gates[parts.session] = Gate(lambda: may_answer.wait(LATE))
    return await _beside(call, parts, lambda: gate.is_reached, may_answer.set)


WAYS = (_lock_before, _lock_after, _model)


def live() -> dict[str, list[str]]:
    """What a loop does during each call: before and after the model is asked, and meanwhile."""
    with ModelServer() as server, ThreadPoolExecutor(32) as pool:
        os.environ |= server.environment
        server.requests = requests = Requests()

        def lived(name: str, way: Callable[[Call, Parts], Awaitable[str]]) -> str:
            user = f"{list(CALLS).index(name)}{way.__name__}".replace("_", "-")
            return asyncio.run(way(CALLS[name], Parts(user, requests.gates)))  # type: ignore[arg-type]

        running = {
            name: [pool.submit(lived, name, way) for way in WAYS[: 1 if "store." in name else 3]]
            for name in CALLS
        }
        return {name: [each.result() for each in ways] for name, ways in running.items()}


if __name__ == "__main__":
    with redirect_stdout(sys.stderr):
        seen = live()
    print(json.dumps(seen))
