"""The session store: one JSON file per session, no cache, one fair lock around every access."""

import logging
import os
import threading
from pathlib import Path
from typing import Any

from reference_impl import encoding, files, names, retention, rows, spill, values
from reference_impl.access import Access, NotWritten
from reference_impl.home import sessions_directory
from reference_impl.labels import Labels
from reference_impl.listing import Listing
from reference_impl.lock import LockTimeout
from reference_impl.session import (
    CompactionCheckpoint,
    Content,
    SessionData,
    SessionMessage,
)
from reference_impl.turns import Message, history

log = logging.getLogger("reference_impl")

DEFAULT_LOCK_TIMEOUT = 5.0


class DefaultSessionStore(Labels, Listing):
    """Keeps each session in `{session_dir}/{session_id}.json`.

    Every read takes the session's lock and loads the file, so that stores and processes on one
    directory always see each other's writes (PraisonAI PR #1759). Every write takes the lock,
    loads, changes, and replaces the file in one step; when it has returned True the change is on
    the disk. What a write accepts, every later read returns equal; everything else raises
    `TypeError` or `ValueError` before anything is changed.

    Every method with a session id raises `OSError` when the lock is not free in time
    (`LockTimeout`) or the file cannot be read (`UnexpectedShape` for one that a person has to
    look at). A write that fails on the disk returns False: the change is not safe yet, and the
    same call again makes it so, once.

    Args:
        session_dir: The directory, made when missing; None means `$PRAISONAI_HOME/sessions` or
            `~/.praisonai/sessions`, as it is when the store is made.
        max_messages: The size of the active window, in messages.
        lock_timeout: How long to wait for a session's lock, in seconds.
        retention: "compact" archives messages older than the window and puts a summary in their
            place, "truncate" drops them, "keep_all" has no window. None means "compact", or
            "truncate" where `max_messages` is not 100 (PraisonAI issue #2709).
        active_window: Overrides `max_messages`.
        durable: Whether True from a write means that a power cut cannot undo it. Without it a
            write flushes nothing, as in the release, which has no such parameter.
        on_unsaved: Called with each turn that could not be stored, after it was put aside. The
            release has no such parameter.

    Raises:
        ValueError: There is no such retention.
        OSError: The directory cannot be made, or is another user's who lets nobody write to it.
    """

    def __init__(
        self,
        session_dir: str | os.PathLike[str] | None = None,
        max_messages: int = retention.DEFAULT_MAX_MESSAGES,
        lock_timeout: float = DEFAULT_LOCK_TIMEOUT,
        retention: str | None = None,
        active_window: int | None = None,
        *,
        durable: bool = True,
        on_unsaved: spill.Told | None = None,
    ) -> None:
        self.retention = _policy(retention, max_messages)
        self.session_dir = str(session_dir or sessions_directory())
        self.max_messages = max_messages
        self.lock_timeout = lock_timeout
        self.active_window = max_messages if active_window is None else active_window
        self.durable = durable
        self._on_unsaved = on_unsaved
        # Absolute, so that a change of the working directory moves no session.
        self._access = Access(
            Path(self.session_dir).absolute(),
            lock_timeout,
            self.retention,
            self.active_window or 0,  # None is no limit, as in the release
            durable,
        )
        # The last turn of a session, where its write was answered False.
        self._unsaved: dict[str, SessionMessage] = {}

    def add_message(
        self,
        session_id: str,
        role: str,
        content: Content,
        metadata: dict[str, Any] | None = None,
        tool_calls: list[dict[str, Any]] | None = None,
        tool_call_id: str | None = None,
        *,
        extra: dict[str, Any] | None = None,
    ) -> bool:
        """Append a message; `tool_calls` and `tool_call_id` make it a tool turn.

        `extra` is what model APIs send beside those, such as `reasoning_content` and `name`; it
        comes back with every history. The release has no such parameter, and drops that.

        Content is a string, a list of parts, or None beside `tool_calls`. A turn whose write
        failed waits in a file of its own, where reads find it, and the next call that can folds
        it in (PraisonAI issue #3597). Who makes the same call again stores it once. So it is with
        a session that cannot be read. A lock that is not free in time raises, and so does another
        user's file in the session's place; the turn waits nowhere then.
        """
        session_id = names.check(session_id)
        message = values.message(role, content, metadata, tool_calls, tool_call_id, extra)
        earlier = self._unsaved.get(session_id)
        is_again = earlier is not None and earlier.is_same_turn(message)
        turn = earlier if earlier is not None and is_again else message
        try:
            saved = self._access.append(session_id, turn, is_again=is_again)
        except (LockTimeout, files.AnotherUsersFile):
            # The one is soon free, the other never: no turn waits for it.
            raise
        except (OSError, NotWritten) as error:
            unsaved = spill.keep(session_id, self._access.path, turn, error)
            self._unsaved[session_id] = turn
            self._tell(unsaved)
            return False
        if not saved:
            self._unsaved[session_id] = turn
        elif self._unsaved.get(session_id) is earlier:
            self._unsaved.pop(session_id, None)
        return saved

    def _tell(self, unsaved: spill.Unsaved) -> None:
        if self._on_unsaved is not None:
            try:
                self._on_unsaved(unsaved)
            except Exception:
                # What became of the turn is the caller's to know, whatever became of the telling.
                log.exception("on_unsaved failed for session %r", unsaved.session_id)

    def add_user_message(
        self, session_id: str, content: Content, metadata: dict[str, Any] | None = None
    ) -> bool:
        """Append a message of the user."""
        return self.add_message(session_id, "user", content, metadata)

    def add_assistant_message(
        self, session_id: str, content: Content, metadata: dict[str, Any] | None = None
    ) -> bool:
        """Append a message of the assistant."""
        return self.add_message(session_id, "assistant", content, metadata)

    def get_chat_history(self, session_id: str, max_messages: int | None = None) -> list[Message]:
        """The active window as an LLM takes it, or its newest `max_messages`.

        Tool turns in it are whole; the last one is, whatever the limit. None, 0 and less are no
        limit. An id without a session has an empty history, and reading it leaves no file.
        """
        limit = values.limit("max_messages", max_messages)
        found = self._access.find(session_id, rows.load)
        messages = found.messages if found is not None else []
        return history([each.to_llm_message() for each in messages], limit)

    def get_working_history(
        self, session_id: str, max_messages: int | None = None
    ) -> list[Message]:
        """The last checkpoint's summary and what followed it (PraisonAI issue #2741).

        A `max_messages` of None or 0 is that of the store, and less is no limit. What it shortens
        begins with a user's message.
        """
        limit = values.limit("max_messages", max_messages or self.max_messages)
        return self.get_session(session_id).get_working_history(limit)

    def get_session(self, session_id: str) -> SessionData:
        """The whole session; an empty one for an id without a session."""
        return self._access.find(session_id, encoding.load) or SessionData(session_id)

    def session_exists(self, session_id: str) -> bool:
        """Whether there is a session with this id."""
        return self._access.find(session_id, rows.load) is not None

    def clear_session(self, session_id: str) -> bool:
        """Remove the messages and the checkpoint; metadata and archive stay.

        An id without a session gets none.
        """

        def clear(session: SessionData) -> None:
            session.messages = []
            session.last_compaction = None

        return self._access.change(session_id, clear, create=False)

    def delete_session(self, session_id: str) -> bool:
        """Remove the session, under its lock, so that no write under way brings it back.

        What waited to be folded into it goes too. A file that was set aside stays.
        """
        session_id = names.check(session_id)
        self._access.directory.make()
        with self._access.held(session_id):
            try:
                # First, or what waits would bring the session back.
                spill.drop(session_id, self._access.path)
                self._access.directory.remove(session_id)
            except OSError:
                log.exception("session %r was not deleted", session_id)
                return False
        self._unsaved.pop(session_id, None)
        return True

    def set_chat_history(self, session_id: str, messages: list[Message]) -> bool:
        """Replace all messages in one step; a checkpoint goes with the old ones."""
        replacement = values.messages(messages)

        def replace(session: SessionData) -> None:
            session.messages = replacement
            session.last_compaction = None

        return self._access.change(session_id, replace)

    def append_compaction_checkpoint(
        self,
        session_id: str,
        summary: str,
        *,
        role: str = "system",
        tokens_before: int = 0,
        tokens_after: int = 0,
        metadata: dict[str, Any] | None = None,
    ) -> bool:
        """Let a summary stand for all messages so far (PraisonAI issue #2741).

        A blank summary is not stored, and the answer is False.
        """
        made = CompactionCheckpoint(
            values.optional("summary", summary) or "",
            0,
            values.text("role", role),
            values.number("tokens_before", tokens_before),
            values.number("tokens_after", tokens_after),
            metadata=values.metadata_of("metadata", metadata),
        )
        if not made.summary.strip():
            return False

        def checkpoint(session: SessionData) -> None:
            made.message_index = len(session.messages)
            session.last_compaction = made

        return self._access.change(session_id, checkpoint)

    def invalidate_cache(self, session_id: str | None = None) -> None:
        """Do nothing: there is no cache. Kept so that older code still runs."""


def _policy(name: str | None, max_messages: int) -> str:
    return retention.policy(name, max_messages)


_default: DefaultSessionStore | None = None
_default_lock = threading.Lock()


def get_default_session_store() -> DefaultSessionStore:
    """The store of this process on the default directory.

    Another one is made when `PRAISONAI_HOME` has changed since. Its retention comes from
    `PRAISONAI_SESSION_RETENTION` and `PRAISONAI_SESSION_ACTIVE_WINDOW`.
    """
    global _default
    directory = str(sessions_directory())
    with _default_lock:
        if _default is None or _default.session_dir != directory:
            policy, window = retention.from_environment()
            _default = DefaultSessionStore(directory, retention=policy, active_window=window)
        return _default
