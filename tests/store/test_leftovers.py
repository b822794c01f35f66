"""What killed writers leave: swept by the next write, and gone with the conversation."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from praisonaiagents.session import DefaultSessionStore as Released

from executable_pages.testing.requirements import require, require_linux
from reference_impl import DefaultSessionStore
from tests.subject.targets import ROOT

SECRET = b"the secret of a deleted conversation"


def holding(directory: Path, what: bytes = SECRET) -> list[str]:
    """The files below a directory that hold some bytes."""
    found = (path for path in directory.rglob("*") if path.is_file())
    return sorted(path.name for path in found if what in path.read_bytes())


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_killed_writers_leave_one_file_at_most(store: DefaultSessionStore) -> None:
    """Forty killed writers leave at most one unfinished file, which the next write sweeps."""
    store = DefaultSessionStore(store.session_dir, retention="keep_all")
    place = Path(store.session_dir)
    text = SECRET.decode() + "x" * 1000
    store.set_chat_history("s", [{"role": "user", "content": text}] * 500)
    chance = random.Random(1)
    most = 0
    for _ in range(40):
        told, tells = os.pipe()
        child = os.fork()
        if child == 0:
            mine = DefaultSessionStore(place, retention="keep_all")
            os.write(tells, b"x")
            while True:
                mine.update_session_metadata("s", k=1)
        os.close(tells)
        os.read(told, 1)
        os.close(told)
        time.sleep(chance.uniform(0.001, 0.015))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        most = max(most, len(list(place.glob(".*.tmp"))))
    assert most <= 1
    assert len(store.get_chat_history("s")) == 500
    assert store.add_user_message("s", "next") is True
    assert list(place.glob(".*.tmp")) == []
    assert store.delete_session("s") is True
    assert holding(place) == []


@pytest.mark.parametrize("session", ["s", "user:1"])
def test_unfinished_content_goes_with_the_session(store: DefaultSessionStore, session: str) -> None:
    """What a killed writer left is gone after the next write, and after a delete."""
    place = Path(store.session_dir)
    ends: list[Callable[[], bool]] = [
        lambda: store.add_user_message(session, "next"),
        lambda: store.clear_session(session),
        lambda: store.delete_session(session),
    ]
    for end in ends:
        store.add_user_message(session, "a")
        [path] = place.glob("*.json")
        path.with_name(f".{path.name}.tmp").write_bytes(SECRET)
        assert end() is True
        assert holding(place) == []
        assert list(place.glob(".*.tmp")) == []


def test_unfinished_first_content_goes_with_a_delete(store: DefaultSessionStore) -> None:
    """A writer killed in its first write left no session; deleting the id removes what it left."""
    (Path(store.session_dir) / ".s.json.tmp").write_bytes(SECRET)
    assert store.session_exists("s") is False
    assert store.delete_session("s") is True
    assert holding(Path(store.session_dir)) == []


def test_file_that_was_set_aside_stays(store: DefaultSessionStore) -> None:
    """A delete removes what the store can read; bytes that only a person can, it leaves."""
    path = Path(store.session_dir) / "s.json"
    path.write_bytes(b"junk" + SECRET)
    assert store.get_chat_history("s") == []
    assert store.delete_session("s") is True
    [left] = holding(path.parent)
    assert left.startswith("s.json.corrupt-")


DELETE = """
import sys
from reference_impl import DefaultSessionStore
DefaultSessionStore(sys.argv[1], lock_timeout=5).delete_session("user:1")
"""


@pytest.mark.parametrize("step", range(1, 9))
def test_killed_delete_brings_no_older_state_back(tmp_path: Path, home: Path, step: int) -> None:
    """A delete of two files that is killed at any removal leaves the newest state, or nothing."""
    require_linux()
    place = tmp_path / "sessions"
    store = DefaultSessionStore(place)
    store.add_user_message("user:1", "new")
    Released(str(place)).add_user_message("user:1", "old")
    assert len(list(place.glob("*.json"))) == 2
    inject = f"unlink,unlinkat:signal=KILL:when={step}"
    command = [require("strace"), "-f", "-o", str(tmp_path / "trace"), "-e", f"inject={inject}"]
    done = subprocess.run(
        [*command, sys.executable, "-c", DELETE, str(place)], cwd=ROOT, check=False, timeout=60
    )
    found = [message["content"] for message in store.get_chat_history("user:1")]
    assert found in ([], ["new"])
    if done.returncode == 0:
        assert found == []
    assert store.delete_session("user:1") is True
    assert store.get_chat_history("user:1") == []
    assert list(place.glob("*.json")) == list(place.glob(".*.tmp")) == []
