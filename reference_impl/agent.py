"""An agent whose memory is the session store, and nothing else.

`Agent` and `MemoryConfig` carry upstream's names, parameters and defaults as far as session
persistence goes. Every turn reads the session afresh, so an agent sees what other processes
have written since its last turn.
"""

import asyncio
import logging
import os
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, TypedDict, TypeVar, Unpack

from reference_impl.endpoint import Endpoint, Message
from reference_impl.loop_lock import LoopLocks
from reference_impl.memory import MemoryConfig, generated_id, memory_config
from reference_impl.store import get_default_session_store
from reference_impl.turns import whole

__all__ = ["Agent", "MemoryConfig", "Message", "is_retry", "require_saved"]

log = logging.getLogger("reference_impl")

T = TypeVar("T")


class StartOptions(TypedDict, total=False):
    """What `start` takes beside a prompt."""

    stream: bool | None


class Agent:
    """A named set of instructions that answers through an OpenAI-compatible endpoint.

    Args:
        name: Recorded in the session as its agent.
        role: Told to the model, like the next three. One of them or `name` must be given.
        goal: What the agent is for.
        backstory: Where it comes from.
        instructions: How it has to answer.
        llm: The model's name; `OPENAI_MODEL_NAME` or "gpt-4o-mini" when None.
        model: Another word for `llm`.
        base_url: The endpoint; `OPENAI_BASE_URL` when None.
        api_key: The endpoint's key; `OPENAI_API_KEY` when None.
        memory: A `MemoryConfig`, a dict of its fields, or True or False. Without a
            `session_id` or a `db` the conversation lives in `chat_history` alone.

    Raises:
        TypeError: An unknown keyword, or an unknown key in `memory`.
        ValueError: Nothing says who the agent is.
    """

    def __init__(
        self,
        name: str | None = None,
        role: str | None = None,
        goal: str | None = None,
        backstory: str | None = None,
        instructions: str | None = None,
        llm: str | None = None,
        model: str | None = None,
        base_url: str | None = None,
        api_key: str | None = None,
        *,
        memory: "MemoryConfig | dict[str, Any] | bool | None" = None,
        **unknown: Any,
    ) -> None:
        if unknown:
            raise TypeError(_unexpected(unknown))
        if llm is not None and model is not None:
            raise TypeError("Agent takes the model's name as model= or as llm=, not as both")
        if not any((name, role, goal, backstory, instructions)):
            raise ValueError("give Agent at least a name, role, goal, backstory or instructions")
        self.name = name
        self.role = role or "Assistant"
        self.goal = goal or instructions
        self.backstory = backstory or instructions
        self.instructions = instructions
        self.llm = model or llm or os.environ.get("OPENAI_MODEL_NAME") or "gpt-4o-mini"
        self.base_url = base_url
        self.api_key = api_key
        self.agent_id = str(uuid.uuid4())
        self.chat_history: list[Message] = []
        config = memory_config(memory)
        self.user_id = config.user_id or "praison"
        self._session_id = config.session_id
        self._db = config.db
        self._announced = False
        self._endpoint = Endpoint(base_url, api_key)
        # One turn at a time: a turn reads the history, adds to it and reads it again.
        self._turns = LoopLocks()

    @property
    def session_id(self) -> str | None:
        """The session that turns are stored in, or None."""
        return self._session_id

    def chat(self, prompt: str) -> str:
        """Answer `prompt` in the light of the session's history.

        The prompt is stored before the model is asked, the answer after. A failing model
        therefore leaves the prompt in the session, and the same prompt sent again is not stored
        twice. A tool call without its result, or a result without its call, is not sent.

        An agent has one turn at a time, in the order in which they were asked for, from any
        number of threads and event loops.

        Raises:
            OSError: The store could not be read or written, or its lock was not free in time.
            ImportError: The `openai` package is not installed.
            openai.OpenAIError: The endpoint refused the request or could not be reached.
            RuntimeError: A coroutine of this thread's event loop has a turn of the agent under
                way, which could not end while `chat` waits: await `achat` there.
        """
        with self._turn():
            messages = self._begin(prompt)
            return self._end(self._endpoint.complete(self.llm, messages))

    def run(self, prompt: str) -> str:
        """Answer `prompt` as `chat` does."""
        return self.chat(prompt)

    def start(
        self, prompt: str | None = None, **options: Unpack[StartOptions]
    ) -> str | Iterator[str]:
        """Answer `prompt` as `chat` does; without one, take the instructions as the task.

        Args:
            prompt: What the agent is asked.
            **options: With `stream=True` the answer comes in pieces, as from `iter_stream`.

        Raises:
            TypeError: An option that does not exist.
        """
        if unknown := options.keys() - StartOptions.__annotations__.keys():
            raise TypeError(f"start() got unexpected keyword arguments: {_listed(unknown)}")
        task = prompt if prompt is not None else self.instructions or "Hello"
        return self.iter_stream(task) if options.get("stream") else self.chat(task)

    def iter_stream(self, prompt: str) -> Iterator[str]:
        """Yield the answer piece by piece as it comes.

        The prompt is stored when the first piece is asked for, the answer when the last one has
        been taken. A stream that is closed early, or fails, leaves the prompt and no piece of an
        answer. While a stream is open, the agent's other turns go on: one that is not read to
        its end would stop them.

        Raises:
            OSError: As `chat` does, and so the others.
        """
        with self._turn():
            messages = self._begin(prompt)
        pieces = []
        for piece in self._endpoint.stream(self.llm, messages):
            pieces.append(piece)
            yield piece
        with self._turn():
            self._end("".join(pieces))

    async def achat(self, prompt: str) -> str:
        """Answer `prompt` as `chat` does, and let the event loop go on meanwhile.

        Files are read and written in worker threads, and no thread waits for the model. A turn
        that is cancelled while it waits for an earlier one leaves nothing; one that is cancelled
        while the model is asked leaves the prompt, and the request is broken off. When the
        cancelled call returns, nothing more is written.

        Raises:
            OSError: As `chat` does, and so the others, but for the `RuntimeError`.
        """
        release = await self._turns[id(self)].acquire()
        try:
            messages = await _in_thread(self._begin, prompt)
            answer = await self._endpoint.acomplete(self.llm, messages)
            return await _in_thread(self._end, answer)
        finally:
            release()

    async def arun(self, prompt: str) -> str:
        """Answer `prompt` as `achat` does."""
        return await self.achat(prompt)

    async def astart(self, prompt: str) -> str:
        """Answer `prompt` as `achat` does."""
        return await self.achat(prompt)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        try:
            release = self._turns[id(self)].acquire_blocking()
        except RuntimeError as error:
            raise RuntimeError(
                "a turn of this agent is under way in the event loop of this thread, which "
                "waiting for it would stop: await agent.achat(...) in place of agent.chat(...)"
            ) from error
        try:
            yield
        finally:
            release()

    def _begin(self, prompt: str) -> list[Message]:
        """Store a question, and return what the model is sent."""
        self._restore()
        if not is_retry(self.chat_history, prompt):
            self._keep({"role": "user", "content": prompt})
        system = {"role": "system", "content": self._system()}
        return [system, *whole(self.chat_history)]

    def _end(self, answer: str) -> str:
        """Store an answer, and return it."""
        self._keep({"role": "assistant", "content": answer})
        return answer

    def _restore(self) -> None:
        if self._db is not None:
            self._restore_from_db()
        elif self._session_id is not None:
            store = get_default_session_store()
            self.chat_history = list(store.get_working_history(self._session_id))
            # Again for an empty history: the session may have been deleted since.
            if not self._announced or not self.chat_history:
                saved = store.set_agent_info(
                    self._session_id, agent_name=self.name, user_id=self.user_id
                )
                require_saved(saved, self._session_id)
                self._announced = True

    def _restore_from_db(self) -> None:
        if self._announced:
            return
        if self._session_id is None:
            self._session_id = generated_id(self.name or "agent")
        turns = self._db.on_agent_start(
            agent_name=self.name,
            session_id=self._session_id,
            user_id=self.user_id,
            metadata={"role": self.role, "goal": self.goal},
        )
        self.chat_history = [{"role": turn.role, "content": turn.content} for turn in turns or ()]
        self._announced = True

    def _keep(self, message: Message) -> None:
        role, content = message["role"], message["content"]
        if self._db is not None:
            hook = self._db.on_user_message if role == "user" else self._db.on_agent_message
            hook(self._session_id, content)
        elif self._session_id is not None:
            store = get_default_session_store()
            require_saved(store.add_message(self._session_id, role, content), self._session_id)
            if role == "assistant":
                # No cost: what a token costs is the endpoint's to know.
                saved = store.update_session_metadata(
                    self._session_id,
                    model=self.llm,
                    total_tokens=self._endpoint.tokens,
                    source="chat",
                    agent_id=self.agent_id,
                )
                require_saved(saved, self._session_id)
        # A new list: a caller that holds the old one, as a bot manager does, keeps it.
        self.chat_history = [*self.chat_history, message]

    def _system(self) -> str:
        lines = [self.instructions or self.backstory or "", f"Your role: {self.role}"]
        if self.name:
            lines.append(f"Your name: {self.name}")
        if self.goal and self.goal != self.instructions:
            lines.append(f"Your goal: {self.goal}")
        if self.instructions and self.backstory != self.instructions:
            lines.append(f"Your background: {self.backstory}")
        return "\n".join(line for line in lines if line)


