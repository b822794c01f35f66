"""Starting a server, waiting until it answers, and ending it with all that it started."""

import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import NoReturn

import psutil
import pytest

PATIENCE = 60.0


def require(module: str) -> None:
    """Skip where a server's wheel does not exist for this system; fail where it should."""
    if find_spec(module) is None:
        lacks(module)


def lacks(wheel: str) -> NoReturn:
    """Skip a test for want of a server's wheel; fail where the wheel exists and CI must have it."""
    reason = f"the wheel {wheel} is not installed, so its server cannot be started"
    if os.environ.get("CI") == "true" and os.name != "nt":
        pytest.fail(f"{reason}, and CI must have it", pytrace=False)
    pytest.skip(reason)


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on, all different.

    They lie below those that a system gives to outgoing connections, so that none of these takes
    the port of a server that is just starting again.
    """
    found: list[int] = []
    for port in random.SystemRandom().sample(range(15_000, 32_000), 17_000):
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            found.append(port)
        if len(found) == count:
            break
    return found


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
    directory: str = "",
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server until the block ends, or until this process is killed.

    Args:
        command: The program and its arguments.
        is_ready: Whether the server answers by now.
        environment: Added to this process's own.
        user: Who the server runs as; this user when None.
        stop: The signal that ends it.
        directory: What it writes to, removed when this process is killed. The caller removes it
            otherwise.

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
        warden = _warden(process.pid, stop, directory)
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
            warden.communicate(b"\n")


def _warden(pid: int, stop: int, directory: str) -> subprocess.Popen[bytes]:
    program = str(Path(__file__).with_name("warden.py"))
    return subprocess.Popen(
        [sys.executable, "-P", program, str(pid), str(int(stop)), directory],
        stdin=subprocess.PIPE,
        start_new_session=os.name == "posix",
    )


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
