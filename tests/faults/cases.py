"""Each kind of write and read, with the state that it finds and the state that it leaves."""

import hashlib
import json
import os
import re
import resource
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from reference_impl import DefaultSessionStore

Store = DefaultSessionStore
Call = Callable[[Store], Any]
Prepare = Callable[[Store], object]

# Stands in every conversation, so that a file can be searched for what was deleted.
SECRET = "secret"
JUNK = b'{"session_id": "s", "messages": [junk'
UNSAFE = "user:1"
PATIENCE = 2.0
# A size in bytes that a large session does not fit in, and a turn of it does.
_FULL = 50_000


@dataclass(frozen=True)
class Case:
    """One call on a directory that was prepared for it."""

    name: str
    call: Call
    prepare: Prepare | None = None
    session: str = "s"
    settings: dict[str, Any] = field(default_factory=dict)
    directory: str = "sessions"
    # Another process has just made the directories, and has not flushed them yet.
    is_raced: bool = False
    # The largest file that may be written, in bytes; what does not fit is spilled.
    limit: int | None = None
    # Bytes that one file has to hold whatever happens.
    kept: bytes = b""
    # It may first forget what was never acknowledged.
    forgets: bool = False
    # A read answers the same each time, and changes nothing.
    is_read: bool = False

    @property
    def spills(self) -> bool:
        """Whether the call is answered False, and its turn waits in a file of its own."""
        return self.limit is not None

    def open(self, place: Path) -> Store:
        """A new store on the case's directory, with a home beside it."""
        os.environ["PRAISONAI_HOME"] = str(place / "home")
        settings = {"lock_timeout": PATIENCE} | self.settings
        if self.is_raced:
            os.makedirs(place / self.directory, mode=0o700, exist_ok=True)
        return DefaultSessionStore(place / self.directory, **settings)

    def limited(self) -> AbstractContextManager[None]:
        """Let no file grow beyond the case's limit."""
        return limited(self.limit) if self.limit is not None else nullcontext()

    def observe(self, store: Store) -> Any:
        """What readers are told of the session, without its times."""
        session = store.get_session(self.session)
        found = session.to_dict()
        for message in [*found["messages"], *found.get("archived_messages", [])]:
            del message["timestamp"]
        for key in ("created_at", "updated_at"):
            del found[key]
        if found.get("last_compaction"):
            del found["last_compaction"]["timestamp"]
        views = {
            "exists": store.session_exists(self.session),
            "history": store.get_chat_history(self.session),
            "working": store.get_working_history(self.session),
        }
        return short(found | views)