def is_retry(history: list[Message], prompt: str) -> bool:
    """Whether `prompt` is the last message and unanswered, so that it stands there already.

    A turn that failed or whose process died leaves such a message.
    """
    return bool(history) and (history[-1]["role"], history[-1]["content"]) == ("user", prompt)


def require_saved(saved: bool, session_id: str) -> None:
    """Raise `OSError` for a write that the store answered with False."""
    if not saved:
        raise OSError(f"the store did not save a message of session {session_id!r}")


def _unexpected(unknown: dict[str, Any]) -> str:
    if "session_id" in unknown:
        return (
            "session_id belongs in memory: "
            'Agent(..., memory={"session_id": "..."}) or memory=MemoryConfig(session_id="...")'
        )
    return f"Agent() got unexpected keyword arguments: {_listed(unknown)}"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))


async def _in_thread(work: Callable[..., T], *args: Any) -> T:
    """Do file work in a thread.

    A caller that is cancelled meanwhile stays until it is done, so that the next turn finds the
    session at rest. That takes no longer than the store waits for a lock.
    """
    working = asyncio.ensure_future(asyncio.to_thread(work, *args))
    try:
        return await asyncio.shield(working)
    except asyncio.CancelledError:
        while not working.done():
            with suppress(asyncio.CancelledError):
                await asyncio.wait([working])
        if error := working.exception():
            log.error("a turn failed after its caller had left", exc_info=error)
        raise
