"""What several clients did to a store, and when: the material of the checker."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any


class Kind(Enum):
    """What an operation does to the list of messages of its session."""

    APPEND = "append"
    READ = "read"
    EXISTS = "exists"
    CLEAR = "clear"
    DELETE = "delete"
    REPLACE = "replace"
    OTHER = "other"


KINDS: dict[str, Kind] = {
    "add_message": Kind.APPEND,
    "get_chat_history": Kind.READ,
    "get_working_history": Kind.READ,
    "get_session": Kind.READ,
    "get_sessions_by_agent": Kind.READ,
    "session_exists": Kind.EXISTS,
    "clear_session": Kind.CLEAR,
    "delete_session": Kind.DELETE,
    "set_chat_history": Kind.REPLACE,
}


@dataclass(frozen=True, slots=True)
class Operation:
    """One call of one client.

    `start` and `end` are nanoseconds of the system-wide monotonic clock; `end` is None when no
    answer came. `messages` are the contents that it wrote; `answer` is, for a read, the contents
    that it returned. `error` is what it raised, in words, and `raised_at` the file and the line.
    """

    client: str
    method: str
    session: str
    start: int
    end: int | None
    messages: tuple[str, ...] = ()
    limit: int | None = None
    answer: Any = None
    error: str | None = None
    raised_at: str | None = None

    @property
    def kind(self) -> Kind:
        """What it does to the list of messages."""
        return KINDS.get(self.method, Kind.OTHER)

    @property
    def observes(self) -> bool:
        """Whether it is a read or asks for existence."""
        return self.kind in (Kind.READ, Kind.EXISTS)

    @property
    def certain(self) -> bool:
        """Whether it is known to have happened.

        A write that raised, was answered False or was never answered may have happened, and may
        still happen later.
        """
        done = self.error is None and (self.observes or bool(self.answer))
        return done and self.end is not None


History = Sequence[Operation]


def sessions(history: History) -> dict[str, list[Operation]]:
    """The operations of each session, in the order in which they began."""
    parts: dict[str, list[Operation]] = {}
    for operation in sorted(history, key=lambda each: each.start):
        parts.setdefault(operation.session, []).append(operation)
    return parts
