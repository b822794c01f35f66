"""A fair lock for coroutines of any number of event loops and threads.

`asyncio.Lock` belongs to one event loop, and a web framework that runs each request in a thread
with a loop of its own has many. A blocking lock would take a worker thread for each who waits.

Everything rests on one rule: the head of the queue holds the lock. Joining, leaving and telling
the head are each atomic and may be repeated, so no second lock guards them, and an abandoned
coroutine may leave from inside the garbage collector.
"""

import asyncio
import contextlib
import os
import threading
from collections import deque
from collections.abc import Callable, Hashable
from functools import partial
from weakref import WeakValueDictionary


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


class _Place:
    """A place in the queue. `called` is None while nobody waits in it: its owner looked itself."""

    called: asyncio.Future[None] | None = None

    def __init__(self) -> None:
        self.loop = _running_loop()

    def call(self) -> bool:
        """Tell whoever waits here to go on, and say whether there is anybody."""
        called = self.called
        if called is not None and not called.done():
            try:
                called.get_loop().call_soon_threadsafe(self._go_on)
            except RuntimeError:
                # The loop was closed around a waiting task.
                return False
        return True

    def _go_on(self) -> None:
        if self.called is not None and not self.called.done():
            self.called.set_result(None)


class _Seat(_Place):
    """A place in which a thread waits."""

    def __init__(self) -> None:
        super().__init__()
        self._is_head = threading.Event()

    def call(self) -> bool:
        self._is_head.set()
        return True

    def wait(self) -> None:
        self._is_head.wait()


class LoopLock:
    """A lock that is given to those who wait in the order in which they came."""

    def __init__(self) -> None:
        self._queue: deque[_Place] = deque()

    async def acquire(self) -> Callable[[], None]:
        """Wait for the lock and return what releases it, from any thread.

        Whoever is cancelled while waiting leaves the queue.
        """
        place = _Place()
        called = asyncio.get_running_loop().create_future()
        self._queue.append(place)
        place.called = called
        # Looked at after the place can be called: one of the two tells that it is the head.
        if self._queue[0] is not place:
            try:
                await called
            except BaseException:
                self._leave(place)
                raise
        place.called = None
        return partial(self._leave, place)

    def acquire_blocking(self) -> Callable[[], None]:
        """Block this thread until it has the lock, and return what releases it.

        Raises:
            RuntimeError: A coroutine of the event loop that runs in this thread is before it:
                the loop would stop, and the wait have no end.
        """
        seat = _Seat()
        self._queue.append(seat)
        if self._queue[0] is not seat:
            try:
                if seat.loop is not None and any(
                    place.loop is seat.loop for place in self._queue.copy() if place is not seat
                ):
                    raise RuntimeError("this would stop the event loop that it waits for")
                seat.wait()
            except BaseException:
                self._leave(seat)
                raise
        return partial(self._leave, seat)

    def _leave(self, place: _Place) -> None:
        with contextlib.suppress(ValueError):
            self._queue.remove(place)
        # Also when the head stayed the same: it may have been passed over while it joined.
        with contextlib.suppress(IndexError, ValueError):
            while not (head := self._queue[0]).call():
                self._queue.remove(head)


class LoopLocks:
    """A `LoopLock` for each key, kept for as long as anybody holds it or waits for it."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[Hashable, LoopLock] = WeakValueDictionary()
        self._guard = threading.Lock()

    def __getitem__(self, key: Hashable) -> LoopLock:
        # A forked child has the locks of its parent, whose holders are not there.
        mine = os.getpid(), key
        with self._guard:
            lock = self._locks.get(mine)
            if lock is None:
                lock = self._locks[mine] = LoopLock()
            return lock
