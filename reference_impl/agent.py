"""An agent whose memory is the session store, and nothing else.

`Agent` and `MemoryConfig` carry upstream's names, parameters and defaults as far as session
persistence goes. Every turn reads the session afresh, so an agent sees what other processes
have written since its last turn.
"""

import hashlib
import os
import threading
import uuid
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any

from reference_impl.store import get_default_session_store
from reference_impl.turns import whole

Message = dict[str, Any]

_DB_HOOKS = ("on_agent_start", "on_user_message", "on_agent_message")


@dataclass(kw_only=True)
class MemoryConfig:
    """Where an agent keeps its conversation.

    Args:
        session_id: The session to restore and to append to. None keeps nothing on disk.
        user_id: Recorded in the session; "praison" when None.
        db: An object with the methods `on_agent_start`, `on_user_message` and
            `on_agent_message`, which takes the place of the session file.

    Raises:
        TypeError: `db` lacks one of the three methods.
    """

    session_id: str | None = None
    user_id: str | None = None
    db: Any = None

    def __post_init__(self) -> None:
        if self.db is not None:
            lacking = [hook for hook in _DB_HOOKS if not callable(getattr(self.db, hook, None))]
            if lacking:
                kind = type(self.db).__name__
                raise TypeError(f"MemoryConfig.db: {kind} has no method {', '.join(lacking)}")


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
        config = _config(memory)
        self.user_id = config.user_id or "praison"
        self._session_id = config.session_id
        self._db = config.db
        self._announced = False
        self._tokens = 0
        self._client: Any = None
        # One turn at a time: a turn reads the history, adds to it and reads it again.
        self._turn = threading.Lock()

    @property
    def session_id(self) -> str | None:
        """The session that turns are stored in, or None."""
        return self._session_id

    def start(self, prompt: str | None = None) -> str:
        """Answer `prompt` as `chat` does; without one, take the instructions as the task."""
        return self.chat(prompt if prompt is not None else self.instructions or "Hello")

    def chat(self, prompt: str) -> str:
        """Answer `prompt` in the light of the session's history.

        The prompt is stored before the model is asked, the answer after. A failing model
        therefore leaves the prompt in the session, and the same prompt sent again is not stored
        twice. A tool call without its result, or a result without its call, is not sent.

        Raises:
            OSError: The store could not be read or written, or its lock was not free in time.
            ImportError: The `openai` package is not installed.
            openai.OpenAIError: The endpoint refused the request or could not be reached.
        """
        with self._turn:
            self._restore()
            question: Message = {"role": "user", "content": prompt}
            history = self.chat_history
            if self._session_id is not None and is_retry(history, prompt):
                history = history[:-1]
            else:
                self._keep(question)
            messages = whole([*history, question])
            answer: Message = {"role": "assistant", "content": self._complete(messages)}
            self._keep(answer)
            # A new list: a caller that holds the old one, as a bot manager does, keeps it.
            self.chat_history = [*messages, answer]
            return str(answer["content"])

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
            self._session_id = _generated_id(self.name or "agent")
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
                    total_tokens=self._tokens,
                    source="chat",
                    agent_id=self.agent_id,
                )
                require_saved(saved, self._session_id)

    def _complete(self, messages: list[Message]) -> str:
        if self._client is None:
            self._client = _client(self.base_url, self.api_key)
        system = {"role": "system", "content": self._system()}
        done = self._client.chat.completions.create(model=self.llm, messages=[system, *messages])
        if done.usage is not None:
            self._tokens += done.usage.total_tokens
        return done.choices[0].message.content or ""

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


def _config(memory: "MemoryConfig | dict[str, Any] | bool | None") -> MemoryConfig:
    if memory is None or isinstance(memory, bool):
        return MemoryConfig()
    if isinstance(memory, MemoryConfig):
        return memory
    if isinstance(memory, dict):
        known = [field.name for field in fields(MemoryConfig)]
        if unknown := sorted(set(memory) - set(known)):
            raise TypeError(f"Unknown keys for memory: {unknown}. Valid keys: {', '.join(known)}")
        return MemoryConfig(**memory)
    kind = type(memory).__name__
    raise TypeError(f"memory must be a MemoryConfig, a dict, True, False or None, not {kind}")


def _unexpected(unknown: dict[str, Any]) -> str:
    if "session_id" in unknown:
        return (
            "session_id belongs in memory: "
            'Agent(..., memory={"session_id": "..."}) or memory=MemoryConfig(session_id="...")'
        )
    return f"Agent() got unexpected keyword arguments: {', '.join(sorted(unknown))}"


def _generated_id(name: str) -> str:
    digest = hashlib.sha256(name.encode()).hexdigest()[:6]
    return f"{datetime.now(UTC):%Y%m%d%H}-{digest}-{uuid.uuid4().hex[:8]}"


def _client(base_url: str | None, api_key: str | None) -> Any:
    try:
        from openai import OpenAI
    except ImportError as error:
        raise ImportError("Agent needs the openai package: pip install openai") from error
    return OpenAI(base_url=base_url, api_key=api_key)
