"""What a clause works with: clients, processes, session ids and the checker."""

import contextlib
import gc
import random
import time
import uuid
from collections.abc import Callable, Iterable
from statistics import median
from typing import Any, TypeVar

import pytest

from reference_impl.contract.calls import operation, perform
from reference_impl.contract.checker import TooLargeError, check
from reference_impl.contract.drawing import picture
from reference_impl.contract.guarantees import ABILITIES
from reference_impl.contract.handle import Handle, Stuck, place
from reference_impl.contract.history import Operation
from reference_impl.contract.offered import offers
from reference_impl.contract.processes import Pool, Process, Step, step
from reference_impl.contract.verdicts import Finding, accepted, finding, in_words, tally

__all__ = ["Client", "Kit", "accepted", "clause", "picture"]

DEFAULT_TIMEOUT = 30.0
_CANARY = "a session of somebody else"

Method = TypeVar("Method", bound=Callable[..., None])


def clause(guarantee: str, *abilities: str, since: int = 1) -> Callable[[Method], Method]:
    """Mark a method as a clause that proves a guarantee of stores with some abilities.

    `since` is the version of the contract that asks it first.
    """

    def mark(method: Method) -> Method:
        vars(method).update(guarantee=guarantee, abilities=abilities, since=since)
        return method

    return mark


class Client:
    """A client in this process whose calls are recorded."""

    def __init__(self, name: str, handle: Handle, kit: "Kit") -> None:
        self.name = name
        self.handle = handle
        self._kit = kit

    def __call__(self, method: str, session: str, *arguments: Any, **named: Any) -> Any:
        """Make a call, record it and return its answer; what it raised is in the history.

        A method that the author declared as not offered is not called.
        """
        if method in self._kit.without:
            return None
        handle, given = self.handle, list(arguments)

        def work() -> dict[str, Any]:
            return perform(handle.store, self.name, method, session, given, named, handle.settle)

        record = handle.run(method, work)
        self._kit.history.append(operation(record))
        return record["answer"]


