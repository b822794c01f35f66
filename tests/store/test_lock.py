"""The lock of a session and the queue before it."""

import errno
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock, Timeout

from executable_pages.testing.requirements import require_linux
from reference_impl import LockTimeout, lock, system_lock
from reference_impl.lock import Locks
from tests.subject.targets import ROOT


@pytest.fixture
def queue(tmp_path: Path) -> Path:
    """Where those wait who want the lock called `s`."""
    return tmp_path / ".s.wait"


@pytest.fixture
def patient(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Locks:
    """Locks whose waiters look once a minute where nobody wakes them."""
    monkeypatch.setattr(lock, "_WOKEN", 60.0)
    return Locks(tmp_path, 60)


def waiting(locks: Locks, done: list[str], name: str, queue: Path) -> threading.Thread:
    """A thread that waits for the lock, and says when it had it."""

    def have() -> None:
        with locks.held("s", "s"):
            done.append(name)

    before = handles(queue)
    thread = threading.Thread(target=have, daemon=True)
    thread.start()
    while handles(queue) == before:
        time.sleep(0.001)
    # To have the pipe open is not yet to wait at it. Nobody else needs the interpreter meanwhile,
    # so a thread that sleeps, look after look, does so in the queue.
    looks = 0
    while looks < 5:
        time.sleep(0.002)
        looks = looks + 1 if is_asleep(thread) else 0
    return thread


def is_asleep(thread: threading.Thread) -> bool:
    """Whether the system has nothing to do for a thread, rather than no time for it."""
    stat = Path(f"/proc/self/task/{thread.native_id}/stat")
    return not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] == "S"


def handles(queue: Path) -> int:
    """How often this process has a pipe open."""
    opened = (Path("/proc/self/fd") / each for each in os.listdir("/proc/self/fd"))
    return sum(os.path.lexists(each) and os.readlink(each) == str(queue) for each in opened)


def test_waiters_are_woken_in_their_order(patient: Locks, queue: Path) -> None:
    """Each who lets the lock go wakes the one who has waited longest, at once."""
    require_linux()
    done: list[str] = []
    with patient.held("s", "s"):
        threads = [waiting(patient, done, name, queue) for name in "abc"]
        time.sleep(0.05)
        assert done == []
    for thread in threads:
        thread.join(10)
    assert done == ["a", "b", "c"]
    assert not queue.exists()


def test_newcomer_waits_behind_the_queue(patient: Locks, tmp_path: Path, queue: Path) -> None:
    """Whoever finds somebody waiting does not take a lock that is free, until its time is over."""
    require_linux()
    done: list[str] = []
    with patient.held("s", "s"):
        thread = waiting(patient, done, "first", queue)
    thread.join(10)
    os.mkfifo(queue)
    listening = os.open(queue, os.O_RDWR)
    try:
        newcomer = waiting(patient, done, "newcomer", queue)
        time.sleep(0.05)
        assert done == ["first"]
        with Locks(tmp_path, 0).held("s", "s"):
            pass
        newcomer.join(10)
        assert done == ["first", "newcomer"]
    finally:
        os.close(listening)


def test_killed_waiter_costs_one_look(tmp_path: Path, queue: Path) -> None:
    """What a killed waiter left makes the next caller look once more, and is gone then."""
    require_linux()
    program = """
import sys
from pathlib import Path
from reference_impl.lock import Locks
with Locks(Path(sys.argv[1]), 60).held("s", "s"):
    pass
"""
    locks = Locks(tmp_path, 60)
    with locks.held("s", "s"):
        waiter = subprocess.Popen([sys.executable, "-c", program, str(tmp_path)], cwd=ROOT)
        while not queue.exists():
            time.sleep(0.001)
        waiter.send_signal(signal.SIGKILL)
        waiter.wait()
    assert not queue.exists()
    os.mkfifo(queue)
    with locks.held("s", "s"):
        pass
    assert not queue.exists()


@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_child_does_not_wait_for_its_parent(tmp_path: Path, queue: Path) -> None:
    """A child that lives on stands in no queue in which a thread of its parent waited."""
    require_linux()
    locks = Locks(tmp_path, 60)
    done: list[str] = []
    with locks.held("s", "s"):
        thread = waiting(locks, done, "parent", queue)
        begun, begins = os.pipe()
        child = os.fork()
        if child == 0:
            os.write(begins, b"x")
            time.sleep(60)
            os._exit(0)
        os.read(begun, 1)
    try:
        thread.join(10)
        assert done == ["parent"]
        assert not queue.exists()
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(begun)
        os.close(begins)


def without_pipes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A system, or a file system, that has no named pipes."""
    monkeypatch.delattr(os, "mkfifo")


def with_refused_pipes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file system that has no named pipes."""

    def refuse(*_: object) -> None:
        raise OSError(errno.EPERM, "no pipes here")

    monkeypatch.setattr(os, "mkfifo", refuse)


def without_flock(monkeypatch: pytest.MonkeyPatch) -> None:
    """A system that has another lock than `flock`, which filelock knows."""
    monkeypatch.setattr(system_lock, "fcntl", None)
    monkeypatch.delattr(os, "mkfifo")


