"""One conversation per user of a bot, kept in a session store and read from it every time."""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any, ClassVar, Protocol, TypeVar
from weakref import WeakValueDictionary

from reference_impl.agent import Message, require_saved
from reference_impl.protocol import SessionStoreProtocol

T = TypeVar("T")


class ChatAgent(Protocol):
    """What a bot manager needs of an agent."""

    chat_history: list[Message]

    def chat(self, prompt: str, /) -> str:
        """Answer in the light of `chat_history`, and add both turns to it."""
        ...


class BotSessionManager:
    """Gives each user of a shared agent a conversation of their own.

    The store is believed every time, an empty history included: a conversation that another
    process cleared is gone. An error of the store is raised, before the model is asked where
    the history could not be read; no older copy stands in for it.

    New turns are appended. Rewriting the whole history, in one step or by clear and append,
    would drop what another process added meanwhile, and a reader could meet an empty history.

    Args:
        max_history: The most messages of the past that the agent is given, the newest ones,
            beside a leading summary. 0 gives it all. What is kept on disk is the store's to
            limit.
        store: Any session store; None keeps conversations in this process alone.
        platform: Part of every session id, such as "telegram".
    """

    # Shared by all managers: two bots may use one agent, and its history is swapped.
    _agent_locks: ClassVar[WeakValueDictionary[int, asyncio.Lock]] = WeakValueDictionary()

    def __init__(
        self,
        max_history: int = 100,
        store: SessionStoreProtocol | None = None,
        platform: str = "",
    ) -> None:
        self._max_history = max_history
        self._store = store
        self._platform = platform
        self._histories: dict[str, list[Message]] = {}
        self._user_locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def chat(self, agent: ChatAgent, user_id: str, prompt: str) -> str:
        """Answer one message of a user.

        Messages of one user are answered one after the other, and so are all messages of one
        agent. File work and the model call happen in worker threads, so the event loop goes
        on. Both turns are stored when the answer is there; a failing model stores nothing.

        Raises:
            OSError: The store could not be read or written.
            ValueError: The agent has a session of its own, in which users would mix.
        """
        if any(getattr(agent, name, None) is not None for name in ("_session_id", "_db")):
            raise ValueError(
                "the agent has a session of its own, in which all users would mix: make it "
                "without a session_id and a db, and let the bot manager keep the sessions"
            )
        async with self._user_locks.setdefault(user_id, asyncio.Lock()):
            history = await _in_thread(self._load_history, user_id)
            async with self._agent_locks.setdefault(id(agent), asyncio.Lock()):
                reply, turns = await _in_thread(_answer, agent, history, prompt)
            await _in_thread(self._append, user_id, turns)
            return reply

    def reset(self, user_id: str) -> bool:
        """Clear a user's conversation and say whether there was one.

        Works on files: call it with `asyncio.to_thread` inside a coroutine. A message that is
        being answered at that moment is stored after the clear.
        """
        if self._store is None:
            return bool(self._histories.pop(user_id, None))
        key = self._session_key(user_id)
        existed = bool(self._store.get_chat_history(key))
        if self._store.session_exists(key):
            require_saved(self._store.clear_session(key), key)
        return existed

    def _session_key(self, user_id: str) -> str:
        prefix = f"bot_{self._platform}" if self._platform else "bot"
        return f"{prefix}_{user_id}"

    def _load_history(self, user_id: str) -> list[Message]:
        if self._store is None:
            history = self._histories.get(user_id, [])
        else:
            history = self._store.get_chat_history(self._session_key(user_id))
        return _newest(list(history), self._max_history)

    def _append(self, user_id: str, turns: list[Message]) -> None:
        if self._store is None:
            history = [*self._histories.get(user_id, []), *turns]
            self._histories[user_id] = _newest(history, self._max_history)
            return
        key = self._session_key(user_id)
        for turn in turns:
            # A store with the five methods of the protocol alone knows no tool fields.
            tools = {name: turn[name] for name in ("tool_calls", "tool_call_id") if name in turn}
            saved = self._store.add_message(
                key, turn["role"], turn.get("content") or "", turn.get("metadata"), **tools
            )
            require_saved(saved, key)


def _answer(agent: ChatAgent, history: list[Message], prompt: str) -> tuple[str, list[Message]]:
    """Ask the agent with `history` in place of its own, and return what the turn added."""
    own = agent.chat_history
    agent.chat_history = list(history)
    try:
        reply = agent.chat(prompt)
        after = agent.chat_history
    finally:
        agent.chat_history = own
    if len(after) > len(history) and after[: len(history)] == history:
        return reply, after[len(history) :]
    # The agent rewrote its history, by a summary for example, so nothing tells new from old.
    turns = [{"role": "user", "content": prompt}, {"role": "assistant", "content": reply}]
    return reply, turns


def _newest(history: list[Message], limit: int) -> list[Message]:
    if limit <= 0 or len(history) <= limit:
        return history
    # The store puts its summary of older messages first; it stands for what is cut.
    summary = history[:1] if history[0]["role"] == "system" else []
    tail = history[-limit:]
    while tail and tail[0]["role"] == "tool":
        tail = tail[1:]
    return summary + tail


async def _in_thread(work: Callable[..., T], *args: Any) -> T:
    """Run blocking work in a thread, and stay until it has ended, cancelled or not.

    A cancelled call that left its thread behind would give up its locks while the agent still
    answers, and the next user would meet this user's history.
    """
    task = asyncio.ensure_future(asyncio.to_thread(work, *args))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        while not task.done():
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.wait([task])
        task.exception()
        raise