class Kit:
    """The store under test, as one clause sees it: clients and storage of its own."""

    def __init__(
        self,
        pool: Pool,
        timeout: float | None = None,
        without: Iterable[str] = (),
        seed: str | None = None,
    ) -> None:
        self.factory = pool.factory
        self.history: list[Operation] = []
        self.notes: dict[str, Any] = {}
        self.refused: list[str] = []
        self.reason = ""
        self.is_race = False
        self.failed = False
        self.random = random.Random(seed)
        self._pool = pool
        self.route = pool.route
        self._timeout = timeout
        self._place = contextlib.ExitStack()
        self.directory = self._place.enter_context(place())
        self._sessions: list[str] = []
        self._handles: list[Handle] = []
        self._clients = 0
        self._canary: str | None = None
        self.without = frozenset(without) | frozenset(
            getattr(self._first().store, "not_offered", ())
        )

    def open(self, **given: Any) -> Handle:
        """Open one more client in this process, with an argument that `open_store` takes."""
        self._handles.append(Handle(self.factory, **given))
        return self._handles[-1]

    def client(self) -> Client:
        """Open one more client in this process that records its calls."""
        self._clients += 1
        return Client(f"C{self._clients}", self.open(), self)

    def processes(self, count: int) -> list[Process]:
        """So many other processes, each with its own client."""
        self.is_race = True
        return self._pool.take(count, self.directory)

    def process_at(self, client: str, seconds: float) -> Process:
        """A process of that name whose wall clock is so many seconds ahead, or behind."""
        return self._pool.take_moved(client, seconds, self.directory)

    def session(self) -> str:
        """A session id that nobody used before; the session is deleted after the clause."""
        return self.forget_later(f"contract-{uuid.uuid4().hex[:12]}")

    def steps(
        self, session: str, *calls: "str | tuple[Any, ...]", at: int | None = None
    ) -> list[Step]:
        """Calls on one session for a process to make: a method, or one with its arguments."""
        made = [(each,) if isinstance(each, str) else each for each in calls]
        return [
            step(method, session, *arguments, at=at)
            for method, *arguments in made
            if method not in self.without
        ]

    def attempt(self, what: str, store: Any, method: str, *given: Any, **named: Any) -> bool:
        """Make a write that a store may refuse: whether it was accepted.

        A refusal is an exception or an answer other than True, and is noted for the report.
        """
        self.reason = ""
        try:
            answer = getattr(store, method)(*given, **named)
        except Stuck:
            raise
        except Exception as error:
            self.refused.append(what)
            self.reason = f"{type(error).__name__}: {error}"
            return False
        if answer is not True:
            self.refused.append(what)
            self.reason = f"the answer was {answer!r}"
        return answer is True

    def still_works(self, session: str, what: str, *clients: Any) -> None:
        """After it was tried every client adds and all read it, at once: nothing is held."""
        before = f"after {what} was " + (f"refused ({self.reason})" if self.reason else "accepted")
        for number, client in enumerate(clients):
            content = f"after {what} {number}"
            try:
                done = client.add_message(session, "user", content)
                read = [each["content"] for each in clients[0].get_chat_history(session)]
            except Exception as error:
                raise Finding(f"{before} the store does not work: {error}") from error
            if done is not True or read[-1:] != [content]:
                raise Finding(
                    f"{before} a message was answered {done!r}, "
                    f"and the history ends with {read[-1:]}"
                )

    def forget_later(self, session: str) -> str:
        """Delete a session after the clause."""
        self._sessions.append(session)
        return session

    @property
    def timeout(self) -> float:
        """How long the store may wait for a lock, in seconds."""
        if self._timeout is not None:
            return self._timeout
        own = getattr(self._first(), "lock_timeout", None)
        return float(own) if isinstance(own, int | float) else DEFAULT_TIMEOUT

    def offers(self, ability: str) -> bool:
        """Whether the store has an ability, and its author does not say otherwise."""
        if ability in self.without:
            return False
        if ability == "network":
            return self.route is not None
        if ability == "windows":
            return self.factory.takes("window")
        return offers(self._first().store, ability)

    def require(self, abilities: Iterable[str]) -> None:
        """Skip the clause when the store lacks an ability."""
        for ability in abilities:
            if not self.offers(ability):
                said = " (declared)" if ability in self.without else ""
                pytest.skip(f"not offered{said}: {ABILITIES[ability]}")

    @property
    def emptying(self) -> str:
        """The method that empties a session: clear, or delete where there is no clear."""
        return "clear_session" if self.offers("clear_session") else "delete_session"

    def remove(self, store: Any, session: Any) -> bool:
        """Take away all of a session, as far as the store offers that; say whether it is gone."""
        if self.offers("delete_session"):
            store.delete_session(session)
        elif self.offers("clear_session"):
            store.clear_session(session)
        else:
            return False
        return True

    def pace(self) -> float:
        """How long one write takes when nobody else is there, in seconds."""
        store, session = self._first(), self.session()
        spans = []
        for number in range(7):
            start = time.monotonic()
            store.add_message(session, "user", f"pace {number}")
            spans.append(time.monotonic() - start)
        return median(spans)

    def check(self, history: Iterable[Operation] | None = None) -> None:
        """Fail with a diagram when no order explains a history, by default the recorded one.

        Every operation that was answered must have been done as well.
        """
        history = list(self.history if history is None else history)
        try:
            self.explain(history)
        except TooLargeError:
            # Each call that failed doubles the orders; what failed says more than they do.
            accepted(history)
            raise
        accepted(history)

    def explain(self, history: Iterable[Operation] | None = None) -> None:
        """Fail with a diagram when no order explains a history, by default the recorded one.

        Of a write that raised nobody knows whether it was done: both are explained.
        """
        history = list(self.history if history is None else history)
        self.notes["counts"] = tally(history)
        violation = check(history)
        if violation is not None:
            part = violation.history
            raise finding(part, violation.reason)(f"{picture(part)}\n{in_words(history)}")

    def begin(self, earlier: str | None) -> None:
        """Put a session beside those of the clause, to see at its end whether it is as it was.

        When the storage takes no message, since an `earlier` clause damaged it, nothing is judged.
        """
        self._canary = self.session()
        try:
            done = self._first().add_message(self._canary, "user", _CANARY)
        except Exception as error:
            done = f"{type(error).__name__}: {error}"
        if done is not True:
            self._canary = None
            if earlier is not None:
                pytest.skip(f"not judged: storage damaged by clause {earlier} ({done})")

    def damage(self) -> str | None:
        """What the clause did to a session that it had nothing to do with."""
        if self._canary is None:
            return None
        # What the clause's own clients hold is no damage: it ends with them.
        self._end_clients()
        try:
            read = self.open().get_chat_history(self._canary)
        except Exception as error:
            return f"another session cannot be read any more: {type(error).__name__}: {error}"
        if read == [{"role": "user", "content": _CANARY}]:
            return None
        return f"another session held one message, and now {str(read)[:200]}"

    def close(self) -> None:
        """Delete the sessions that were used, and close all clients."""
        self._end_clients()
        first = self._first()
        with contextlib.suppress(Exception):
            for session in self._sessions:
                if first.stuck:
                    break
                with contextlib.suppress(ValueError, TypeError):
                    self.remove(first, session)
        first.close()
        self._handles.clear()
        self._place.close()

    def _end_clients(self) -> None:
        """Close all clients but the first, with all that they hold."""
        for each in self._handles[1:]:
            each.close()
        del self._handles[1:]
        if self.failed:
            # A connection of sqlite3 is part of a cycle, and keeps its transaction until found.
            gc.collect()

    def _first(self) -> Handle:
        return self._handles[0] if self._handles else self.open()
