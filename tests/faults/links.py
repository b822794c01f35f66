"""A recipe's store behind a network that fails: what became of each call, at each packet."""

import importlib
import os
import re
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

from reference_impl.contract.proxy import Fault, Kind, Proxy
from tests.subject.recipes import Recipe

Texts = list[str] | None
# Where a store finds its server, and which of the two limits of a call are meant.
ADDRESSES = {
    "redis": "REDIS_URL",
    "postgres": "DATABASE_URL",
    "s3": "SESSION_BUCKET",
    "nats": "NATS_URL",
}
ANSWER, LIMIT = 0.4, 6.0
LATER = "later"


@dataclass(frozen=True)
class Call:
    """A call of a store, what the session holds before it, and after it when it was made once."""

    name: str
    before: Texts
    make: Callable[[Any, str], object]
    after: Texts

    @property
    def writes(self) -> bool:
        """Whether it changes anything."""
        return self.before != self.after

    @property
    def adds(self) -> bool:
        """Whether it keeps what was there."""
        return self.after == [*(self.before or []), "new"]


def _add(store: Any, session: str, **more: Any) -> object:
    return store.add_message(session, "user", "new", **more)


def _replace(store: Any, session: str) -> object:
    messages = [{"role": "user", "content": text} for text in ("a", "b")]
    return store.set_chat_history(session, messages)


def _read(store: Any, session: str) -> object:
    return [message["content"] for message in store.get_chat_history(session)] == ["old"]


NAMED = partial(_add, metadata={"message_id": "m-1"})
CALLS = [
    Call("append", ["old"], _add, ["old", "new"]),
    Call("append with an id", ["old"], NAMED, ["old", "new"]),
    Call("first append", None, _add, ["new"]),
    Call("replace", ["old"], _replace, ["a", "b"]),
    Call("clear", ["old"], lambda store, session: store.clear_session(session), []),
    Call("delete", ["old"], lambda store, session: store.delete_session(session), None),
    Call("history", ["old"], _read, ["old"]),
    Call("exists", ["old"], lambda store, session: store.session_exists(session), ["old"]),
]


@dataclass(frozen=True)
class Harm:
    """What is done to the packets of a call, one after the other.

    Args:
        kind: What is done to a packet; None where nobody listens for a moment.
        gaps: Those that come so much later are harmed as well.
        is_new: Whether the call has to open a connection first.
    """

    kind: Kind | None
    gaps: tuple[int, ...] = ()
    is_new: bool = False


@dataclass
class Tally:
    """How many points there were, and what became of the calls."""

    points: int = 0
    lost: int = 0
    doubled: int = 0
    raised: int = 0
    slowest: float = 0.0
    wrong: list[str] = field(default_factory=list)

    def judge(self, call: Call, what: str, answer: object, found: Texts) -> None:
        """Take down one point: what the call answered or raised, and what the session holds."""
        self.points += 1
        if answer is not True:
            self.raised += 1
            self.wrong.append(f"{call.name}, {what}: raised {answer!r}")
        elif found != call.after:
            if len(found or ()) > len(call.after or ()):
                self.doubled += 1
            else:
                self.lost += 1
            self.wrong.append(f"{call.name}, {what}: holds {found}")


