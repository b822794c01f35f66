"""A session and its messages, as the store's files hold them.

Names, defaults and JSON keys are PraisonAI's. Keys that this module does not know stay in
`extra` and are written back with their values.
"""

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from operator import itemgetter
from typing import Any, Self

Message = dict[str, Any]

# Kept in `metadata`, and copied to the top level of the file for those who list sessions.
MIRRORED = ("model", "llm", "total_tokens", "token_count", "cost", "source", "reasoning_effort")


Kind = type | tuple[type, ...]
# The keys that a file may have, and what may stand under each.
_MESSAGE: dict[str, Kind] = {
    "role": str,
    "content": str,
    "timestamp": (int, float),
    "metadata": dict,
    "tool_calls": list,
    "tool_call_id": str,
}
_CHECKPOINT: dict[str, Kind] = {
    "summary": str,
    "message_index": int,
    "role": str,
    "tokens_before": int,
    "tokens_after": int,
    "timestamp": (int, float),
    "metadata": dict,
}
_SESSION: dict[str, Kind] = {
    "session_id": str,
    "messages": list,
    "created_at": str,
    "updated_at": str,
    "agent_name": str,
    "user_id": str,
    "metadata": dict,
    "gateway_session_id": str,
    "agent_id": str,
    "runtime_state": dict,
    "archived_messages": list,
    "last_compaction": dict,
}


class NotASession(ValueError):
    """A file's JSON does not have the shape of a session."""


def now() -> str:
    """This moment in UTC, in ISO 8601."""
    return datetime.now(UTC).isoformat()


def _sorted_out(
    data: Any, kinds: dict[str, Kind], where: str
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The values of the known keys, without nulls, and everything else."""
    if not isinstance(data, dict):
        raise NotASession(f"{where} is a {type(data).__name__}, not an object")
    known, extra = {}, {}
    for key, value in data.items():
        kind = kinds.get(key)
        if kind is None:
            extra[key] = value
        # JSON's true and false are no numbers, though Python's are.
        elif isinstance(value, kind) and value is not True and value is not False:
            known[key] = value
        elif value is not None:
            raise NotASession(f"{where}: {key!r} is a {type(value).__name__}")
    return known, extra


_four = itemgetter("role", "content", "timestamp", "metadata")


def _plain(data: Any) -> tuple[str, str, float, dict[str, Any]] | None:
    """The values of a message that has these four alone; None for any other.

    Nearly every message is one. To sort out the keys of each is most of what a long read costs.
    """
    try:
        values = _four(data)
    except (KeyError, TypeError):
        return None
    is_plain = len(data) == 4 and tuple(map(type, values)) == (str, str, float, dict) and values[0]
    return values if is_plain else None


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
        if (values := _plain(data)) is not None:
            return cls(*values)
        known, extra = _sorted_out(data, _MESSAGE, where)
        known["role"] = known.get("role") or "user"
        known.setdefault("content", "")
        return cls(**known, extra=extra)

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
        known, extra = _sorted_out(data, _CHECKPOINT, "last_compaction")
        known.setdefault("summary", "")
        known["message_index"] = max(0, known.get("message_index", 0))
        return cls(**known, extra=extra)

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
        known, extra = _sorted_out(data, _SESSION, "the file")
        # Absent is an empty session; null is a file that something broke.
        if data.get("messages", ()) is None:
            raise NotASession("messages is null")
        for key in ("messages", "archived_messages"):
            known[key] = [
                SessionMessage.from_dict(message, f"{key}[{index}]")
                for index, message in enumerate(known.get(key, ()))
            ]
        known["metadata"] = metadata = dict(known.get("metadata", {}))
        for key in MIRRORED:
            # Older files carry the model at the top level only (PraisonAI issue #3685).
            if (value := extra.pop(key, None)) is not None:
                metadata.setdefault(key, value)
        if checkpoint := known.pop("last_compaction", None):
            known["last_compaction"] = CompactionCheckpoint.from_dict(checkpoint)
        known.setdefault("session_id", "")
        return cls(**known, extra=extra)

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
