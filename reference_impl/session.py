"""A session and its messages, as the store's files hold them.

Names, defaults and JSON keys are PraisonAI's. Keys that this module does not know stay in
`extra` and are written back with their values.
"""

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Self

Message = dict[str, Any]

# Kept in `metadata`, and copied to the top level of the file for those who list sessions.
MIRRORED = ("model", "llm", "total_tokens", "token_count", "cost", "source", "reasoning_effort")


class NotASession(ValueError):
    """A file's JSON does not have the shape of a session."""


def now() -> str:
    """This moment in UTC, in ISO 8601."""
    return datetime.now(UTC).isoformat()


def _take(data: dict[str, Any], key: str, kind: type | tuple[type, ...], where: str) -> Any:
    """Remove and return a value of the given type; None where the key is absent or null."""
    value = data.pop(key, None)
    # JSON's true and false are no numbers, though Python's are.
    if value is None or (isinstance(value, kind) and not isinstance(value, bool)):
        return value
    raise NotASession(f"{where}: {key!r} is a {type(value).__name__}")


def _object(data: Any, where: str) -> dict[str, Any]:
    if not isinstance(data, dict):
        raise NotASession(f"{where} is a {type(data).__name__}, not an object")
    return dict(data)


@dataclass
class SessionMessage:
    """One message.

    `timestamp` is in seconds since 1970. `tool_calls` stands on an assistant's turn that asks for
    tools, `tool_call_id` on the `role="tool"` turn that answers one (PraisonAI issue #3089).
    """

    role: str
    content: str
    timestamp: float = field(default_factory=time.time)
    metadata: dict[str, Any] = field(default_factory=dict)
    tool_calls: list[dict[str, Any]] | None = None
    tool_call_id: str | None = None
    extra: dict[str, Any] = field(default_factory=dict, repr=False)

    @classmethod
    def from_dict(cls, data: dict[str, Any], where: str = "a message") -> Self:
        """Read one message of a file.

        Raises:
            NotASession: It has the wrong shape.
        """
        rest = _object(data, where)
        timestamp = _take(rest, "timestamp", (int, float), where)
        return cls(
            role=_take(rest, "role", str, where) or "user",
            content=_take(rest, "content", str, where) or "",
            timestamp=time.time() if timestamp is None else timestamp,
            metadata=_take(rest, "metadata", dict, where) or {},
            tool_calls=_take(rest, "tool_calls", list, where),
            tool_call_id=_take(rest, "tool_call_id", str, where),
            extra=rest,
        )

    def to_dict(self) -> dict[str, Any]:
        """The message as the file holds it; tool fields only where there are some."""
        data: dict[str, Any] = {
            "role": self.role,
            "content": self.content,
            "timestamp": self.timestamp,
            "metadata": self.metadata,
        }
        if self.tool_calls:
            data["tool_calls"] = self.tool_calls
        if self.tool_call_id is not None:
            data["tool_call_id"] = self.tool_call_id
        return data | self.extra

    def to_llm_message(self) -> Message:
        """The message as an LLM takes it: role, content and the tool fields."""
        message: Message = {"role": self.role, "content": self.content}
        if self.tool_calls:
            message["tool_calls"] = self.tool_calls
        if self.tool_call_id is not None:
            message["tool_call_id"] = self.tool_call_id
        return message


@dataclass
class CompactionCheckpoint:
    """A summary that stands for the first `message_index` messages (PraisonAI issue #2741)."""

    summary: str
    message_index: int = 0
    role: str = "system"
    tokens_before: int = 0
    tokens_after: int = 0
    timestamp: float = field(default_factory=time.time)
    metadata: dict[str, Any] = field(default_factory=dict)
    extra: dict[str, Any] = field(default_factory=dict, repr=False)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """Read a file's checkpoint.

        Raises:
            NotASession: It has the wrong shape.
        """
        where = "last_compaction"
        rest = _object(data, where)
        timestamp = _take(rest, "timestamp", (int, float), where)
        return cls(
            summary=_take(rest, "summary", str, where) or "",
            message_index=max(0, _take(rest, "message_index", int, where) or 0),
            role=_take(rest, "role", str, where) or "system",
            tokens_before=_take(rest, "tokens_before", int, where) or 0,
            tokens_after=_take(rest, "tokens_after", int, where) or 0,
            timestamp=time.time() if timestamp is None else timestamp,
            metadata=_take(rest, "metadata", dict, where) or {},
            extra=rest,
        )

    def to_dict(self) -> dict[str, Any]:
        """The checkpoint as the file holds it."""
        return {
            "summary": self.summary,
            "message_index": self.message_index,
            "role": self.role,
            "tokens_before": self.tokens_before,
            "tokens_after": self.tokens_after,
            "timestamp": self.timestamp,
            "metadata": self.metadata,
        } | self.extra

    def as_message(self) -> Message:
        """The summary as an LLM takes it."""
        return {"role": self.role, "content": self.summary}


