"""Programs of pages that begin as a fork of a process which has imported what they will import.

Most of the time of a program that talks to a model goes into importing the client. A target says
in `ahead` what may be imported beforehand: packages of others, never what the pages speak of; and
nothing is run, since what a module remembers of its use would be remembered by every program. A
fork is otherwise what `python` would start: environment, directory, streams, modules, hash seed,
exit code and traceback are the same, and tests/docs/test_forks.py compares them.

On systems other than Linux every program is a new interpreter.
"""

import atexit
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import IO

from tests.pages.target import Target

# What an interpreter reads when it starts, and not from what it imports.
_AT_START = ("PYTHON", "LANG", "LC_", "TZ")
_PROGRAM = str(Path(__file__).with_name("fork_server.py"))


class Fork:
    """A running program, with what is used here of `subprocess.Popen`."""

    def __init__(
        self, args: Sequence[str], asker: socket.socket, pid: int, streams: Sequence[IO[str]]
    ) -> None:
        self.args = args
        self.pid = pid
        self.returncode: int | None = None
        self.stdin, self.stdout = streams[:2]
        self._asker = asker
        self._printed = ["" for _ in streams[1:]]
        self._readers = [
            threading.Thread(target=self._read, args=each, daemon=True)
            for each in enumerate(streams[1:])
        ]

    def _read(self, number: int, stream: IO[str]) -> None:
        with stream:
            self._printed[number] = stream.read()

    def wait(self, timeout: float | None = None) -> int:
        """The exit code, once the program has ended.

        Raises:
            subprocess.TimeoutExpired: It has not, after so many seconds.
        """
        if self.returncode is None:
            self._asker.settimeout(timeout)
            try:
                code = self._asker.recv(8)
            except (TimeoutError, BlockingIOError):
                raise subprocess.TimeoutExpired(self.args, timeout or 0) from None
            # Without its server nobody knows how it ended.
            self.returncode = int.from_bytes(code, signed=True) if code else -signal.SIGKILL
            self._asker.close()
        return self.returncode

    def poll(self) -> int | None:
        """The exit code, or None while the program runs."""
        with suppress(subprocess.TimeoutExpired):
            return self.wait(0)
        return None

    def kill(self) -> None:
        """End the program at once."""
        if self.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)

    def communicate(self, text: str = "", timeout: float | None = None) -> tuple[str, str]:
        """Write a text to the program, and read what it and its children print to the end.

        Raises:
            subprocess.TimeoutExpired: It took longer.
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        for reader in self._readers:
            if reader.ident is None:
                reader.start()
        with suppress(BrokenPipeError, ValueError), self.stdin:
            self.stdin.write(text)
        for reader in self._readers:
            reader.join(None if deadline is None else max(0.0, deadline - time.monotonic()))
            if reader.is_alive():
                raise subprocess.TimeoutExpired(self.args, timeout or 0)
        self.wait(None if deadline is None else max(0.0, deadline - time.monotonic()))
        out, *rest = self._printed
        return out, "".join(rest)


class _Server:
    """One fork server, which ends with this process."""

    def __init__(self, ahead: Sequence[str], environment: Mapping[str, str]) -> None:
        self._lock = threading.Lock()
        self._requests, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-P", _PROGRAM, str(theirs.fileno()), *ahead],
                env={**environment, "HOME": os.devnull},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
            )
        atexit.register(self.close)

    def close(self) -> None:
        """Let the server end; what it has started goes on."""
        self._requests.close()
        self._process.wait()

    def start(
        self, args: Sequence[str], cwd: Path, environment: Mapping[str, str], errors: bool
    ) -> Fork:
        """Start a program; without `errors` its standard error is this process's."""
        request = {"args": list(args), "cwd": str(cwd), "env": dict(environment)}
        text = json.dumps(request).encode()
        asker, told = socket.socketpair()
        input, own_input = os.pipe()
        own_output, output = os.pipe()
        ours, theirs = [own_input, own_output], [input, output]
        if errors:
            own_error, error = os.pipe()
            ours.append(own_error)
            theirs.append(error)
        files = [*theirs, *([] if errors else [2]), told.fileno()]
        with self._lock:
            socket.send_fds(self._requests, [len(text).to_bytes(8)], files)
            self._requests.sendall(text)
        for file in theirs:
            os.close(file)
        told.close()
        pid = int.from_bytes(asker.recv(8))
        if not pid:
            raise RuntimeError(f"the fork server has ended: {self._process.wait()}")
        first, *others = [
            os.fdopen(file, "r" if number else "w", encoding="utf-8", errors="replace")
            for number, file in enumerate(ours)
        ]
        return Fork(args, asker, pid, [first, *others])


@cache
def _server(ahead: tuple[str, ...], started: tuple[tuple[str, str], ...]) -> _Server:
    return _Server(ahead, dict(started))


def ahead_of(target: Target) -> tuple[str, ...] | None:
    """The modules that may be imported ahead of a target's programs; None where nothing forks."""
    return tuple(getattr(target, "ahead", ())) if sys.platform == "linux" else None


def start(
    ahead: tuple[str, ...],
    args: Sequence[str],
    cwd: Path,
    environment: Mapping[str, str],
    *,
    errors: bool = True,
    own: bool = False,
) -> Fork:
    """Start `python` with some arguments, as a fork of a process that has imported `ahead`.

    With `own`, these are found in the `PYTHONPATH` of the program, as modules of a checkout are.
    """
    return warm(ahead, environment, own=own).start(args, cwd, environment, errors)


def warm(ahead: tuple[str, ...], environment: Mapping[str, str], *, own: bool = False) -> _Server:
    """Let the process begin to import, for whoever will start a program in a while."""
    kept = {
        name: value
        for name, value in environment.items()
        if name.startswith(_AT_START) and (own or name != "PYTHONPATH")
    }
    return _server(ahead, tuple(sorted(kept.items())))
