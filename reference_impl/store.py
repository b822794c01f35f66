"""The session store: one JSON file per session, no cache, one fair lock around every access."""

import logging
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from reference_impl import files, names, retention
from reference_impl.home import sessions_directory
from reference_impl.lock import Locks
from reference_impl.session import (
    CompactionCheckpoint,
    Message,
    NotASession,
    SessionData,
    SessionMessage,
    now,
)

log = logging.getLogger("reference_impl")

DEFAULT_LOCK_TIMEOUT = 5.0


class DefaultSessionStore:
    """Keeps each session in `{session_dir}/{session_id}.json`.

    Every read takes the session's lock and loads the file, so that stores and processes on one
    directory always see each other's writes (PraisonAI PR #1759). Every write takes the lock,
    loads, changes, and replaces the file in one step; when it has returned True the change is on
    the disk.

    Every method with a session id raises `TypeError` or `ValueError` for what is no id, and
    `OSError` when the lock is not free in time (`LockTimeout`) or the file cannot be read. A
    write that fails on the disk returns False and changes nothing, unless only its last step
    failed, the flush of the directory: then the change is there until a power cut.

    Args:
        session_dir: The directory, made when missing; None means `$PRAISONAI_HOME/sessions` or
            `~/.praisonai/sessions`, as it is when the store is made.
        max_messages: The size of the active window, in messages.
        lock_timeout: How long to wait for a session's lock, in seconds.
        retention: "compact" archives messages older than the window and puts a summary in their
            place, "truncate" drops them, "keep_all" has no window. None means "compact", or
            "truncate" where `max_messages` is not 100 (PraisonAI issue #2709).
        active_window: Overrides `max_messages`.

    Raises:
        ValueError: There is no such retention.
        OSError: The directory cannot be made.
    """

    def __init__(
        self,
        session_dir: str | os.PathLike[str] | None = None,
        max_messages: int = retention.DEFAULT_MAX_MESSAGES,
        lock_timeout: float = DEFAULT_LOCK_TIMEOUT,
        retention: str | None = None,
        active_window: int | None = None,
    ) -> None:
        self.retention = _policy(retention, max_messages)
        self.session_dir = str(session_dir or sessions_directory())
        self.max_messages = max_messages
        self.lock_timeout = lock_timeout
        self.active_window = max_messages if active_window is None else active_window
        # Absolute, so that a change of the working directory moves no session.
        self._directory = Path(self.session_dir).absolute()
        self._directory.mkdir(parents=True, exist_ok=True)
        self._locks = Locks(self._directory, lock_timeout)

    def add_message(
        self,
        session_id: str,
        role: str,
        content: str,
        metadata: dict[str, Any] | None = None,
        tool_calls: list[dict[str, Any]] | None = None,
        tool_call_id: str | None = None,
    ) -> bool:
        """Append a message; `tool_calls` and `tool_call_id` make it a tool turn."""
        if not isinstance(role, str) or not isinstance(content, str):
            raise TypeError(f"role and content are strings, not {role!r} and {content!r}")
        message = SessionMessage(
            role,
            content,
            metadata=metadata or {},
            tool_calls=tool_calls,
            tool_call_id=tool_call_id,
        )
        return self._change(session_id, lambda session: session.messages.append(message))

    def add_user_message(
        self, session_id: str, content: str, metadata: dict[str, Any] | None = None
    ) -> bool:
        """Append a message of the user."""
        return self.add_message(session_id, "user", content, metadata)

    def add_assistant_message(
        self, session_id: str, content: str, metadata: dict[str, Any] | None = None
    ) -> bool:
        """Append a message of the assistant."""
        return self.add_message(session_id, "assistant", content, metadata)

    def get_chat_history(self, session_id: str, max_messages: int | None = None) -> list[Message]:
        """The active window as an LLM takes it, or its newest `max_messages`.

        An id without a session has an empty history, and reading it leaves no file.
        """
        return self.get_session(session_id).get_chat_history(max_messages)

    def get_working_history(
        self, session_id: str, max_messages: int | None = None
    ) -> list[Message]:
        """The last checkpoint's summary and what followed it (PraisonAI issue #2741)."""
        limit = max_messages or self.max_messages
        return self.get_session(session_id).get_working_history(limit)

    def get_session(self, session_id: str) -> SessionData:
        """The whole session; an empty one for an id without a session."""
        names.check(session_id)
        if not any(map(files.exists, self._candidates(session_id))):
            return SessionData(session_id)
        with self._locks.held(names.lock(session_id), session_id):
            return self._find(session_id)[1] or SessionData(session_id)

    def session_exists(self, session_id: str) -> bool:
        """Whether there is a session with this id."""
        names.check(session_id)
        if not any(map(files.exists, self._candidates(session_id))):
            return False
        with self._locks.held(names.lock(session_id), session_id):
            return self._find(session_id)[1] is not None

    def clear_session(self, session_id: str) -> bool:
        """Remove the messages and the checkpoint; metadata and archive stay.

        An id without a session gets none.
        """

        def clear(session: SessionData) -> None:
            session.messages = []
            session.last_compaction = None

        return self._change(session_id, clear, create=False)

    def delete_session(self, session_id: str) -> bool:
        """Remove the session, under its lock, so that no write under way brings it back."""
        names.check(session_id)
        with self._locks.held(names.lock(session_id), session_id):
            try:
                # There are two files when both implementations wrote an unsafe id.
                while (found := self._find(session_id))[1] is not None:
                    files.remove(found[0])
            except OSError:
                log.exception("session %r was not deleted", session_id)
                return False
            return True

    def set_chat_history(self, session_id: str, messages: list[Message]) -> bool:
        """Replace all messages in one step; a checkpoint goes with the old ones."""
        replacement = [
            SessionMessage.from_dict(_replacement(message), f"messages[{index}]")
            for index, message in enumerate(messages)
        ]

        def replace(session: SessionData) -> None:
            session.messages = replacement
            session.last_compaction = None

        return self._change(session_id, replace)

    def update_session_metadata(self, session_id: str, **fields: Any) -> bool:
        """Merge fields into the metadata; a field that is None changes nothing."""
        fields = {key: value for key, value in fields.items() if value is not None}
        if not fields:
            return True

        def merge(session: SessionData) -> None:
            session.metadata |= fields
            for key in ("agent_id", "agent_name", "user_id"):
                if key in fields:
                    setattr(session, key, fields[key])

        return self._change(session_id, merge)

    def rename_session(self, session_id: str, title: str) -> bool:
        """Set the title in the metadata, or remove it by an empty one (PraisonAI issue #3737)."""

        def rename(session: SessionData) -> None:
            if title and title.strip():
                session.metadata["title"] = title.strip()
            else:
                session.metadata.pop("title", None)

        return self._change(session_id, rename)

    def set_agent_info(
        self, session_id: str, agent_name: str | None = None, user_id: str | None = None
    ) -> bool:
        """Record whose session it is; None and "" change nothing."""

        def record(session: SessionData) -> None:
            session.agent_name = agent_name or session.agent_name
            session.user_id = user_id or session.user_id

        return self._change(session_id, record)

    def set_gateway_info(
        self,
        session_id: str,
        gateway_session_id: str | None = None,
        agent_id: str | None = None,
    ) -> bool:
        """Link the session to a gateway's; None and "" change nothing."""

        def link(session: SessionData) -> None:
            session.gateway_session_id = gateway_session_id or session.gateway_session_id
            session.agent_id = agent_id or session.agent_id

        return self._change(session_id, link)

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
        if not summary or not summary.strip():
            return False

        def checkpoint(session: SessionData) -> None:
            session.last_compaction = CompactionCheckpoint(
                summary,
                len(session.messages),
                role,
                tokens_before,
                tokens_after,
                metadata=metadata or {},
            )

        return self._change(session_id, checkpoint)

    def get_session_model(self, session_id: str) -> str | None:
        """The model last recorded for the session or for one of its messages (issue #3685)."""
        session = self.get_session(session_id)
        recorded = [session.metadata.get("model"), session.metadata.get("llm")]
        recorded += [message.metadata.get("model") for message in reversed(session.messages)]
        return next((model for model in recorded if isinstance(model, str) and model), None)

    def list_sessions(self, limit: int = 50) -> list[dict[str, Any]]:
        """A description of each session, the last changed first."""
        listed = sorted(self._all(), key=lambda session: session.updated_at, reverse=True)
        return [_description(session) for session in listed[:limit]]

    def list_sessions_by_agent(self, agent_name: str, limit: int = 50) -> list[str]:
        """The ids of an agent's sessions."""
        return [session.session_id for session in self.get_sessions_by_agent(agent_name, limit)]

    def get_sessions_by_agent(self, agent_name: str, limit: int = 10) -> list[SessionData]:
        """The sessions of an agent."""
        return [session for session in self._all() if session.agent_name == agent_name][:limit]

    def get_by_gateway_session(self, gateway_session_id: str) -> SessionData | None:
        """The session linked to a gateway's, or None."""
        linked = (s for s in self._all() if s.gateway_session_id == gateway_session_id)
        return next(linked, None)

    def list_sessions_by_gateway_agent(self, agent_id: str, limit: int = 50) -> list[str]:
        """The ids of the sessions linked to a gateway's agent."""
        return [session.session_id for session in self._all() if session.agent_id == agent_id][
            :limit
        ]

    def invalidate_cache(self, session_id: str | None = None) -> None:
        """Do nothing: there is no cache. Kept so that older code still runs."""

    def _change(
        self, session_id: str, change: Callable[[SessionData], None], *, create: bool = True
    ) -> bool:
        names.check(session_id)
        with self._locks.held(names.lock(session_id), session_id):
            path, session = self._find(session_id)
            if session is None:
                if not create:
                    return True
                session = SessionData(session_id)
            change(session)
            session.updated_at = now()
            retention.apply(session, self.retention, self.active_window)
            data = files.serialize(session)
            try:
                files.write(path, data)
            except OSError:
                log.exception("session %r was not stored; its file is whole", session_id)
                return False
            return True

    def _candidates(self, session_id: str) -> tuple[Path, ...]:
        """Where the session may be; the last one is the release's place for it."""
        own = self._directory / f"{names.hashed(session_id)}.json"
        shared = names.folded(session_id)
        return (own, self._directory / f"{shared}.json") if shared else (own,)

    def _find(self, session_id: str) -> tuple[Path, SessionData | None]:
        """The session and its file, or the file that a new one gets; needs the lock."""
        own, *shared = self._candidates(session_id)
        if (session := _load(own, session_id)) is not None:
            return own, session
        is_safe = names.is_safe(session_id)
        for path in shared:
            try:
                session = _load(path) if is_safe else files.read(path)
            except NotASession:
                continue  # It is for the id that owns the name to set it aside.
            if session is None:
                return (path if is_safe else own), None
            if session.session_id == session_id or (is_safe and not session.session_id):
                session.session_id = session_id
                return path, session
        return own, None

    def _all(self) -> Iterator[SessionData]:
        try:
            listed = sorted(os.listdir(self._directory))
        except FileNotFoundError:
            return
        for path in (self._directory / name for name in listed if name.endswith(".json")):
            try:
                session = files.read(path)
            except (OSError, NotASession) as error:
                log.error("%s is left out: %s", path, error)
                continue
            if session is not None:
                session.session_id = session.session_id or path.stem
                yield session


