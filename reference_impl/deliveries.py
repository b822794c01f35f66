"""Messages that come again: after a time-out, a restart, or a platform's second delivery.

A platform's id names a message for ever, and stands in the metadata of the question as
`message_id`, in that of its answer with "/answer". Without an id a text alone tells little: a
user may say "yes" twice. Who left before the answer came and says the same next, says it again.
"""

import hashlib
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from reference_impl.turns import Message


@dataclass(frozen=True, eq=False)
class Delivery:
    """One call with a message; `left` is set when its caller has left without the answer."""

    prompt: str
    message_id: str = ""
    left: threading.Event = field(default_factory=threading.Event)


class Kept(NamedTuple):
    """What a session has of a message, and under which name it is kept."""

    name: str = ""
    is_stored: bool = False
    reply: str | None = None


def named(message: Message, name: str) -> Message:
    """The message with a name in its metadata; as it is where there is no name."""
    if not name:
        return message
    return message | {"metadata": (message.get("metadata") or {}) | {"message_id": name}}


def answer_to(name: str) -> str:
    """The name of a message's answer."""
    return f"{name}/answer" if name else ""


def kept(messages: Iterable[Message], delivery: Delivery) -> Kept:
    """What `messages`, with their metadata, have of a message that has an id.

    One that was edited comes with its old id and another text, and is a message of its own.
    """
    by_name = {name: each for each in messages if isinstance(name := _name(each), str)}
    first = delivery.message_id
    edited = f"{first}/{hashlib.sha256(delivery.prompt.encode()).hexdigest()[:12]}"
    for name in (first, edited):
        question, answer = by_name.get(name), by_name.get(answer_to(name))
        if (question or answer) and (not question or question["content"] == delivery.prompt):
            return Kept(name, True, str(answer["content"]) if answer else None)
    return Kept(edited if first in by_name else first)


def _name(message: Message) -> Any:
    metadata = message.get("metadata")
    return metadata.get("message_id") if isinstance(metadata, dict) else None


class Deliveries:
    """Answers that are stored, by session, until their callers have them."""

    def __init__(self) -> None:
        self._answers: dict[str, tuple[Delivery, str]] = {}
        self._guard = threading.Lock()

    def answered(self, key: str, delivery: Delivery, reply: str) -> None:
        """Remember an answer that its caller does not have yet."""
        with self._guard:
            self._answers[key] = delivery, reply

    def received(self, key: str, delivery: Delivery) -> None:
        """Forget the answer, since its caller has it."""
        with self._guard:
            if key in self._answers and self._answers[key][0] is delivery:
                del self._answers[key]

    def reply_to(self, key: str, delivery: Delivery, past: list[Message]) -> str | None:
        """The answer to the message of the turn before, if it is the same and nobody heard it.

        `past` has to end with that turn still: another process may have cleared the session or
        added to it.
        """
        with self._guard:
            before, reply = self._answers.pop(key, (None, ""))
        if before is None or not before.left.is_set() or before.prompt != delivery.prompt:
            return None
        said = [(each["role"], each["content"]) for each in past]
        questions = [text for role, text in said if role == "user"]
        is_last = said[-1:] == [("assistant", reply)] and questions[-1:] == [delivery.prompt]
        return reply if is_last else None
