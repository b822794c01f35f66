"""A deterministic sample of the faults of `make soak`: nothing is lost, left, doubled or wrong."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from executable_pages.testing.evidence import claim
from executable_pages.testing.requirements import require_linux
from reference_impl import DefaultSessionStore
from reference_impl.lock import LockTimeout
from tests.faults.running import inject
from tests.subject.targets import ROOT

PAGE = "docs/verification/durability.md"


def check(request: pytest.FixtureRequest, name: str, *options: str) -> None:
    """Run a harness and hold that it found nothing, and that every fault happened."""
    found = inject(name, *options)
    print(" ".join(["python -m tests.faults", name, *options]), found)
    claim(
        request.node,
        kind="durability",
        where=PAGE,
        digest=name,
        target="reference",
        **{key: str(found[key]) for key in ("what", "tried", "of", "bad")},
    )
    assert found["examples"] == []
    assert found["tried"] > 0


def test_killed_writer_loses_nothing(request: pytest.FixtureRequest) -> None:
    """A writer killed at any system call leaves the old session or the new one and nothing else."""
    check(request, "crashes", "--every", "6")


def test_power_cut_loses_nothing(request: pytest.FixtureRequest) -> None:
    """In every state that a power cut may leave, what was acknowledged is there."""
    check(request, "cuts")


def test_failing_call_is_told(request: pytest.FixtureRequest) -> None:
    """A call that fails at any system call says so, and works when it is made again."""
    check(request, "failures", "--every", "60")


@pytest.mark.parametrize("seed", [1, 2])
def test_hostile_ids_are_kept_apart(request: pytest.FixtureRequest, seed: int) -> None:
    """No two ids share a file, and none leaves the directory or reads another's session."""
    check(request, "ids", "--count", "700", "--seed", str(seed))


@pytest.mark.parametrize("seed", [1, 2])
def test_hostile_files_lose_no_byte(request: pytest.FixtureRequest, seed: int) -> None:
    """Whatever stands in a file, a call reads it, sets it aside whole, or says what is wrong."""
    check(request, "files", "--count", "700", "--seed", str(seed))


def test_load_loses_nothing(request: pytest.FixtureRequest) -> None:
    """One order of the calls of 64 threads in 8 processes explains every answer."""
    check(request, "load", "--seconds", "2")


def test_full_disk_loses_nothing(request: pytest.FixtureRequest) -> None:
    """On a full disk reads and deletes work, and a refused write is stored once there is room."""
    check(request, "disk")


STOPPED = """
import os, signal, sys
from reference_impl import DefaultSessionStore
store = DefaultSessionStore(sys.argv[1])
replace = os.replace
def stop(*names):
    os.kill(os.getpid(), signal.SIGSTOP)
    replace(*names)
os.replace = stop
assert store.add_user_message("s", "stopped") is True
"""


def test_stopped_holder_delays_and_loses_nothing(tmp_path: Path) -> None:
    """A writer stopped inside its write lets others time out, and ends well when it goes on."""
    require_linux()
    command = [sys.executable, "-c", STOPPED, str(tmp_path)]
    holder = subprocess.Popen(command, cwd=ROOT)
    try:
        os.waitid(os.P_PID, holder.pid, os.WSTOPPED)
        impatient = DefaultSessionStore(tmp_path, lock_timeout=0.1)
        with pytest.raises(LockTimeout):
            impatient.add_user_message("s", "refused")
        assert impatient.add_user_message("other", "x") is True
    finally:
        os.kill(holder.pid, signal.SIGCONT)
        assert holder.wait(timeout=30) == 0
    assert impatient.add_user_message("s", "after") is True
    history = DefaultSessionStore(tmp_path).get_chat_history("s")
    assert [message["content"] for message in history] == ["stopped", "after"]