class Link:
    """Clients of one server: two behind a proxy, one of them hasty, and one that reaches it."""

    def __init__(self, proxy: Proxy, opened: Callable[[int | None, float], Any]) -> None:
        self.proxy = proxy
        self.behind, self.hasty = opened(proxy.port, LIMIT), opened(proxy.port, 1.5 * ANSWER)
        self.direct = opened(None, LIMIT)

    def calls(self) -> list[Call]:
        """Those that the store has."""
        has = hasattr(self.direct, "set_chat_history")
        return [call for call in CALLS if has or call.name != "replace"]

    def session(self, before: Texts) -> str:
        """A session of its own that holds this."""
        session = f"s-{uuid.uuid4().hex}"
        for text in before or ():
            self.direct.add_message(session, "user", text)
        # The connection is open by now.
        self.behind.session_exists(session)
        return session

    def texts(self, session: str) -> Texts:
        """What the session holds."""
        if not self.direct.session_exists(session):
            return None
        return [message["content"] for message in self.direct.get_chat_history(session)]

    def run(self, tally: Tally, call: Call, harm: Harm, number: int) -> bool:
        """Make a call while this packet of it is harmed; False when it has not so many."""
        session = self.session(call.before)
        if harm.is_new:
            self.proxy.refuse()
        if harm.kind is None:
            back = threading.Timer(ANSWER, self.proxy.accept)
            back.start()
        else:
            if harm.is_new:
                self.proxy.accept()
            at = frozenset({number, *(number + gap for gap in harm.gaps)})
            seconds = 2 * ANSWER if harm.kind == "delay" else ANSWER / 4
            self.proxy.set(Fault(harm.kind, at, seconds))
        started = time.monotonic()
        try:
            answer = call.make(self.behind, session)
        except Exception as error:
            answer = error
        seconds = time.monotonic() - started
        harmed = self.proxy.harmed if harm.kind else number == 0
        if harm.kind is None:
            back.join()
        self.proxy.set(None)
        if harmed:
            tally.slowest = max(tally.slowest, seconds)
            tally.judge(call, f"{harm} at {number}", answer, self.texts(session))
        return bool(harmed)

    def every(self, tally: Tally, call: Call, harm: Harm) -> None:
        """Harm each packet of a call in turn."""
        number = 0
        while self.run(tally, call, harm, number):
            number += 1

    def overtaken(self, call: Call) -> list[str]:
        """What is wrong where another client writes between a try and the next.

        At each packet. A change that this client has seen is not made again.
        """
        wrong, number = [], 0
        while True:
            session, seen = self.session(call.before), list[Texts]()

            def write(session: str = session, seen: list[Texts] = seen) -> None:
                seen.append(self.texts(session))
                self.direct.add_message(session, "user", LATER)

            self.proxy.set(Fault("cut", frozenset({number}), meanwhile=write))
            call.make(self.behind, session)
            self.proxy.set(None)
            if not seen:
                return wrong
            first = [*(call.after or []), LATER]
            last = [*(call.before or []), LATER, "new"] if call.adds else call.after
            wanted = first if seen[0] == call.after else last
            if (found := self.texts(session)) != wanted:
                wrong.append(f"{call.name} at {number}: seen {seen[0]}, then {found}")
            number += 1

    def repeated(
        self, call: Call, meanwhile: Callable[[str], object] = str, who: str = "hasty"
    ) -> list[Texts]:
        """What a session holds when a call raised, at each packet, and was made again.

        The server is gone from that packet on until the call has raised. Then another client does
        something, and the call is made again: by the store that raised, or by the other one.
        """
        found: list[Texts] = []
        while True:
            session = self.session(call.before)
            self.hasty.session_exists(session)
            gone = Fault("cut", frozenset({len(found)}), meanwhile=self.proxy.refuse)
            self.proxy.set(gone)
            try:
                call.make(self.hasty, session)
            except Exception:
                meanwhile(session)
                self.proxy.set(None)
                self.proxy.accept()
                call.make(getattr(self, who), session)
                found.append(self.texts(session))
            else:
                self.proxy.set(None)
                return found


def imported(directory: Path, name: str) -> Any:
    """A module of a directory, which another one may have another time."""
    with patch.object(sys, "path", [str(directory), *sys.path]):
        module = importlib.import_module(name)
    del sys.modules[name]
    return module


@contextmanager
def linked(recipe: Recipe, server: Mapping[str, str], directory: Path) -> Iterator[Link]:
    """The store of a recipe on a running server, with a proxy before it."""
    recipe.write(directory)
    # Of several nodes the proxy stands before the first, and the store is told of no other.
    server = {key: value.partition(",")[0] for key, value in server.items()}
    [port] = {int(port) for each in server.values() for port in re.findall(r"\.1:(\d+)", each)}
    name, stores = recipe.store.partition(":")[0], list[Any]()
    [made] = re.findall(r"class (\w+SessionStore)\b", recipe.block.text)
    module = imported(directory, name)

    def opened(other: int | None, limit: float) -> Any:
        moved = {
            key: value.replace(f":{port}", f":{other or port}") for key, value in server.items()
        }
        with patch.dict(os.environ, moved):
            store = module.__dict__[made](
                moved[ADDRESSES[recipe.page]], timeout=limit, answer=ANSWER
            )
            stores.append(store)
            # A client may be made, and may look for its address, at the first call.
            store.session_exists("s")
            return store

    try:
        with Proxy(port) as proxy:
            yield Link(proxy, opened)
    finally:
        for store in stores:
            if hasattr(store, "close"):
                store.close()
