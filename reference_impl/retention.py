"""What happens to messages that no longer fit the active window."""

import logging
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from reference_impl import turns
from reference_impl.session import SessionData, SessionMessage

log = logging.getLogger("reference_impl")

COMPACT = "compact"
TRUNCATE = "truncate"
KEEP_ALL = "keep_all"
POLICIES = (COMPACT, TRUNCATE, KEEP_ALL)
DEFAULT_MAX_MESSAGES = 100

_HEAD = "[Session Summary]\n"
_QUOTED = 80


def policy(retention: str | None, max_messages: int) -> str:
    """The policy of a store.

    Without one, a store whose `max_messages` is not the default truncates, as stores did before
    there were policies (PraisonAI issue #2709).

    Raises:
        ValueError: There is no such policy.
    """
    if retention is None:
        return COMPACT if max_messages == DEFAULT_MAX_MESSAGES else TRUNCATE
    if retention not in POLICIES:
        raise ValueError(f"retention is one of {', '.join(POLICIES)}, not {retention!r}")
    return retention


def from_environment() -> tuple[str | None, int | None]:
    """`PRAISONAI_SESSION_RETENTION` and `PRAISONAI_SESSION_ACTIVE_WINDOW`.

    A value that cannot be used is logged and left out.
    """
    retention = os.environ.get("PRAISONAI_SESSION_RETENTION") or None
    if retention is not None and retention not in POLICIES:
        log.warning(
            "PRAISONAI_SESSION_RETENTION=%r is not one of %s; ignored",
            retention,
            ", ".join(POLICIES),
        )
        retention = None
    window = os.environ.get("PRAISONAI_SESSION_ACTIVE_WINDOW") or None
    try:
        return retention, None if window is None else int(window)
    except ValueError:
        log.warning("PRAISONAI_SESSION_ACTIVE_WINDOW=%r is not a number; ignored", window)
        return retention, None


def is_within(count: int, retention: str, window: int) -> bool:
    """Whether that many messages stay as they are; a window of 0 or less has no limit."""
    return retention == KEEP_ALL or window <= 0 or count <= window


def apply(
    session: SessionData,
    retention: str,
    window: int,
    archived: Callable[[], Iterator[SessionMessage]] | None = None,
) -> None:
    """Bring the messages of a session back to its window.

    `compact` moves older messages to the archive and puts one summary before the window;
    `truncate` drops them; `keep_all` does nothing. `archived` gives what was archived before, the
    newest first, where the session does not hold it.
    """
    before = len(session.messages)
    if is_within(before, retention, window):
        return
    places = turns.window([message.role for message in session.messages], window)
    if len(places) == before:
        return
    # A task's question stays when its first steps leave.
    is_apart = len(places) > 1 and places[1] > places[0] + 1
    start = places[1] if is_apart else places[0]
    older, recent = session.messages[:start], session.messages[start:]
    opening = [session.messages[places[0]]] if is_apart else []
    if retention == COMPACT:
        previous = older[0] if _is_summary(older[0]) else None
        older = older[_stand_ins(session, archived) :]
        session.archived_messages.extend(older)
        summary = summarize(older, previous) if older else previous
        # The archive has the question before its steps, so what stays of it is a copy.
        opening = [*([] if summary is None else [summary]), *map(_stand_in, opening)]
    session.messages = opening + recent
    checkpoint = session.last_compaction
    if checkpoint is not None:
        dropped = before - len(session.messages)
        checkpoint.message_index = max(0, checkpoint.message_index - dropped)


def _stand_ins(
    session: SessionData, archived: Callable[[], Iterator[SessionMessage]] | None
) -> int:
    """How many of the first messages stand for what the archive has.

    They are a summary, and behind it a task's question. Whatever its metadata says, a message that
    is not in the archive is none.
    """
    if not session.messages or not _is_summary(session.messages[0]):
        return 0
    second = session.messages[1:2]
    if not second or not _is_marked(second[0]):
        return 1
    known = second[0].timestamp, second[0].content
    others = reversed(session.archived_messages) if archived is None else archived()
    return 1 + any(known == (other.timestamp, other.content) for other in others)


def _is_marked(message: SessionMessage) -> bool:
    # The release stores whatever it is given as metadata.
    return isinstance(message.metadata, dict) and bool(message.metadata.get("compaction"))


def _is_summary(message: SessionMessage) -> bool:
    text = message.content if isinstance(message.content, str) else ""
    return message.role == "system" and _is_marked(message) and text.startswith(_HEAD)


def _stand_in(message: SessionMessage) -> SessionMessage:
    metadata = message.metadata if isinstance(message.metadata, dict) else {}
    return replace(message, metadata=metadata | {"compaction": True})


def _text(content: Any) -> str:
    """The text of a message: that of its parts, where it has parts."""
    if isinstance(content, list):
        return " ".join(_text(part.get("text")) for part in content if isinstance(part, dict))
    return content if isinstance(content, str) else ""


def summarize(older: list[SessionMessage], previous: SessionMessage | None) -> SessionMessage:
    """One message for many: how many they were, and how the newest of them began."""
    count = len(older)
    if previous is not None:
        counted = previous.metadata.get("compacted_count")
        count += counted if isinstance(counted, int) else 0
    newest = " ".join(_text(older[-1].content).split())
    quoted = newest if len(newest) <= _QUOTED else newest[: _QUOTED - 3] + "..."
    text = f"{count} earlier messages are archived. The last one, from {older[-1].role}: {quoted}"
    metadata = {"compaction": True, "compacted_count": count}
    return SessionMessage("system", _HEAD + text, metadata=metadata)
