"""What a clause works with: clients, processes, session ids and the checker."""

import contextlib
import inspect
import os
import time
import uuid
from collections.abc import Callable, Iterable
from statistics import median
from typing import Any, TypeVar

import pytest

from reference_impl.contract.calls import operation, perform
from reference_impl.contract.checker import check, explain
from reference_impl.contract.drawing import draw
from reference_impl.contract.guarantees import ABILITIES
from reference_impl.contract.history import Operation
from reference_impl.contract.minimise import minimise
from reference_impl.contract.processes import Pool, Process, Step, step

DEFAULT_TIMEOUT = 30.0

Method = TypeVar("Method", bound=Callable[..., None])


def clause(guarantee: str, *abilities: str) -> Callable[[Method], Method]:
    """Mark a method as a clause that proves a guarantee of stores with some abilities."""

    def mark(method: Method) -> Method:
        method.guarantee = guarantee  # type: ignore[attr-defined]
        method.abilities = abilities  # type: ignore[attr-defined]
        return method

    return mark


class Client:
    """A client in this process whose calls are recorded."""

    def __init__(self, name: str, store: Any, history: list[Operation]) -> None:
        self.name = name
        self.store = store
        self._history = history

    def __call__(self, method: str, session: str, *arguments: Any, **named: Any) -> Any:
        """Make a call, record it and return its answer; what it raised is in the history."""
        record = perform(self.store, self.name, method, session, list(arguments), named)
        self._history.append(operation(record))
        return record["answer"]


class Kit:
    """The store under test, as clauses see it."""

    def __init__(self, pool: Pool, timeout: float | None = None) -> None:
        self.factory = pool.factory
        self.history: list[Operation] = []
        self.notes: dict[str, Any] = {}
        self._pool = pool
        self._timeout = timeout
        self._sessions: list[str] = []
        self._clients: list[Any] = []

    def open(self) -> Any:
        """Open one more client in this process."""
        self._clients.append(self.factory.open())
        return self._clients[-1]

    def client(self) -> Client:
        """Open one more client in this process that records its calls."""
        number = 1 + sum(1 for each in self._clients if isinstance(each, Client))
        made = Client(f"C{number}", self.open(), self.history)
        self._clients.append(made)
        return made

    def processes(self, count: int) -> list[Process]:
        """So many other processes, each with its own client."""
        return self._pool.take(count)

    def session(self) -> str:
        """A session id that nobody used before; the session is deleted after the clause."""
        return self.forget_later(f"contract-{uuid.uuid4().hex[:12]}")

    def steps(
        self, session: str, *calls: "str | tuple[Any, ...]", at: int | None = None
    ) -> list[Step]:
        """Calls on one session for a process to make: a method, or one with its arguments."""
        made = [(each,) if isinstance(each, str) else each for each in calls]
        return [step(method, session, *arguments, at=at) for method, *arguments in made]

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
        """Whether the store has an ability."""
        store = self._first()
        match ability:
            case "processes that can be stopped":
                return os.name == "posix"
            case "tool turns":
                with contextlib.suppress(TypeError, ValueError):
                    known = inspect.signature(store.add_message).parameters
                    return {"tool_calls", "tool_call_id"} <= known.keys()
                return False
            case "get_sessions_by_agent":
                return _has(store, "get_sessions_by_agent", "set_agent_info")
            case "update_session_metadata":
                return _has(store, "update_session_metadata", "get_session")
            case _:
                return _has(store, ability)

    def require(self, abilities: Iterable[str]) -> None:
        """Skip the clause when the store lacks an ability."""
        for ability in abilities:
            if not self.offers(ability):
                pytest.skip(f"not offered: {ABILITIES[ability]}")

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

        Before that, every operation that was answered must have been done.
        """
        __tracebackhide__ = True
        violation = check(accepted(self.history if history is None else history))
        if violation is not None:
            raise AssertionError(picture(violation.history))

    def close(self) -> None:
        """Delete the sessions that were used and close the clients that can be closed."""
        if self._sessions:
            store = self._first()
            for session in self._sessions:
                with contextlib.suppress(Exception):
                    store.delete_session(session)
        for each in self._clients:
            if callable(close := getattr(each, "close", None)):
                with contextlib.suppress(Exception):
                    close()
        self._sessions.clear()
        self._clients.clear()

    def _first(self) -> Any:
        return next((each for each in self._clients if not isinstance(each, Client)), None) or (
            self.open()
        )


def picture(history: Iterable[Operation], summary: str = "") -> str:
    """What is wrong with a history, and the smallest part that shows it as a Mermaid diagram."""
    small = minimise(list(history))
    reason = f"{summary}: {explain(small)}" if summary else explain(small)
    return f"{reason}\n\n```mermaid\n{draw(small)}\n```"


def accepted(history: Iterable[Operation]) -> list[Operation]:
    """The history, unless an operation raised or a write was not answered with True."""
    __tracebackhide__ = True
    history = list(history)
    for each in history:
        refused = not each.observes and each.end is not None and each.answer is not True
        if each.error is not None or refused:
            outcome = each.error or f"the answer was {each.answer!r}"
            raise AssertionError(f"{each.method} in {each.client} was not done: {outcome}")
    return history


def _has(store: Any, *methods: str) -> bool:
    return all(callable(getattr(store, method, None)) for method in methods)
