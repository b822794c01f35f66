"""One conversation per user of a bot, kept in a session store and read from it every time."""

import asyncio
import contextvars
import inspect
import logging
import threading
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from typing import Any, ClassVar, Protocol, TypeVar

from reference_impl import values
from reference_impl.agent import Message, is_retry, require_saved
from reference_impl.deliveries import Deliveries, Delivery, Kept, answer_to, kept, named
from reference_impl.loop_lock import LoopLocks
from reference_impl.protocol import SessionStoreProtocol
from reference_impl.turns import resumed, window

log = logging.getLogger("reference_impl")

T = TypeVar("T")

_TOOL_FIELDS = ("tool_calls", "tool_call_id")
_OWN_FIELDS = ("role", "content", "metadata", "timestamp")


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

    A model is given whole tool turns alone: no result without its call, and no call without its
    result. The store keeps both. A store without tool fields keeps what was said.

    New turns are appended. Rewriting the whole history, in one step or by clear and append,
    would drop what another process added meanwhile, and a reader could meet an empty history.

    One manager serves any number of event loops in any number of threads.

    Args:
        max_history: The most messages of the past that the agent is given, the newest ones,
            beside a leading summary. They begin with a user's message. 0 gives it all. What is
            kept on disk is the store's to limit.
        store: Any session store; None keeps conversations in this process alone.
        platform: Part of every session id, such as "telegram".

    Raises:
        TypeError: `max_history` is no whole number, or `platform` no string.
        ValueError: `platform` has an underscore, so its users could meet another platform's.
    """

    # Shared by all managers: two bots may use one agent, and its history is swapped.
    _agent_locks: ClassVar[LoopLocks] = LoopLocks()

    def __init__(
        self,
        max_history: int = 100,
        store: SessionStoreProtocol | None = None,
        platform: str = "",
    ) -> None:
        # Later it would be too late: the message would be stored and the model asked by then.
        if isinstance(max_history, bool) or not isinstance(max_history, int):
            raise TypeError(f"max_history is a whole number, not {max_history!r}")
        if not isinstance(platform, str):
            raise TypeError(f"a platform is a string, not {platform!r}")
        if "_" in platform:
            raise ValueError(
                f"a platform must not have an underscore, and {platform!r} has: user 'c' of "
                "platform 'a_b' would share a session with user 'b_c' of platform 'a'. "
                f"Call it {platform.replace('_', '-')!r}."
            )
        self._max_history = max_history
        self._store = store
        self._takes_tools = store is None or _takes(store, *_TOOL_FIELDS)
        self._takes_extra = store is not None and _takes(store, "extra")
        self._platform = platform
        self._histories: dict[str, list[Message]] = {}
        self._user_locks = LoopLocks()
        self._deliveries = Deliveries()

    async def chat(
        self,
        agent: ChatAgent,
        user_id: str,
        prompt: str,
        chat_id: str = "",
        thread_id: str = "",
        user_name: str = "",
        message_id: str | None = "",
    ) -> str:
        """Answer one message of a user.

        Messages of one user are answered one after the other, and so are all messages of one
        agent, in the order in which they came. File work and the model call happen in a worker
        thread, so the event loop goes on.

        The message is stored before the model is asked, the answer after. So a failing model
        leaves the message. A turn that is cancelled while it waits for others leaves nothing; one
        that has begun is carried to its end and stored, and the agent is not given to anybody
        else before.

        A message that comes again is stored once, and answered with the answer that is stored, if
        there is one: with an id whenever it comes, without one as the next message of a user
        whose caller had left, by a time-out for example.

        Args:
            agent: Who answers.
            user_id: The platform's name or number of the user.
            prompt: The message.
            chat_id: Where it was said. It changes nothing, like the next two: a user has one
                session in all chats, which is PraisonAI's default too.
            thread_id: The part of that chat.
            user_name: How the user is called there.
            message_id: The platform's id of the message, if it gave one. A store without
                `get_session` knows it again as far as it keeps the `message_id` of a message's
                metadata.

        Raises:
            OSError: The store could not be read or written.
            TypeError: The user id or the message id is neither a string nor a number, or the prompt
                is no message's content.
            ValueError: The agent has a session of its own, in which users would mix; or the user
                id is empty, or could be taken for a user of a platform.
        """
        if any(getattr(agent, name, None) is not None for name in ("_session_id", "_db")):
            raise ValueError(
                "the agent has a session of its own, in which all users would mix: make it "
                "without a session_id and a db, and let the bot manager keep the sessions"
            )
        key = self._session_key(user_id)
        # Before the store is read: a read brings in what waited.
        prompt = values.content_of("prompt", prompt, None)
        named = "" if message_id is None else _id_of(message_id, "message id")
        delivery = Delivery(prompt, named)
        with ExitStack() as held:
            for lock in (self._user_locks[key], self._agent_locks[id(agent)]):
                held.callback(await lock.acquire())
            work = partial(self._turn, agent, key, delivery)
            reply = await _in_thread(held.pop_all(), delivery.left, work)
        self._deliveries.received(key, delivery)
        return reply

    def reset(self, user_id: str, **route: str) -> bool:
        """Clear a user's conversation and say whether there was one.

        Works on files: call it with `asyncio.to_thread` inside a coroutine. A message that is
        being answered at that moment is stored after the clear. `route` is the chat in which it
        was asked for, and changes nothing, as in `chat`.
        """
        key = self._session_key(user_id)
        if self._store is None:
            return bool(self._histories.pop(key, None))
        existed = bool(self._store.get_chat_history(key))
        if self._store.session_exists(key):
            require_saved(self._store.clear_session(key), key)
        return existed

    def _session_key(self, user_id: str) -> str:
        user = _id_of(user_id, "user id")
        if not user:
            raise ValueError("a user id must not be empty: all such users would share a session")
        if self._platform:
            return f"bot_{self._platform}_{user}"
        if "_" in user:
            raise ValueError(
                f"without a platform, user {user!r} cannot be told from user "
                f"{user.partition('_')[2]!r} of platform {user.partition('_')[0]!r}: "
                "give BotSessionManager a platform"
            )
        return f"bot_{user}"

    def _turn(self, agent: ChatAgent, key: str, delivery: Delivery) -> str:
        past = self._load_history(key)
        question: Message = {"role": "user", "content": delivery.prompt}
        stored = Kept(reply=self._deliveries.reply_to(key, delivery, past))
        if delivery.message_id:
            stored = kept(self._with_metadata(key), delivery)
        if stored.reply is not None:
            return stored.reply
        if stored.is_stored or is_retry(past, delivery.prompt):
            past = _without_last(past, question)
        else:
            self._append(key, [named(question, stored.name)])
        given = _given(past, question, self._max_history)
        reply, turns = _answer(agent, given, delivery.prompt)
        if turns:
            turns[-1] = named(turns[-1], answer_to(stored.name))
        self._append(key, turns)
        self._deliveries.answered(key, delivery, reply)
        return reply

    def _load_history(self, key: str) -> list[Message]:
        if self._store is None:
            return [_without(each, "metadata") for each in self._histories.get(key, [])]
        return list(self._store.get_chat_history(key))

    def _with_metadata(self, key: str) -> list[Message]:
        """What the session holds; nothing where the store gives out no metadata."""
        if self._store is None:
            return self._histories.get(key, [])
        if not callable(get_session := getattr(self._store, "get_session", None)):
            return []
        session = get_session(key)
        messages = (*session.archived_messages, *session.messages)
        return [{"content": each.content, "metadata": each.metadata} for each in messages]

    def _append(self, key: str, turns: list[Message]) -> None:
        if self._store is None:
            history = [*self._histories.get(key, []), *turns]
            # One more, or a limit of 1 would leave an answer without its question.
            limit = self._max_history + 1 if self._max_history > 0 else 0
            self._histories[key] = _newest(history, limit)
            return
        for turn in turns if self._takes_tools else _without_tools(turns):
            more: Message = {name: turn[name] for name in _TOOL_FIELDS if name in turn}
            # What model APIs send beside the text, such as reasoning_content, and demand back.
            if self._takes_extra and (extra := _without(turn, *_OWN_FIELDS, *_TOOL_FIELDS)):
                more["extra"] = extra
            # Not always the text that the protocol names: parts, and None beside tool calls.
            content: Any = turn.get("content")
            saved = self._store.add_message(
                key, turn["role"], content, turn.get("metadata"), **more
            )
            require_saved(saved, key)


def _answer(agent: ChatAgent, history: list[Message], prompt: str) -> tuple[str, list[Message]]:
    """Ask the agent with `history` in place of its own, and return what followed the question."""
    own = agent.chat_history
    agent.chat_history = list(history)
    try:
        reply = agent.chat(prompt)
        after = agent.chat_history
    finally:
        agent.chat_history = own
    if len(after) > len(history) and after[: len(history)] == history:
        turns = after[len(history) :]
        asked = next((n for n, turn in enumerate(turns) if turn["role"] == "user"), None)
        if asked is not None:
            del turns[asked]
        return reply, turns
    # The agent rewrote its history, by a summary for example, so nothing tells new from old.
    return reply, [{"role": "assistant", "content": reply}]


def _split(history: list[Message]) -> tuple[list[Message], list[Message]]:
    """The summary that a store puts before its newest messages, and the rest."""
    count = int(bool(history) and history[0]["role"] == "system")
    return history[:count], history[count:]


def _given(past: list[Message], question: Message, limit: int) -> list[Message]:
    """What the agent is given of the past: whole turns, beginning with a user's message."""
    summary, rest = _split(past)
    # With the question, since a call that nothing answered may stand at the very end.
    newest = resumed([*rest, question], limit + 1 if limit > 0 else None)
    return summary + newest[:-1]


