"""A session and its messages, as the store's files hold them.

Names, defaults and JSON keys are PraisonAI's. Keys that this module does not know stay in
`extra` and are written back with their values.
"""

import dataclasses
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from operator import itemgetter
from typing import Any, Self

from reference_impl.turns import Message, history, resumed

Content = str | list[dict[str, Any]] | None

# Kept in `metadata`, and copied to the top level of the file for those who list sessions.
MIRRORED = ("model", "llm", "total_tokens", "token_count", "cost", "source", "reasoning_effort")


# What model APIs send with a message, and some demand back, beside the fields below.
# fmt: off
MODEL_FIELDS = frozenset({
    "annotations", "audio", "cache_control", "citations", "executed_tools", "extra_content",
    "function_call", "images", "name", "partial", "prefix", "provider_specific_fields",
    "reasoning", "reasoning_content", "reasoning_details", "refusal", "thinking",
    "thinking_blocks", "tool_name", "tool_plan",
})
# fmt: on
# Where a file has those that a program gave under other names, apart from what a person wrote.
_GIVEN = "extra"

# Without one of these shapes there is no session to speak of; any other value is kept as it is.
_SHAPES = {
    "messages": list,
    "metadata": dict,
    "runtime_state": dict,
    "archived_messages": list,
    "last_compaction": dict,
}


class NotASession(ValueError):
    """A file's bytes are no JSON object."""


class UnexpectedShape(OSError):
    """A file's JSON is not what a session looks like; `place` says where.

    An `OSError`, like everything that keeps a session from being read. Nothing was changed, and
    no write goes over the file: a person has to look at it.
    """

    def __init__(self, place: str, found: str, path: str = "") -> None:
        super().__init__(place, found, path)
        self.place, self.found, self.path = place, found, path

    def __str__(self) -> str:
        return (
            f"{self.path or 'the file'} holds a session with a {self.found} in {self.place}. "
            "It was left as it is: mend it or move it away."
        )


def now() -> str:
    """This moment in UTC, in ISO 8601."""
    return datetime.now(UTC).isoformat()


def _is_same(one: Any, other: Any) -> bool:
    # Unlike ==, repr tells 1 from True. What nests too deep to be compared is kept twice.
    try:
        return repr(one) == repr(other)
    except RecursionError:
        return False