def without_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """A system that wakes all who wait, as those beside Linux do."""
    monkeypatch.delattr(select, "EPOLLEXCLUSIVE", raising=False)


def test_waiter_is_woken_where_all_are(
    patient: Locks, queue: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beside Linux, too, who waits is woken at once, and looks for itself."""
    require_linux()
    without_order(monkeypatch)
    done: list[str] = []
    with patient.held("s", "s"):
        thread = waiting(patient, done, "a", queue)
    thread.join(10)
    assert done == ["a"]


@pytest.mark.parametrize(
    "change", [without_pipes, with_refused_pipes, without_flock, without_order]
)
def test_other_systems_keep_the_same_order(
    tmp_path: Path, queue: Path, monkeypatch: pytest.MonkeyPatch, change: Callable[..., None]
) -> None:
    """Without pipes or `flock`, one at a time has the lock, in time, and leaves no mark."""
    change(monkeypatch)
    locks = Locks(tmp_path, 60)
    inside, most = 0, 0

    def work() -> None:
        nonlocal inside, most
        for _ in range(20):
            with locks.held("s", "s"):
                inside += 1
                most = max(most, inside)
                time.sleep(0.0005)
                inside -= 1

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert (most, inside) == (1, 0)
    with locks.held("s", "s"), pytest.raises(LockTimeout):
        Locks(tmp_path, 0.05).held("s", "s").__enter__()
    assert not queue.exists()


@pytest.mark.parametrize("change", [lambda _: None, without_flock], ids=["flock", "filelock"])
def test_lock_excludes_filelock_s(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: Callable[..., None]
) -> None:
    """Each excludes the other: the store's lock and one of filelock on the same file."""
    change(monkeypatch)
    other = FileLock(tmp_path / "s.json.lock", thread_local=False)
    with Locks(tmp_path, 0).held("s", "s"), pytest.raises(Timeout):
        other.acquire(timeout=0)
    with other, pytest.raises(LockTimeout):
        Locks(tmp_path, 0).held("s", "s").__enter__()


def test_lock_file_that_was_removed_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who gets the lock of a file that somebody removed meanwhile takes that of the new one."""
    require_linux()
    path = tmp_path / "s.json.lock"
    taken = []
    flock = system_lock.fcntl.flock

    def remove(file: object, operation: int) -> None:
        if not taken:
            path.unlink()
        taken.append(operation)
        flock(file, operation)

    monkeypatch.setattr(system_lock.fcntl, "flock", remove)
    with Locks(tmp_path, 0).held("s", "s"):
        assert len(taken) == 2
        with pytest.raises(LockTimeout):
            Locks(tmp_path, 0).held("s", "s").__enter__()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such files")
@pytest.mark.parametrize("kind", ["link", "broken link", "pipe", "directory"])
def test_lock_that_is_no_file_is_named(tmp_path: Path, kind: str) -> None:
    """A lock on something else excludes nobody: the error says which file to move away."""
    path, elsewhere = tmp_path / "s.json.lock", tmp_path / "elsewhere"
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "directory":
        path.mkdir()
    else:
        path.symlink_to(elsewhere)
        if kind == "link":
            elsewhere.touch()
    with pytest.raises(OSError, match=r"\] the lock is no regular file; move it away: ") as caught:
        Locks(tmp_path, 0).held("s", "s").__enter__()
    assert caught.value.filename == str(path)
    assert elsewhere.exists() is (kind == "link")


def test_unlock_that_is_refused_is_no_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the system refuses to unlock, what was done is done, and others have the lock."""
    require_linux()
    flock = system_lock.fcntl.flock
    refused = []

    def refuse(file: object, operation: int) -> None:
        if operation & system_lock.fcntl.LOCK_UN:
            refused.append(operation)
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        flock(file, operation)

    with monkeypatch.context() as patch:
        patch.setattr(system_lock.fcntl, "flock", refuse)
        with Locks(tmp_path, 0).held("s", "s"):
            pass
    assert len(refused) == 1
    with Locks(tmp_path, 0).held("s", "s"):
        pass


def test_link_in_the_place_of_the_queue_is_not_followed(tmp_path: Path, queue: Path) -> None:
    """Nothing is written into a pipe that a link in the place of the queue leads to."""
    require_linux()
    elsewhere = tmp_path / "elsewhere"
    os.mkfifo(elsewhere)
    queue.symlink_to(elsewhere)
    listening = os.open(elsewhere, os.O_RDWR | os.O_NONBLOCK)
    try:
        with Locks(tmp_path, 60).held("s", "s"):
            pass
        with pytest.raises(BlockingIOError):
            os.read(listening, 1)
    finally:
        os.close(listening)


def test_lock_that_was_let_go_before_there_was_a_queue_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who found the lock taken looks again from the queue before it waits to be woken."""
    take, taken = system_lock.take, [False, True]
    monkeypatch.setattr(system_lock, "take", lambda path: None if taken.pop() else take(path))
    monkeypatch.setattr(lock._Place, "wait", lambda *_: pytest.fail("it waits for nobody"))
    with Locks(tmp_path, 5).held("s", "s"):
        assert taken == []