@contextmanager
def limited(size: int) -> Iterator[None]:
    """Let no file grow beyond a size in bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def short(value: Any) -> Any:
    """A value as JSON keeps it, with a digest for every long text."""
    if isinstance(value, dict):
        return {key: short(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [short(each) for each in value]
    if isinstance(value, str) and len(value) > 200:
        return hashlib.sha256(value.encode()).hexdigest()
    return value


def _two(store: Store) -> None:
    store.add_user_message("s", "old secret 1")
    store.add_assistant_message("s", "old secret 2", {"n": 2})


def _window(store: Store) -> None:
    for number in range(3):
        store.add_user_message("s", f"old secret {number}")


def _unsafe(store: Store) -> None:
    store.add_user_message(UNSAFE, "old secret 1")


def _released(store: Store) -> None:
    """The file that the release makes of an unsafe id."""
    message = {"role": "user", "content": "older secret", "timestamp": 1.5, "metadata": {}}
    moment = "2026-01-01T00:00:00+00:00"
    data = {
        "session_id": UNSAFE,
        "messages": [message],
        "created_at": moment,
        "updated_at": moment,
    }
    (Path(store.session_dir) / "user_1.json").write_text(json.dumps(data))


def _both(store: Store) -> None:
    _unsafe(store)
    _released(store)


def _junk(store: Store) -> None:
    path = Path(store.session_dir) / "s.json"
    path.write_bytes(JUNK)
    # At rest: nobody waits for the rest of it.
    os.utime(path, (0, 0))


def _checkpoint(store: Store) -> None:
    _two(store)
    store.append_compaction_checkpoint("s", "the secret so far")


def _many(store: Store) -> None:
    _checkpoint(store)
    _both(store)
    for session in ("s", "a", "b"):
        store.set_agent_info(session, agent_name="Agent")
        store.set_gateway_info(session, gateway_session_id=f"g-{session}", agent_id="agent")


def _large(store: Store) -> None:
    store.add_user_message("s", "secret" * _FULL)


def _spilled(store: Store) -> None:
    _large(store)
    with limited(_FULL):
        store.add_user_message("s", "waiting secret")


def _twice(store: Store) -> bool:
    with limited(_FULL):
        first = store.add_user_message("s", "new secret")
    return first is False and store.add_user_message("s", "new secret")


def _add(session: str = "s") -> Call:
    return lambda store: store.add_user_message(session, "new secret")


TOOL = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
REPLACEMENT = [{"role": "user", "content": f"replaced secret {n}"} for n in range(3)]

WRITES = [
    Case("append to a new session", _add(), prepare=lambda store: None),
    Case("append to a session", _add(), _two),
    Case("append in a directory that the store makes", _add()),
    Case("append in two directories that the store makes", _add(), directory="agents/sessions"),
    Case(
        "append in two directories that another process makes",
        _add(),
        directory="agents/sessions",
        is_raced=True,
    ),
    Case("append to a new session, id hashed", _add(UNSAFE), lambda store: None, UNSAFE),
    Case("append to a session, id hashed", _add(UNSAFE), _unsafe, UNSAFE),
    Case("append to the release's file", _add(UNSAFE), _released, UNSAFE),
    Case("append to a session of two files", _add(UNSAFE), _both, UNSAFE),
    Case(
        "append a tool turn",
        lambda store: store.add_message("s", "assistant", "", tool_calls=[TOOL]),
        _two,
    ),
    Case("append a megabyte", lambda store: store.add_user_message("s", "secret" * 175_000), _two),
    Case("append, archiving", _add(), _window, settings={"active_window": 3}),
    Case(
        "append, truncating",
        _add(),
        _window,
        settings={"active_window": 3, "retention": "truncate"},
    ),
    Case("replace", lambda store: store.set_chat_history("s", REPLACEMENT), _checkpoint),
    Case("clear", lambda store: store.clear_session("s"), _checkpoint),
    Case("delete", lambda store: store.delete_session("s"), _checkpoint),
    Case("delete, id hashed", lambda store: store.delete_session(UNSAFE), _unsafe, UNSAFE),
    Case("delete the release's file", lambda s: s.delete_session(UNSAFE), _released, UNSAFE),
    Case("delete a session of two files", lambda s: s.delete_session(UNSAFE), _both, UNSAFE),
    Case("metadata", lambda s: s.update_session_metadata("s", model="m", plan={"a": [1]}), _two),
    Case("rename", lambda store: store.rename_session("s", "title"), _two),
    Case("agent", lambda store: store.set_agent_info("s", "Agent", "user"), _two),
    Case("gateway", lambda store: store.set_gateway_info("s", "g", "agent"), _two),
    Case("checkpoint", lambda s: s.append_compaction_checkpoint("s", "secret summary"), _two),
    Case("append beside what is set aside", _add(), _junk, kept=JUNK),
    Case("set aside", lambda s: s.get_chat_history("s") == [], _junk, kept=JUNK),
    Case("append what does not fit", _add(), _large, limit=_FULL),
    Case("append again what did not fit", _twice, _large),
    Case("append after what did not fit", _add(), _spilled),
    Case("read after what did not fit", lambda s: len(s.get_chat_history("s")) > 0, _spilled),
    Case("delete after what did not fit", lambda s: s.delete_session("s"), _spilled, forgets=True),
]

READS = [
    Case(name, call, _many, is_read=True)
    for name, call in [
        ("history", lambda store: store.get_chat_history("s")),
        ("history of two files", lambda store: store.get_chat_history(UNSAFE)),
        ("working history", lambda store: store.get_working_history("s")),
        ("session", lambda store: store.get_session("s").to_dict()),
        ("existence", lambda store: store.session_exists("s")),
        ("model", lambda store: [store.get_session_model("s")]),
        ("list", lambda store: store.list_sessions()),
        ("list of an agent", lambda store: store.list_sessions_by_agent("Agent")),
        ("sessions of an agent", lambda s: [e.to_dict() for e in s.get_sessions_by_agent("Agent")]),
        ("session of a gateway", lambda s: s.get_by_gateway_session("g-b").to_dict()),
        ("list of a gateway's agent", lambda s: s.list_sessions_by_gateway_agent("agent")),
    ]
]


class Prepared:
    """A case with its directory, and what a reader finds before and after the call."""

    def __init__(self, case: Case, place: Path) -> None:
        self.case = case
        self.template = place / "template"
        self.template.mkdir(parents=True)
        if case.prepare is not None:
            case.prepare(case.open(self.template))
        before, after = self.copy(place / "before"), self.copy(place / "after")
        self.before = [] if case.is_read else [case.observe(case.open(before))]
        if case.forgets:
            self.before.append(self._acknowledged(place / "acknowledged"))
        store = case.open(after)
        with case.limited():
            self.answer = short(case.call(store))
        self.after = None if case.is_read else case.observe(store)
        for each in (before, after):
            case.open(each).add_user_message(case.session, "next secret")
        self.names = names(before) | names(after)

    def _acknowledged(self, place: Path) -> Any:
        for waiting in (self.copy(place) / "home", *place.rglob(".*.waiting")):
            shutil.rmtree(waiting, ignore_errors=True)
        return self.case.observe(self.case.open(place))

    def copy(self, place: Path) -> Path:
        """A copy of what was prepared."""
        shutil.copytree(self.template, place)
        return place

    def drop(self, place: Path) -> None:
        """Remove a copy, where a call has made a directory or not."""
        shutil.rmtree(place)


def names(place: Path) -> set[str]:
    """The files below a place, without what makes their names unique."""
    found = (path.relative_to(place).as_posix() for path in place.rglob("*") if path.is_file())
    return {re.sub(r"(corrupt-\d+|\b\d{13}\.\d+\.\w+)", "*", name) for name in found}