def _sorted_out(
    data: Any, fields: frozenset[str], shapes: Mapping[str, type], where: str
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The values of the known keys, without nulls, and everything else."""
    if not isinstance(data, dict):
        raise UnexpectedShape(where, type(data).__name__)
    known, extra = {}, {}
    for key, value in data.items():
        if key not in fields:
            extra[key] = value
        elif value is not None:
            if not isinstance(value, shapes.get(key, object)):
                raise UnexpectedShape(f"{where}.{key}" if where else key, type(value).__name__)
            known[key] = value
    return known, extra


def _fields(kind: type) -> frozenset[str]:
    return frozenset(each.name for each in dataclasses.fields(kind)) - {"extra", "unknown"}


_four = itemgetter("role", "content", "timestamp", "metadata")


def _plain(data: Any) -> tuple[str, Content, float, dict[str, Any]] | None:
    """The values of a message that has these four alone; None for any other.

    Nearly every message is one. To sort out the keys of each is most of what a long read costs.
    """
    try:
        values = _four(data)
    except (KeyError, TypeError):
        return None
    is_plain = len(data) == 4 and values[0] and None not in values
    return values if is_plain else None


@dataclass
class SessionMessage:
    """One message.

    `content` is text, a list of parts, or None beside `tool_calls`, as in model APIs. `timestamp`
    is in seconds since 1970. `tool_calls` stands on an assistant's turn that asks for
    tools, `tool_call_id` on the `role="tool"` turn that answers one (PraisonAI issue #3089).
    `extra` is what else goes to a model: what a program gave, and what stands in the file under a
    name that model APIs have. `unknown` is what else stands there, and stays there.
    """

    role: str
    content: Content
    timestamp: float = field(default_factory=time.time)
    metadata: dict[str, Any] = field(default_factory=dict)
    tool_calls: list[dict[str, Any]] | None = None
    tool_call_id: str | None = None
    extra: dict[str, Any] = field(default_factory=dict, repr=False)
    unknown: dict[str, Any] = field(default_factory=dict, repr=False)

    @classmethod
    def from_dict(cls, data: dict[str, Any], where: str = "a message") -> Self:
        """Read one message of a file.

        Raises:
            UnexpectedShape: It is no object.
        """
        if (values := _plain(data)) is not None:
            return cls(*values)
        known, unknown = _sorted_out(data, _MESSAGE_FIELDS, {}, where)
        known["role"] = known.get("role") or "user"
        known.setdefault("content", data.get("content", ""))
        extra = {name: unknown.pop(name) for name in [*unknown] if name in MODEL_FIELDS}
        if isinstance(unknown.get(_GIVEN), dict):
            extra |= unknown.pop(_GIVEN)
        return cls(**known, extra=extra, unknown=unknown)

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
        if self.extra:
            data |= {name: value for name, value in self.extra.items() if name in MODEL_FIELDS}
            if given := {k: v for k, v in self.extra.items() if k not in MODEL_FIELDS}:
                data[_GIVEN] = given
        return data | self.unknown if self.unknown else data

    def is_same_turn(self, other: "SessionMessage") -> bool:
        """Whether another message says the same, at whatever time."""
        return all(
            getattr(self, name) == getattr(other, name)
            for name in ("role", "content", "metadata", "tool_calls", "tool_call_id", "extra")
        )

    def to_llm_message(self) -> Message:
        """The message as an LLM takes it: all but its time and its metadata."""
        message: Message = {"role": self.role, "content": self.content}
        if self.tool_calls:
            message["tool_calls"] = self.tool_calls
        if self.tool_call_id is not None:
            message["tool_call_id"] = self.tool_call_id
        return message | self.extra if self.extra else message


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
            UnexpectedShape: It does not say at which message it stands.
        """
        shapes = {"message_index": int}
        known, extra = _sorted_out(data, _CHECKPOINT_FIELDS, shapes, "last_compaction")
        known.setdefault("summary", "")
        known.setdefault("message_index", 0)
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
            UnexpectedShape: It is no session; the message says where.
        """
        known, extra = _sorted_out(data, _SESSION_FIELDS, _SHAPES, "")
        # Absent is an empty session; null is a file that something broke.
        if data.get("messages", ()) is None:
            raise UnexpectedShape("messages", "null")
        for key in ("messages", "archived_messages"):
            known[key] = [
                SessionMessage.from_dict(message, f"{key}[{index}]")
                for index, message in enumerate(known.get(key, ()))
            ]
        known["metadata"] = metadata = dict(known.get("metadata", {}))
        for key in MIRRORED:
            # Older files carry the model at the top level only (PraisonAI issue #3685).
            value = extra.get(key)
            if value is None or _is_same(metadata.setdefault(key, value), value):
                extra.pop(key, None)
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
        """The messages as an LLM takes them, or the newest, with whole tool turns.

        `max_messages` of None, 0 or less means all of them.
        """
        return history([message.to_llm_message() for message in self.messages], max_messages)

    def get_working_history(self, max_messages: int | None = None) -> list[Message]:
        """The checkpoint's summary and the messages after it, or all of them without one.

        `max_messages` counts the summary, which always stays (PraisonAI issue #2741). What it
        shortens begins with a user's message.
        """
        checkpoint, limit = self.last_compaction, max_messages or 0
        start = max(0, checkpoint.message_index) if checkpoint is not None else 0
        after = [message.to_llm_message() for message in self.messages[start:]]
        if checkpoint is None:
            return resumed(after, limit)
        return [checkpoint.as_message(), *(resumed(after, limit - 1) if limit != 1 else [])]


_MESSAGE_FIELDS, _CHECKPOINT_FIELDS, _SESSION_FIELDS = map(
    _fields, (SessionMessage, CompactionCheckpoint, SessionData)
)
