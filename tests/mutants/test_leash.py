"""A run of lies that is killed leaves neither a process nor a file behind."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from executable_pages.testing.scanner import ROOT

RUN = """
import subprocess, sys
from tests.mutants.leash import leash
with leash() as place:
    # In a group of its own, as pytest's own children may be.
    program = "import time; time.sleep(600)"
    child = subprocess.Popen([sys.executable, "-c", program], start_new_session=True)
    (place / "file").touch()
    print(child.pid, place, flush=True)
    sys.stdin.read()
"""


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that nobody has collected does not."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
@pytest.mark.parametrize("end", [signal.SIGKILL, None], ids=["killed", "done"])
def test_what_a_run_started_ends_with_it(end: signal.Signals | None) -> None:
    """Whether a run is killed or done, its processes and its directory are gone."""
    with subprocess.Popen(
        [sys.executable, "-c", RUN],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as run:
        assert run.stdin is not None
        assert run.stdout is not None
        pid, place = run.stdout.readline().split()
        if end is None:
            run.stdin.close()
        else:
            run.send_signal(end)
        limit = time.monotonic() + 20
        while is_alive(int(pid)) or Path(place).exists():
            assert time.monotonic() < limit, "it is still there"
            time.sleep(0.01)
