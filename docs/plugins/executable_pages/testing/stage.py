"""The real parts behind a diagram's participants, in the process in which they live.

It is no part of `diagrams`, since its process needs nothing of what reads them.
"""

import asyncio
import json
from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any


class Stage(ABC):
    """A process of parts. A project says in a class of this kind how its parts are opened.

    Its module ends with `globals().update(serve(ThatStage()))`; a worker then runs that module.
    """

    def __init__(self) -> None:
        self._parts: dict[str, Any] = {}

    @abstractmethod
    def open(self, role: str, factory: str) -> Any:
        """Open the part of a role; `factory` may name a function to open it with instead."""

    def call(
        self, part: Any, caller: int, method: str, args: list[Any], kwargs: dict[str, Any]
    ) -> Any:
        """Call a method of a part; `caller` is the number of the actor who asks, from 0."""
        return getattr(part, method)(*args, **kwargs)

    def calls(self, part: Any) -> list[dict[str, Any]]:
        """The calls that a part made during the last one, in order.

        Each is a `method`, what was `given` to it by name, and the time `at` which it began, in
        nanoseconds of the monotonic clock; then its `answer`, or what it `raises` with a
        `message`; and its `trace`. A recording shows what was `held` after it.
        """
        return []

    def recorded(self) -> AbstractContextManager[list[str]]:
        """Record what happens inside: the steps that a diagram may show."""
        return nullcontext([])

    def begin(self, condition: str) -> None:
        """Bring a condition about; a project whose diagrams have conditions says how.

        Raises:
            LookupError: This one is nobody's.
        """
        raise LookupError(f"{type(self).__name__} cannot bring about: {condition}")

    def end(self, condition: str) -> None:
        """End a condition that `begin` brought about."""
        raise LookupError(f"{type(self).__name__} cannot end: {condition}")

    def held(self) -> Any:
        """What the participants share holds now, for a recording; None when nobody can look."""
        return None

    def as_json(self, value: Any) -> Any:
        """A value as JSON has it."""
        return json.loads(json.dumps(value, default=repr))

    def make(self, name: str, role: str, factory: str) -> None:
        """Open the part of a participant."""
        self._parts[name] = self.open(role, factory)

    def forget(self, name: str) -> None:
        """Let a participant's part go."""
        del self._parts[name]

    def perform(
        self, name: str, caller: int, method: str, args: list[Any], kwargs: dict[str, Any]
    ) -> dict[str, Any]:
        """Call a method of a participant's part: its answer or error, its trace and its calls."""
        part, before = self._parts[name], self.held()
        with self.recorded() as events:
            try:
                done = {"answer": self.as_json(self.call(part, caller, method, args, kwargs))}
            except (Exception, asyncio.CancelledError) as error:
                done = failure(error)
        seen = {"trace": events, "before": before, "held": self.held()}
        return done | seen | {"calls": self.calls(part)}


def failure(error: BaseException) -> dict[str, Any]:
    """What a call raised, as a diagram's reply may name it."""
    return {"raises": [kind.__name__ for kind in type(error).__mro__], "message": str(error)}


def serve(stage: Stage) -> dict[str, Callable[..., Any]]:
    """The functions that a worker calls."""
    names = ("make", "forget", "perform", "begin", "end")
    return {name: getattr(stage, name) for name in names}