def _newest(history: list[Message], limit: int) -> list[Message]:
    summary, rest = _split(history)
    if limit <= 0 or len(rest) <= limit:
        return history
    return summary + [rest[place] for place in window([each["role"] for each in rest], limit)]


def _takes(store: SessionStoreProtocol, *fields: str) -> bool:
    """Whether messages of the store have these fields; the protocol's five methods have none."""
    parameters = inspect.signature(store.add_message).parameters.values()
    named = {each.name for each in parameters}
    return named >= {*fields} or any(each.kind is each.VAR_KEYWORD for each in parameters)


def _without_tools(turns: list[Message]) -> list[Message]:
    """What was said in turns, without the calls and the results."""
    said = [turn for turn in turns if turn["role"] != "tool" and turn.get("content")]
    return [_without(turn, *_TOOL_FIELDS) for turn in said]


def _without(message: Message, *names: str) -> Message:
    return {name: value for name, value in message.items() if name not in names}


def _without_last(history: list[Message], question: Message) -> list[Message]:
    """The history without the last message that says what the question says."""
    places = [n for n, each in enumerate(history) if question.items() <= each.items()]
    return [each for n, each in enumerate(history) if n not in places[-1:]]


def _id_of(given: str | int, what: str) -> str:
    if isinstance(given, bool) or not isinstance(given, str | int):
        raise TypeError(f"a {what} is a string or a number, not {given!r}")
    return str(given)


async def _in_thread(held: ExitStack, left: threading.Event, work: Callable[[], T]) -> T:
    """Run blocking work in a thread, and let go of what is held when it has ended.

    The thread lets go, not the caller. A cancelled caller would do so while the agent still
    answers, and the next user would meet this user's history. `left` is set when the caller has
    left before the work was done.
    """
    # Whoever takes it does the work, or gives it up before it has begun.
    mine = threading.Lock()
    context = contextvars.copy_context()

    def run() -> T:
        if not mine.acquire(blocking=False):
            raise asyncio.CancelledError
        with held:
            try:
                return context.run(work)
            except BaseException:
                if left.is_set():
                    log.exception("a turn failed after its caller had left")
                raise

    try:
        return await asyncio.get_running_loop().run_in_executor(None, run)
    except BaseException:
        left.set()
        if mine.acquire(blocking=False):
            held.close()
        raise