def _load(path: Path, owner: str | None = None) -> SessionData | None:
    try:
        session = files.read(path)
        if session is not None and owner is not None:
            if session.session_id not in ("", owner):
                raise NotASession(f"it holds the session {session.session_id!r}")
            session.session_id = owner
        return session
    except NotASession as error:
        files.set_aside(path, error)
        return None


def _policy(name: str | None, max_messages: int) -> str:
    return retention.policy(name, max_messages)


def _replacement(message: Message) -> Message:
    if not isinstance(message, dict):
        raise TypeError(f"a message is a dict with role and content, not {message!r}")
    known = ("role", "content", "timestamp", "metadata", "tool_calls", "tool_call_id")
    return {key: message[key] for key in known if key in message}


def _description(session: SessionData) -> dict[str, Any]:
    found = session.metadata | session.extra
    return {
        "session_id": session.session_id,
        "id": session.session_id,
        "agent_name": session.agent_name,
        "title": session.metadata.get("title"),
        "agent_id": session.agent_id or session.metadata.get("agent_id"),
        "source": found.get("source"),
        "parent_id": found.get("parent_id"),
        "parent_session_id": found.get("parent_session_id"),
        "agent_key": found.get("agent_key"),
        "created_at": session.created_at,
        "updated_at": session.updated_at,
        "message_count": len(session.messages),
        "model": session.metadata.get("model") or session.metadata.get("llm"),
        "total_tokens": found.get("total_tokens") or found.get("token_count"),
        "cost": found.get("cost"),
    }


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
