"""A server that runs, with a hand on its process."""

import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from typing import Self

import psutil

Start = Callable[[], AbstractContextManager["subprocess.Popen[bytes]"]]


class Service(dict[str, str]):
    """The environment of a server's clients. It can be restarted, stopped and continued."""

    def __init__(self, environment: Mapping[str, str], start: Start) -> None:
        super().__init__(environment)
        self._start, self._stack = start, ExitStack()

    def __enter__(self) -> Self:
        self._process = self._stack.enter_context(self._start())
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.close()

    def restart(self) -> None:
        """End the server as an administrator does, and start it again on the same data."""
        self._stack.close()
        self._process = self._stack.enter_context(self._start())

    def kill(self) -> None:
        """End the server with all its processes, as its machine ends: none says a word."""
        for each in self._stopped():
            with suppress(psutil.NoSuchProcess):
                each.kill()
        self._stack.close()

    def start(self) -> None:
        """Start a server that has ended."""
        self._process = self._stack.enter_context(self._start())

    @property
    def pid(self) -> int:
        """The process that was started."""
        return self._process.pid

    def stop(self) -> None:
        """Stop the server with all its processes: it takes connections and answers nothing."""
        self._family = self._stopped()

    def go_on(self) -> None:
        """Let a stopped server go on."""
        for each in self._family:
            # A backend whose client has left ends as soon as its parent goes on.
            with suppress(psutil.NoSuchProcess):
                each.send_signal(signal.SIGCONT)

    @contextmanager
    def stalled(self) -> Iterator[None]:
        """Stop the server while the block lasts."""
        self.stop()
        try:
            yield
        finally:
            self.go_on()

    def _stopped(self) -> list[psutil.Process]:
        process = psutil.Process(self._process.pid)
        process.send_signal(signal.SIGSTOP)
        # Only a parent that stands still has no more children; a pool may be connecting just now.
        while process.status() != psutil.STATUS_STOPPED:
            time.sleep(0.001)
        family = [process, *process.children(recursive=True)]
        for each in family:
            each.send_signal(signal.SIGSTOP)
        return family
