"""A small store that keeps every promise: what the zoo breaks, one thing at a time."""

import asyncio
import contextlib
import hashlib
import inspect
import json
import os
import time
import uuid
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from filelock import FileLock

from reference_impl.turns import whole

Data = dict[str, Any]


class Base:
    """One JSON file and one lock file for each session, under a name made of its id."""

    lock_timeout = 1.0

    def __init__(self, root: Path) -> None:
        self.root = root

    def name(self, session_id: str) -> str:
        """The name of the file of a session."""
        return hashlib.sha256(session_id.encode("utf-8", "surrogatepass")).hexdigest()[:32]

    def path(self, session_id: str) -> Path:
        """The file of a session."""
        return self.root / f"{self.name(session_id)}.json"

    @contextlib.contextmanager
    def locked(self, session_id: str) -> Iterator[None]:
        """Hold the lock of a session, taken in the order of arrival."""
        end = time.monotonic() + self.lock_timeout
        lock = self._lock(session_id, "lock")
        with self._lock(session_id, "turn"):
            lock.acquire(timeout=max(0.0, end - time.monotonic()))
        try:
            yield
        finally:
            lock.release()

    def _lock(self, session_id: str, ending: str) -> FileLock:
        return FileLock(
            self.path(session_id).with_suffix(f".{ending}"),
            poll_interval=0.001,
            timeout=self.lock_timeout,
            thread_local=False,
        )

    def load(self, session_id: str) -> Data | None:
        """What the file holds, or None when there is none."""
        try:
            return json.loads(self.path(session_id).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None

    def save(self, session_id: str, data: Data) -> None:
        """Replace the file in one step, unless it would be read as something else."""
        part = self.root / f"{uuid.uuid4().hex}.part"
        body = json.dumps(data)
        if json.loads(body) != data:
            raise ValueError("JSON cannot give this back")
        try:
            part.write_text(body, encoding="utf-8")
            os.replace(part, self.path(session_id))
        finally:
            part.unlink(missing_ok=True)

    def remove(self, session_id: str) -> None:
        """Remove the file."""
        self.path(session_id).unlink(missing_ok=True)

    def read(self, session_id: str) -> Data:
        """What a session holds, or an empty one."""
        with self.locked(session_id):
            return self.load(session_id) or empty()

    def change(self, session_id: str, edit: Callable[[Data], object]) -> bool:
        """Load, edit and save under the lock."""
        with self.locked(session_id):
            data = self.load(session_id) or empty()
            edit(data)
            self.save(session_id, data)
        return True

    def add_message(
        self,
        session_id: str,
        role: str,
        content: str,
        metadata: dict[str, Any] | None = None,
        tool_calls: list[Any] | None = None,
        tool_call_id: str | None = None,
    ) -> bool:
        """Add a message."""
        more = {"metadata": metadata, "tool_calls": tool_calls, "tool_call_id": tool_call_id}
        message = {"role": role, "content": content} | {k: v for k, v in more.items() if v}
        return self.change(session_id, lambda data: data["messages"].append(message))

    def get_chat_history(
        self, session_id: str, max_messages: int | None = None
    ) -> list[dict[str, Any]]:
        """The newest messages, oldest first."""
        return self.shown(self.read(session_id)["messages"], max_messages)

    def shown(self, messages: list[Data], limit: int | None) -> list[Data]:
        """Messages as a chat model takes them, the newest with whole tool turns alone."""
        tail = [{k: v for k, v in m.items() if k != "metadata"} for m in messages]
        return tail if limit is None or limit < 1 else whole(tail[-limit:])

    def clear_session(self, session_id: str) -> bool:
        """Remove the messages."""
        return self.change(session_id, lambda data: data.update(messages=[], checkpoint=None))

    def delete_session(self, session_id: str) -> bool:
        """Remove the session."""
        with self.locked(session_id):
            self.remove(session_id)
        return True

    def session_exists(self, session_id: str) -> bool:
        """Whether the session has a file."""
        return self.path(session_id).exists()

    def set_chat_history(self, session_id: str, messages: list[dict[str, Any]]) -> bool:
        """Replace the messages."""
        if not isinstance(messages, list) or not all(
            isinstance(each, dict) and {"role", "content"} <= each.keys() for each in messages
        ):
            raise TypeError("messages is a list of dicts with role and content")
        return self.change(session_id, lambda data: data.update(messages=messages))

    def update_session_metadata(self, session_id: str, **fields: Any) -> bool:
        """Merge fields into the metadata."""
        return self.change(session_id, lambda data: data["metadata"].update(fields))

    def get_session(self, session_id: str) -> SimpleNamespace:
        """The whole session."""
        return SimpleNamespace(session_id=session_id, **self.read(session_id))

    def set_agent_info(self, session_id: str, agent_name: str) -> bool:
        """Say whose session it is."""
        mine = {"agent": agent_name, "id": session_id}
        return self.change(session_id, lambda data: data.update(mine))

    def get_sessions_by_agent(self, agent_name: str) -> list[SimpleNamespace]:
        """The sessions of an agent."""
        names = sorted(path.stem for path in self.root.glob("*.json"))
        found = [json.loads((self.root / f"{name}.json").read_text()) for name in names]
        return [self.get_session(data["id"]) for data in found if data.get("agent") == agent_name]

    def append_compaction_checkpoint(self, session_id: str, summary: str) -> bool:
        """Let a summary stand for the messages so far."""
        return self.change(
            session_id,
            lambda data: data.update(checkpoint=[summary, len(data["messages"])]),
        )

    def get_working_history(self, session_id: str) -> list[dict[str, Any]]:
        """The summary of the last checkpoint and what was added since."""
        data = self.read(session_id)
        if data["checkpoint"] is None:
            return whole(self.shown(data["messages"], None))
        summary, place = data["checkpoint"]
        later = whole(self.shown(data["messages"][place:], None))
        return [{"role": "system", "content": summary}, *later]


def later(name: str) -> Callable[..., Awaitable[Any]]:
    """A coroutine function that does what a method of the base does."""

    async def method(self: Base, *arguments: Any, **named: Any) -> Any:
        await asyncio.sleep(0)
        return getattr(Base, name)(self, *arguments, **named)

    method.__signature__ = inspect.signature(getattr(Base, name))  # type: ignore[attr-defined]
    return method


class Counts(Base):
    """Counts the writes of a session, so that a reader can wait for them instead of for a time."""

    def save(self, session_id, data):
        super().save(session_id, data)
        with self._count(session_id).open("ab") as file:
            file.write(b".")

    def is_busy(self, session_id):
        """Whether somebody wrote just now."""
        path = self._count(session_id)
        return path.exists() and time.time() - path.stat().st_mtime < 0.2

    def wait(self, session_id, writes, seconds=0.0):
        """Wait for so many writes and so long, or until nobody writes any more."""
        path, end = self._count(session_id), time.monotonic() + seconds
        size = path.stat().st_size + writes if path.exists() else 0
        while self.is_busy(session_id) and (path.stat().st_size < size or time.monotonic() < end):
            time.sleep(0.001)

    def _count(self, session_id):
        return self.path(session_id).with_suffix(".count")


class Later(Base):
    """The working base as an async store."""

    add_message = later("add_message")
    get_chat_history = later("get_chat_history")
    clear_session = later("clear_session")
    delete_session = later("delete_session")
    session_exists = later("session_exists")
    set_chat_history = later("set_chat_history")
    get_session = update_session_metadata = get_sessions_by_agent = None
    get_working_history = append_compaction_checkpoint = None


class Windowed(Base):
    """Shows each client a window of the newest messages; 0 is no window."""

    def __init__(self, root: Path, window: int = 0) -> None:
        super().__init__(root)
        self.window = window

    def shown(self, messages: list[Data], limit: int | None) -> list[Data]:
        """The messages of the window."""
        return super().shown(messages[-self.window :], limit)


class KeepsIds(Base):
    """Stores a message with an id once in its session, also after a clear."""

    keeps_message_ids = True

    def add_message(
        self, session_id: str, role: str, content: str, metadata: Data | None = None, **_: Any
    ) -> bool:
        """Add a message whose id the session has not had."""
        identity = (metadata or {}).get("message_id")

        def put(data: Data) -> None:
            known = data.setdefault("ids", [])
            if identity is None or identity not in known:
                data["messages"].append({"role": role, "content": content})
                known.append(identity)

        return self.change(session_id, put)


def empty() -> Data:
    """A session without anything."""
    return {"messages": [], "metadata": {}, "checkpoint": None}
