"""Processes that share the store under test, and what they recorded."""

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Sequence
from typing import Any

from reference_impl.contract.calls import operation
from reference_impl.contract.factory import Factory, FactoryError
from reference_impl.contract.history import Operation
from reference_impl.contract.route import Route

Step = dict[str, Any]
_START = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "from reference_impl.contract.worker import main; main()"
)
_PATIENCE = 60.0


def step(method: str, session: str, *arguments: Any, at: int | None = None, **named: Any) -> Step:
    """One call that a process shall make, not before the instant `at`."""
    return {
        "method": method,
        "session": session,
        "arguments": list(arguments),
        "named": named,
        "at": at,
    }


class Silence(AssertionError):
    """A process died, or did not answer in time."""


def environment() -> dict[str, str]:
    """The variables of a process: those of this one, and a hash seed of its own.

    tox, for one, sets the same for all, with which a store that names files by `hash` would pass.
    """
    return {name: value for name, value in os.environ.items() if name != "PYTHONHASHSEED"}


def interpreter(*arguments: str) -> "subprocess.Popen[str]":
    """Start this interpreter with some arguments, and text pipes to and from it."""
    return subprocess.Popen(
        [sys.executable, *arguments],
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )


class Process:
    """One process with its own client, driven through a pipe.

    With `clock` its wall clock is so many seconds ahead, or behind, and can be moved.
    """

    def __init__(
        self,
        client: str,
        factory: Factory,
        directory: str | None = None,
        clock: float | None = None,
        variable: str | None = None,
    ) -> None:
        self.client = client
        self._popen = interpreter("-c", _START, json.dumps(sys.path))
        self._lines: queue.Queue[str | None] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()
        self._write([client, factory.module, factory.attribute, factory.file, clock])
        self._variable = variable
        self._open(directory)
        self._done = False
        self._unread: list[dict[str, Any]] = []
        self.busy = False
        # What the system was called for in the last steps that had `pauses`.
        self.calls = 0

    @property
    def alive(self) -> bool:
        """Whether the process is still there."""
        return self._popen.poll() is None

    def reopen(self, directory: str | None) -> None:
        """Let the process close its client and open another one, on storage of its own."""
        self.wait_until_ready()
        self._open(directory)

    def is_at(self, directory: str | None) -> bool:
        """Whether its client is on that storage, and goes the way to it that this process goes."""
        return (directory, self._way()) == self._place

    def _open(self, directory: str | None) -> None:
        self._place, self._ready = (directory, self._way()), False
        self._write({"open": directory, "way": self._way()})

    def _way(self) -> dict[str, str]:
        """The variable that says where the server is, which moves when a proxy is put there."""
        name = self._variable
        return {name: os.environ[name]} if name is not None and name in os.environ else {}

    def wait_until_ready(self) -> None:
        """Wait until the process has opened its store."""
        if self._ready:
            return
        message = self._next(time.monotonic() + _PATIENCE)
        if message is None or "broken" in message:
            why = "it ended" if message is None else message["broken"]
            raise FactoryError(f"The store could not be opened in another process: {why}")
        self._ready = True

    def start(
        self,
        steps: Iterable[Step],
        *,
        until: int | None = None,
        loop: bool = False,
        stream: bool = False,
        brief: bool = False,
        rest: float = 0.0,
        pauses: tuple[int, int] | None = None,
    ) -> None:
        """Let the process make calls once, or in a `loop` until `enough`; none after `until`.

        `until` is an instant of the system's clock, in nanoseconds. With `stream` each call is
        reported as soon as it was answered; `brief` leaves answers out; the process sleeps for
        `rest` seconds after each call. With `pauses` it stops itself before that call of the
        system, 0 for none, and before so many later ones: `until_stopped`, and then `resume`.
        """
        self.wait_until_ready()
        self.busy = True
        order = {"until": until, "loop": loop, "stream": stream, "brief": brief, "rest": rest}
        more = {} if pauses is None else {"pauses": pauses}
        self._write({"steps": list(steps), **order, **more})

    def enough(self) -> list[Operation]:
        """End a loop after the call that it is at; what the process did."""
        # What died meanwhile is missed by who waits for it.
        with contextlib.suppress(BrokenPipeError):
            self._write("enough")
        return self.finish()

    def move_clock(self, seconds: float) -> None:
        """Put the wall clock of the process so many seconds ahead of the machine's, or behind."""
        self.wait_until_ready()
        self._write({"clock": seconds})
        self.finish()

    def limit_files(self, size: int) -> None:
        """Let no file of the process grow beyond `size` bytes; -1 takes the limit away."""
        self.wait_until_ready()
        self._write({"limit_files": size})
        self.finish()

    def finish(self, seconds: float = _PATIENCE) -> list[Operation]:
        """What the process did, once it has done all.

        Raises `Silence` when it dies, or when it is not done in time: then it is killed.
        """
        deadline = time.monotonic() + seconds
        done: list[Operation] = []
        try:
            while (record := self.one(deadline)) is not None:
                done.append(record)
        except Silence:
            self.kill()
            raise
        if not self._done:
            raise Silence(f"{self.client} died after {len(done)} operations")
        return done

    def one(self, deadline: float) -> Operation | None:
        """The next operation that the process reports, or None after the last or its death."""
        message = self._next(deadline) or {}
        if "calls" in message:
            self.calls = message["calls"]
            message = self._next(deadline) or {}
        self._done = "done" in message
        self.busy = self.busy and not self._done
        return operation(message["record"]) if "record" in message else None

    def run(self, steps: Iterable[Step], seconds: float = _PATIENCE) -> list[Operation]:
        """Make calls and wait for them."""
        self.start(steps)
        return self.finish(seconds)

    def kill(self) -> None:
        """End the process at once, wherever it is."""
        self._popen.kill()
        self._popen.wait()

    def stop(self) -> None:
        """Stop the process, wherever it is, until `go_on`."""
        os.kill(self._popen.pid, signal.SIGSTOP)

    def go_on(self) -> None:
        """Let a stopped process go on."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._popen.pid, signal.SIGCONT)

    def until_stopped(self, seconds: float = _PATIENCE) -> bool:
        """Wait until the process has stopped itself, or is through: whether it has stopped."""
        message = self._next(time.monotonic() + seconds)
        if message is None:
            raise Silence(f"{self.client} died before it stopped")
        if "stopped" not in message:
            self._unread.append(message)
        return "stopped" in message

    def resume(self) -> None:
        """Let a process go on that has stopped itself."""
        until = time.monotonic() + _PATIENCE
        while time.monotonic() < until:
            # It says that it will stop, and a signal that comes before it does is none.
            self.go_on()
            with contextlib.suppress(Silence):
                message = self._next(time.monotonic() + 0.01)
                if message is None or "goes_on" in message:
                    return
        raise Silence(f"{self.client} did not go on")

    def close(self) -> None:
        """Let the process end, and end it when it does not."""
        with contextlib.suppress(OSError):
            self._pipe().close()
        try:
            self._popen.wait(timeout=2)
        except subprocess.TimeoutExpired:
            self.kill()

    def _pipe(self) -> Any:
        return self._popen.stdin

    def _write(self, message: Any) -> None:
        self._pipe().write(json.dumps(message) + "\n")
        self._pipe().flush()

    def _read(self) -> None:
        assert self._popen.stdout is not None
        with self._popen.stdout as lines:
            for line in lines:
                self._lines.put(line)
        self._lines.put(None)

    def _next(self, deadline: float) -> dict[str, Any] | None:
        if self._unread:
            return self._unread.pop()
        try:
            line = self._lines.get(timeout=max(0.0, deadline - time.monotonic()))
        except queue.Empty:
            raise Silence(f"{self.client} did not answer in time") from None
        return json.loads(line) if line else None


class Pool:
    """The processes of one store, started when first needed and used again."""

    def __init__(self, factory: Factory, route: Route | None = None) -> None:
        self.factory = factory
        self.route = route
        self._processes: list[Process] = []
        self._moved: dict[str, Process] = {}
        # The clause that last damaged what it had nothing to do with.
        self.damaged: str | None = None

    def take(self, count: int, directory: str | None = None) -> list[Process]:
        """So many processes, each with a client on that storage, called P1, P2 and so on."""
        for number in range(count):
            name = f"P{number + 1}"
            if number == len(self._processes):
                self._processes.append(self._start(name, directory))
            elif not self._processes[number].alive or self._processes[number].busy:
                self._processes[number].kill()
                self._processes[number].close()
                self._processes[number] = self._start(name, directory)
            elif not self._processes[number].is_at(directory):
                self._processes[number].reopen(directory)
        taken = self._processes[:count]
        for process in taken:
            process.wait_until_ready()
        return taken

    def _start(self, name: str, directory: str | None, clock: float | None = None) -> Process:
        variable = self.route.variable if self.route is not None else None
        return Process(name, self.factory, directory, clock, variable)

    def take_moved(self, client: str, seconds: float, directory: str | None = None) -> Process:
        """A process of that name whose wall clock is elsewhere."""
        process = self._moved.pop(client, None)
        if process is not None and (not process.alive or process.busy):
            process.kill()
            process.close()
            process = None
        if process is None:
            process = self._start(client, directory, seconds)
        else:
            process.move_clock(seconds)
            process.reopen(directory)
        self._moved[client] = process
        process.wait_until_ready()
        return process

    def close(self) -> None:
        """End all processes."""
        for process in (*self._processes, *self._moved.values()):
            process.close()
        self._processes.clear()
        self._moved.clear()


def together(
    programs: Sequence[tuple[Process, list[Step]]],
    beside: Sequence[tuple[Process, list[Step]]] = (),
) -> list[Operation]:
    """Let processes begin their programs at the same instant, and wait for all.

    Those `beside` them repeat theirs from before the beginning until after the end.
    """
    for process, steps in beside:
        process.start(steps, loop=True)
    at = time.monotonic_ns() + 5_000_000
    for process, steps in programs:
        process.start([{**steps[0], "at": at}, *steps[1:]])
    done = [each for process, _ in programs for each in process.finish()]
    return done + [each for process, _ in beside for each in process.enough()]
