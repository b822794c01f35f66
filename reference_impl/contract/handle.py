"""Clients of the store under test, sync or async, each in a thread and an event loop of its own."""

import contextlib
import os
import queue
import shutil
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from concurrent.futures import TimeoutError as Late
from functools import partial
from typing import Any

from reference_impl.contract.factory import DIRECTORY, Factory
from reference_impl.contract.loop import Loop

# Nobody else is at work when a clause calls a client of its own process.
PROMPT_SECONDS = 5.0


class Stuck(AssertionError):
    """A call was not answered, though nobody else was at work."""


class Handle:
    """A client whose calls are all made in one thread, and waited for only so long.

    `store` is the client itself. Its methods are those of the handle, async ones included.
    """

    def __init__(self, factory: Factory, seconds: float = PROMPT_SECONDS, **given: Any) -> None:
        self.store: Any = None
        self.stuck = False
        self._seconds = seconds
        self._orders: queue.SimpleQueue[tuple[Callable[[], Any], Future[Any]] | None]
        self._orders = queue.SimpleQueue()
        self.settle = Loop()
        threading.Thread(target=self._work, daemon=True).start()
        self.store = self.run("open_store", lambda: factory.open(self.settle, **given), 60.0)

    def __getattr__(self, name: str) -> Any:
        """An attribute of the client; a method is called in the client's own thread."""
        found = getattr(self.store, name)
        return partial(self._call, name) if callable(found) else found

    def run(self, name: str, work: Callable[[], Any], seconds: float | None = None) -> Any:
        """Do something in the thread of the client, and wait for it.

        Raises `Stuck` when it takes too long.
        """
        promise: Future[Any] = Future()
        self._orders.put((work, promise))
        limit = self._seconds if seconds is None else seconds
        try:
            with contextlib.suppress(_Unanswered):
                return _answer(promise, limit)
            # A machine that is slow to write any file is slow to answer, and no store is to blame.
            return _answer(promise, max(limit / 5, 10 * _time_of_a_write()))
        except _Unanswered:
            self.stuck = True
            raise Stuck(
                f"{name} was not answered within {limit:g} s, though nobody else was at work"
            ) from None

    def close(self) -> None:
        """Close the client, if it can be closed, and let its thread end."""
        if not self.stuck and callable(close := getattr(self.store, "close", None)):
            with contextlib.suppress(Exception):
                self.run("close", lambda: self.settle(close()))
        self._orders.put(None)
        # What a client holds ends with it at the latest.
        self.store = None

    def _call(self, name: str, *given: Any, **named: Any) -> Any:
        # Nothing but the handle refers to the client, so that it ends with the handle.
        return self.run(name, lambda: self.settle(getattr(self.store, name)(*given, **named)))

    def _work(self) -> None:
        while (order := self._orders.get()) is not None:
            work, promise = order
            try:
                promise.set_result(work())
            except BaseException as error:
                _forget_frames(error)
                promise.set_exception(error)
            del order, work, promise
        self.settle.close()


class _Unanswered(Exception):
    """A call has no answer yet."""


def _answer(promise: Future[Any], seconds: float) -> Any:
    try:
        return promise.result(seconds)
    except Late:
        # A call may itself end with such an error.
        if promise.done():
            raise
        raise _Unanswered from None


def _time_of_a_write() -> float:
    """How long it takes to write a file and flush it, in seconds."""
    began = time.monotonic()
    with tempfile.TemporaryFile() as file:
        file.write(b"x")
        file.flush()
        os.fsync(file.fileno())
    return time.monotonic() - began


def _forget_frames(error: BaseException | None) -> None:
    """Let an error keep where it was raised, and no client or transaction of that place.

    pytest keeps the errors of a run, and a store may hold a lock as long as its client lives.
    """
    while error is not None:
        traceback.clear_frames(error.__traceback__)
        error = error.__cause__ or error.__context__


@contextlib.contextmanager
def place() -> Iterator[str]:
    """An empty directory, named by SESSION_STORE_DIRECTORY as long as it is there."""
    before = os.environ.get(DIRECTORY)
    directory = tempfile.mkdtemp(prefix="session-store-")
    os.environ[DIRECTORY] = directory
    try:
        yield directory
    finally:
        os.environ.pop(DIRECTORY)
        if before is not None:
            os.environ[DIRECTORY] = before
        shutil.rmtree(directory, ignore_errors=True)


def verify(factory: Factory) -> None:
    """Open two clients and close them again.

    Raises `FactoryError` when they cannot be had, or are not independent.
    """
    with place(), contextlib.ExitStack() as stack:
        clients = [Handle(factory), Handle(factory)]
        for each in clients:
            stack.callback(each.close)
        factory.tell_apart(clients[0].store, clients[1].store)
