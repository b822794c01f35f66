"""A process that stops itself in the middle of a call, at a place and not at a moment.

Between two calls of the system a store has taken a step and not the next one: these are the places
at which others can meet it. What a thread started earlier does, or C code by itself, is not seen;
there are moments for that.
"""

import os
import signal
import sys
import threading
from collections.abc import Callable
from typing import Any

_SYSTEM = {"_io", "_queue", "_socket", "_ssl", "fcntl", "io", "posix", "select", "sqlite3", "ssl"}
_EVER = 1 << 62


class Pauses:
    """Counts the calls of the system in this thread, and stops the process before some.

    The first stop is before call number `first`, and with `again` there is one before each later
    call, `again` times at most. `say` tells the other side about a stop, and about its end.
    """

    def __init__(self, first: int, again: int, say: Callable[[dict[str, Any]], None]) -> None:
        self.calls = 0
        self._next = first or _EVER
        self._last = self._next + again
        self._say = say
        self._stops = threading.Lock()

    def __enter__(self) -> "Pauses":
        self._before = sys.getprofile(), threading.getprofile()
        threading.setprofile(self._look)
        sys.setprofile(self._look)
        return self

    def __exit__(self, *_: object) -> None:
        sys.setprofile(self._before[0])
        threading.setprofile(self._before[1])
        # Threads that began meanwhile go on counting.
        self._next = self._last = _EVER

    def _look(self, _: object, event: str, called: Any) -> None:
        if event != "c_call":
            return
        if (called.__module__ or type(called.__self__).__module__) not in _SYSTEM:
            return
        self.calls += 1
        if self._next <= self.calls <= self._last and self._stops.acquire(blocking=False):
            self._say({"stopped": self.calls})
            os.kill(os.getpid(), signal.SIGSTOP)
            self._say({"goes_on": self.calls})
            self._stops.release()
