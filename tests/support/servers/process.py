"""Starting a server, waiting until it answers, and ending it with all that it started."""

import os
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import psutil
import pytest

PATIENCE = 60.0


def require(module: str) -> None:
    """Skip where a server's wheel does not exist for this system; fail where it should."""
    if find_spec(module) is None:
        reason = f"the wheel {module} is not installed, so its server cannot be started"
        if os.environ.get("CI") == "true" and os.name != "nt":
            pytest.fail(f"{reason}, and CI must have it", pytrace=False)
        pytest.skip(reason)


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on, all different."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()


def answers(port: int) -> bool:
    """Whether something listens on a port of this machine."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def running(
    command: Sequence[str | Path],
    is_ready: Callable[[], bool],
    *,
    environment: Mapping[str, str] | None = None,
    user: str | None = None,
    stop: int = signal.SIGTERM,
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server until the block ends.

    Raises:
        RuntimeError: It ended before it answered; the message has what it printed.
    """
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            [str(word) for word in command],
            env=os.environ | dict(environment or {}),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            user=user,
            # A SIGINT from the terminal is pytest's to handle; the server is ended by us.
            start_new_session=os.name == "posix",
        )
        try:
            deadline = time.monotonic() + PATIENCE
            while not is_ready():
                if process.poll() is not None or time.monotonic() > deadline:
                    log.seek(0)
                    printed = log.read().decode(errors="replace")[-4000:]
                    raise RuntimeError(f"{command[0]} did not start:\n{printed}")
                time.sleep(0.02)
            yield process
        finally:
            end(process, stop)


def end(process: subprocess.Popen[bytes], stop: int) -> None:
    """Ask a server to stop, and kill what is left of its family after a while."""
    try:
        family = psutil.Process(process.pid).children(recursive=True)
    except psutil.NoSuchProcess:
        family = []
    if process.poll() is None:
        process.send_signal(stop)
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for left in psutil.wait_procs(family, timeout=5)[1]:
        left.kill()