def tail(messages: list[SessionMessage], count: int | None) -> list[SessionMessage]:
    """The newest `count` messages, or fewer: a tail never starts on an orphaned tool result.

    None and 0 mean all of them, as in PraisonAI.
    """
    if not count or len(messages) <= count:
        return messages
    start = len(messages) - count
    while start < len(messages) and messages[start].role == "tool":
        start += 1
    return messages[start:]


@dataclass
class SessionData:
    """A whole session. Times are ISO 8601 in UTC."""

    session_id: str
    messages: list[SessionMessage] = field(default_factory=list)
    created_at: str = field(default_factory=now)
    updated_at: str = field(default_factory=now)
    agent_name: str | None = None
    user_id: str | None = None
    metadata: dict[str, Any] = field(default_factory=dict)
    gateway_session_id: str | None = None
    agent_id: str | None = None
    runtime_state: dict[str, Any] = field(default_factory=dict)
    archived_messages: list[SessionMessage] = field(default_factory=list)
    last_compaction: CompactionCheckpoint | None = None
    extra: dict[str, Any] = field(default_factory=dict, repr=False)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """Read a file's JSON.

        Raises:
            NotASession: It has the wrong shape at any level; the message says where.
        """
        where = "the file"
        rest = _object(data, where)
        # Absent is an empty session; null is a file that something broke.
        if "messages" in rest and rest["messages"] is None:
            raise NotASession("messages is null")
        metadata = dict(_take(rest, "metadata", dict, where) or {})
        for key in MIRRORED:
            # Older files carry the model at the top level only (PraisonAI issue #3685).
            if (value := rest.pop(key, None)) is not None:
                metadata.setdefault(key, value)
        checkpoint = _take(rest, "last_compaction", dict, where)
        return cls(
            session_id=_take(rest, "session_id", str, where) or "",
            messages=_messages(rest, "messages"),
            created_at=_take(rest, "created_at", str, where) or now(),
            updated_at=_take(rest, "updated_at", str, where) or now(),
            agent_name=_take(rest, "agent_name", str, where),
            user_id=_take(rest, "user_id", str, where),
            metadata=metadata,
            gateway_session_id=_take(rest, "gateway_session_id", str, where),
            agent_id=_take(rest, "agent_id", str, where),
            runtime_state=_take(rest, "runtime_state", dict, where) or {},
            archived_messages=_messages(rest, "archived_messages"),
            last_compaction=CompactionCheckpoint.from_dict(checkpoint) if checkpoint else None,
            extra=rest,
        )

    def to_dict(self) -> dict[str, Any]:
        """The session as the file holds it."""
        data: dict[str, Any] = {
            "session_id": self.session_id,
            "messages": [message.to_dict() for message in self.messages],
            "created_at": self.created_at,
            "updated_at": self.updated_at,
            "agent_name": self.agent_name,
            "user_id": self.user_id,
            "metadata": self.metadata,
            "gateway_session_id": self.gateway_session_id,
            "agent_id": self.agent_id,
            "runtime_state": self.runtime_state,
            "archived_messages": [message.to_dict() for message in self.archived_messages],
        }
        if self.last_compaction is not None:
            data["last_compaction"] = self.last_compaction.to_dict()
        data |= {key: self.metadata[key] for key in MIRRORED if key in self.metadata}
        return data | self.extra

    def get_chat_history(self, max_messages: int | None = None) -> list[Message]:
        """The messages as an LLM takes them, or the newest `max_messages`."""
        return [message.to_llm_message() for message in tail(self.messages, max_messages)]

    def get_working_history(self, max_messages: int | None = None) -> list[Message]:
        """The checkpoint's summary and the messages after it, or all of them without one.

        `max_messages` counts the summary, which always stays (PraisonAI issue #2741).
        """
        if self.last_compaction is None:
            return self.get_chat_history(max_messages)
        after = self.messages[self.last_compaction.message_index :]
        if max_messages:
            after = tail(after, max_messages - 1) if max_messages > 1 else []
        return [self.last_compaction.as_message(), *(m.to_llm_message() for m in after)]


def _messages(data: dict[str, Any], key: str) -> list[SessionMessage]:
    listed = _take(data, key, list, "the file") or []
    return [
        SessionMessage.from_dict(message, f"{key}[{index}]") for index, message in enumerate(listed)
    ]
