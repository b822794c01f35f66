"""Reads without building a session: typed rows.

A read of 100 messages decodes in 30 µs so, and takes 170 through dictionaries and objects. Whatever
does not fit these types takes the long way through `SessionData`.
"""

from typing import Any, Generic, TypeVar

import msgspec

from reference_impl import encoding
from reference_impl.session import Content, SessionData
from reference_impl.turns import Message


class Row(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    """What a model is sent of a message that has no other fields."""

    role: str = "user"
    content: Content = ""
    tool_calls: list[dict[str, Any]] | None = None
    tool_call_id: str | None = None
    timestamp: msgspec.Raw = msgspec.Raw()
    metadata: msgspec.Raw = msgspec.Raw()

    def to_llm_message(self) -> Message:
        """The message as an LLM takes it."""
        found: Message = {"role": self.role or "user", "content": self.content}
        if self.tool_calls:
            found["tool_calls"] = self.tool_calls
        if self.tool_call_id is not None:
            found["tool_call_id"] = self.tool_call_id
        return found


Each = TypeVar("Each")


class _Object(msgspec.Struct, gc=False):
    """Any object, of which nothing is read."""


class _Checkpoint(msgspec.Struct, gc=False):
    """A checkpoint, whose place has to be a whole number."""

    message_index: Any = 0


class _Shaped(msgspec.Struct, gc=False):
    """What makes a file no session when it is something else, for those who need none of it."""

    session_id: str | None = None
    runtime_state: _Object | None = None
    archived_messages: list[_Object] | None = None
    last_compaction: _Checkpoint | None = None

    def check(self) -> None:
        """Raise where the checkpoint's place is no whole number.

        Raises:
            msgspec.ValidationError: As if its type had said so.
        """
        if self.last_compaction is not None:
            place = self.last_compaction.message_index
            if not isinstance(place, int | None):
                raise msgspec.ValidationError(f"a {type(place).__name__} in message_index")


class Conversation(_Shaped, Generic[Each], gc=False):
    """What tells a session's file from others, and its messages."""

    messages: list[Each] = []
    metadata: _Object | None = None


class Summary(_Shaped, gc=False):
    """What lists need of a session's file."""

    agent_name: str | None = None
    agent_id: str | None = None
    gateway_session_id: str | None = None
    created_at: str | None = None
    updated_at: str | None = None
    metadata: dict[str, Any] = {}
    messages: list[_Object] | msgspec.UnsetType = msgspec.UNSET
    source: Any = None
    parent_id: Any = None
    parent_session_id: Any = None
    agent_key: Any = None
    model: Any = None
    llm: Any = None
    total_tokens: Any = None
    token_count: Any = None
    cost: Any = None


_summary = msgspec.json.Decoder(Summary).decode
_conversation = msgspec.json.Decoder(Conversation[Row]).decode
_shape = msgspec.json.Decoder(Conversation[_Object]).decode


def _text(data: bytes) -> bytes:
    # msgspec passes over strings that nobody asks for, whatever is in them.
    if not data.isascii():
        data.decode()
    return data


def load(data: bytes) -> Conversation[Row] | SessionData:
    """The conversation in a file's bytes, with less than the whole session where that will do.

    Raises:
        NotASession: They are no JSON object.
        UnexpectedShape: The object is no session.
    """
    try:
        found = _conversation(_text(data))
        found.check()
        return found
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return encoding.load(data)


def shape(data: bytes) -> Conversation[_Object] | None:
    """The shape of a file's session; None where the whole session has to be looked at."""
    try:
        found = _shape(_text(data))
        found.check()
        return found
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def summary(data: bytes) -> Summary:
    """What lists need of a file's bytes.

    Raises:
        NotASession: They are no JSON object.
        UnexpectedShape: The object is no session.
    """
    try:
        listed = _summary(_text(data))
        listed.check()
        return listed
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        found = encoding.parse(data)
        session = SessionData.from_dict(found)
        known = session.metadata | session.extra
        named: dict[str, Any] = {name: known.get(name) for name in Summary.__struct_fields__}
        own = ("session_id", "agent_name", "agent_id", "gateway_session_id", "metadata")
        named |= {name: getattr(session, name) for name in own}
        # Not the moment of this read, which the session has where the file says none.
        named |= {name: found.get(name) for name in ("created_at", "updated_at")}
        if "messages" in found:
            named["messages"] = [_Object()] * len(session.messages)
        return Summary(**named)
