"""Programs of pages that begin as a fork of a process which has imported what they will import.

Most of the time of a program that talks to a model goes into importing the client. A target says
in `ahead` what may be imported beforehand: packages of others, never what the pages speak of; and
nothing is run, since what a module remembers of its use would be remembered by every program. A
fork is otherwise what `python` would start: environment, directory, streams, modules, hash seed,
exit code and traceback are the same, and tests/docs/test_forks.py compares them.

On systems other than Linux every program is a new interpreter.
"""

import atexit
import hashlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Self

from executable_pages.testing.target import Target

# What an interpreter reads when it starts, and not from what it imports.
_AT_START = ("PYTHON", "LANG", "LC_", "TZ")
# The directory of the servers that the processes of a run share.
RUN = "FORK_SERVERS"
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

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.stdout.close()
        with suppress(BrokenPipeError):
            self.stdin.close()
        self.wait()

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
    """A fork server: one that ends with this process, or one of a run that several share."""

    def __init__(self, ahead: Sequence[str], environment: Mapping[str, str], key: str) -> None:
        self._lock = threading.Lock()
        self._pid: int | None = None
        # A directory of one run is of no use to others, for whom its server would wait in vain.
        run = None if "PYTHONPATH" in environment else os.environ.get(RUN)
        if run is None or not self._share(Path(run), ahead, environment, key):
            self._requests, theirs = socket.socketpair()
            self._pid = _begin(theirs, ahead, environment)
        atexit.register(self.close)

    def _share(
        self, run: Path, ahead: Sequence[str], environment: Mapping[str, str], key: str
    ) -> bool:
        path = str(run / hashlib.sha256(key.encode()).hexdigest()[:16])
        with socket.socket(socket.AF_UNIX) as door, suppress(OSError):
            door.bind(path)
            door.listen(64)
            _begin(door, ahead, environment)
        self._requests = socket.socket(socket.AF_UNIX)
        for _ in range(100):
            try:
                self._requests.connect(path)
            except OSError:
                # Whoever was first is about to listen.
                time.sleep(0.01)
            else:
                return True
        self._requests.close()
        return False

    def close(self) -> None:
        """Let the server end; what it has started goes on."""
        self._requests.close()
        if self._pid is not None:
            os.waitpid(self._pid, 0)

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
            raise RuntimeError("the fork server has ended")
        first, *others = [
            os.fdopen(file, "r" if number else "w", encoding="utf-8", errors="replace")
            for number, file in enumerate(ours)
        ]
        return Fork(args, asker, pid, [first, *others])


def _begin(door: socket.socket, ahead: Sequence[str], environment: Mapping[str, str]) -> int:
    """Start a server and return its process id; nobody waits for one that others may still ask."""
    with door:
        os.set_inheritable(door.fileno(), True)
        return os.posix_spawn(
            sys.executable,
            [sys.executable, "-P", _PROGRAM, str(door.fileno()), *ahead],
            {**environment, "HOME": os.devnull},
            file_actions=[(os.POSIX_SPAWN_OPEN, each, os.devnull, os.O_RDWR, 0) for each in (0, 1)],
        )


@contextmanager
def shared() -> Iterator[None]:
    """Let every process that is started meanwhile have its programs from the same servers.

    They end with this context, or a second after this process.
    """
    if sys.platform != "linux" or RUN in os.environ:
        yield
        return
    with ExitStack() as callers, TemporaryDirectory(prefix=f"forks-{os.getpid()}-") as directory:
        os.environ[RUN] = directory
        try:
            yield
        finally:
            del os.environ[RUN]
            # A server ends when its last caller does, and nobody finds it any more.
            for path in Path(directory).iterdir():
                caller = callers.enter_context(socket.socket(socket.AF_UNIX))
                with suppress(OSError):
                    caller.connect(str(path))


_servers: dict[str, _Server] = {}
# Dropped, they would be closed in the middle of a test, with a warning for each.
_of_the_parent: list[_Server] = []


def _part() -> None:
    """Let a fork of this process ask through connections of its own."""
    _of_the_parent.extend(_servers.values())
    _servers.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_part)


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
    key = repr((ahead, sorted(kept.items())))
    if key not in _servers:
        _servers[key] = _Server(ahead, kept, key)
    return _servers[key]
