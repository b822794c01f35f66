"""The work of a store of JSON files and nothing else, done in the usual way.

Each keeps the file of the reference and does nothing that a promise could leave out. They are no
stores to use: ids are file names, and nothing is checked.
"""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
from filelock import FileLock

Message = dict[str, Any]


class _Listed(msgspec.Struct, gc=False):
    session_id: str | None = None
    agent_name: str | None = None
    updated_at: str | None = None


_listed = msgspec.json.Decoder(_Listed).decode


class Floor:
    """Lock, read, decode; for an append also encode, format, write, replace."""

    def __init__(self, *, raw: bool, flush: bool) -> None:
        self._directory = Path("sessions")
        self._directory.mkdir(exist_ok=True)
        self._raw, self._flush = raw, flush
        self._locks: dict[str, FileLock] = {}

    @contextmanager
    def _locked(self, session_id: str) -> Iterator[None]:
        path = self._directory / f"{session_id}.json.lock"
        if self._raw:
            handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX)
                yield
            finally:
                os.close(handle)
            return
        if session_id not in self._locks:
            self._locks[session_id] = FileLock(path, poll_interval=0.001, thread_local=False)
        with self._locks[session_id]:
            yield

    def _load(self, session_id: str) -> dict[str, Any]:
        try:
            data = (self._directory / f"{session_id}.json").read_bytes()
        except FileNotFoundError:
            return {"session_id": session_id, "messages": []}
        found: dict[str, Any] = msgspec.json.decode(data)
        return found

    def _save(self, session_id: str, session: dict[str, Any]) -> None:
        data = msgspec.json.format(msgspec.json.encode(session), indent=2)
        path = self._directory / f"{session_id}.json"
        temporary = path.with_suffix(".tmp")
        with open(temporary, "wb") as file:
            file.write(data)
            if self._flush:
                file.flush()
                os.fsync(file.fileno())
        temporary.replace(path)
        if self._flush:
            handle = os.open(self._directory, os.O_RDONLY)
            os.fsync(handle)
            os.close(handle)

    def get_chat_history(self, session_id: str) -> list[Message]:
        """Lock, read, decode."""
        with self._locked(session_id):
            found: list[Message] = self._load(session_id)["messages"]
            return found

    def add_message(self, session_id: str, role: str, content: str) -> bool:
        """Lock, read, decode, encode, write, replace."""
        with self._locked(session_id):
            session = self._load(session_id)
            session["messages"].append(
                {"role": role, "content": content, "timestamp": 0.0, "metadata": {}}
            )
            self._save(session_id, session)
        return True

    def set_chat_history(self, session_id: str, messages: list[Message]) -> bool:
        """Write a whole session."""
        rows = [message | {"timestamp": 0.0, "metadata": {}} for message in messages]
        with self._locked(session_id):
            self._save(session_id, json.loads(json.dumps({"messages": rows})))
        return True

    def set_agent_info(self, session_id: str, agent_name: str) -> bool:
        """Name the session's agent."""
        with self._locked(session_id):
            self._save(session_id, self._load(session_id) | {"agent_name": agent_name})
        return True

    def list_sessions(self, limit: int) -> list[_Listed]:
        """Read and decode each file, without a lock."""
        return list(self._all())[:limit]

    def get_sessions_by_agent(self, agent_name: str, limit: int) -> list[_Listed]:
        """The same, and keep those of one agent."""
        return [each for each in self._all() if each.agent_name == agent_name][:limit]

    def _all(self) -> Iterator[_Listed]:
        place = os.path.join(self._directory, "")
        for name in os.listdir(self._directory):
            if name.endswith(".json"):
                handle = os.open(place + name, os.O_RDONLY)
                yield _listed(os.read(handle, os.fstat(handle).st_size))
                os.close(handle)
