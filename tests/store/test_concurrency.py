"""Several threads and processes on one directory."""

import os
import signal
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from executable_pages.testing.processes import Worker
from executable_pages.testing.sandbox import Sandbox
from reference_impl import DefaultSessionStore
from tests.subject.targets import Target

PROGRAM = """
import time
from reference_impl import DefaultSessionStore

store = DefaultSessionStore("sessions", retention="keep_all", lock_timeout=60)

def append(name, count):
    for number in range(count):
        assert store.add_user_message("s", f"{name}-{number}") is True

def read():
    return [message["content"] for message in store.get_chat_history("s")]

def add(text):
    return store.add_user_message("s", text)

def write_for(seconds):
    end, count = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        store.add_user_message("s", "x" * 160)
        count += 1
    return count

def hold():
    from filelock import FileLock
    lock = FileLock("sessions/s.json.lock")
    lock.acquire()
    while True:
        time.sleep(1)
"""
Start = Callable[[], Worker]


@pytest.fixture
def start(sandbox: Sandbox) -> Iterator[Start]:
    """Starts processes that share the sandbox's sessions."""
    with ExitStack() as stack:
        yield lambda: stack.enter_context(Worker(PROGRAM, sandbox, Target.REFERENCE))


def opened(sandbox: Sandbox, **settings: float) -> DefaultSessionStore:
    """A store of this process on the sandbox's sessions."""
    return DefaultSessionStore(sandbox.work / "sessions", retention="keep_all", **settings)


def assert_reads_are_fresh(writer: DefaultSessionStore, reader: DefaultSessionStore) -> None:
    """What one store writes, the other reads at once, however often it has read before."""
    for number in range(3):
        writer.add_user_message("s", str(number))
        found = [message["content"] for message in reader.get_chat_history("s")]
        assert found == [str(each) for each in range(number + 1)]
        assert len(reader.get_session("s").messages) == number + 1
        assert len(reader.get_working_history("s")) == number + 1


def test_four_processes_lose_nothing(sandbox: Sandbox, start: Start) -> None:
    """Four processes that append 250 messages each keep all, and each one's order."""
    workers = {name: start() for name in "abcd"}
    for name, worker in workers.items():
        worker.ask("append", name, 250)
    for worker in workers.values():
        worker.answer()
    found = [message["content"] for message in opened(sandbox).get_chat_history("s")]
    assert len(found) == 1000
    for name in workers:
        mine = [text for text in found if text.startswith(name)]
        assert mine == [f"{name}-{number}" for number in range(250)]


def test_two_instances_see_each_other(sandbox: Sandbox) -> None:
    """Two stores in one process always see each other's writes."""
    assert_reads_are_fresh(opened(sandbox), opened(sandbox))


def test_two_processes_see_each_other(sandbox: Sandbox, start: Start) -> None:
    """Two processes always see each other's writes, in both directions."""
    one, other = start(), start()
    for number in range(5):
        assert one.call("read") == other.call("read")
        assert one.call("add", f"one-{number}") is True
        assert other.call("read")[-1] == f"one-{number}"
        assert other.call("add", f"other-{number}") is True
        assert one.call("read")[-1] == f"other-{number}"


def test_reintroduced_bug(sandbox: Sandbox) -> None:
    """The check of fresh reads fails for a store that answers from what it read before."""

    class Caching(DefaultSessionStore):
        def __init__(self) -> None:
            super().__init__(sandbox.work / "sessions", retention="keep_all")
            self.read: dict[str, list[dict[str, str]]] = {}

        def get_chat_history(
            self, session_id: str, max_messages: int | None = None
        ) -> list[dict[str, str]]:
            if session_id not in self.read:
                self.read[session_id] = super().get_chat_history(session_id, max_messages)
            return self.read[session_id]

    with pytest.raises(AssertionError):
        assert_reads_are_fresh(opened(sandbox), Caching())


def test_threads_share_a_store(sandbox: Sandbox) -> None:
    """Threads that share one store lose nothing."""
    store = opened(sandbox, lock_timeout=60)
    errors: list[BaseException] = []

    def append(name: str) -> None:
        try:
            for number in range(25):
                assert store.add_user_message("s", f"{name}-{number}") is True
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=append, args=[name]) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert len(store.get_chat_history("s")) == 100


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_store_goes_on_after_a_fork(sandbox: Sandbox) -> None:
    """After a fork, parent and children use the store and exclude each other."""
    store = opened(sandbox, lock_timeout=60)
    store.add_user_message("s", "before")
    children = []
    for name in "ab":
        child = os.fork()
        if child == 0:
            done = all(store.add_user_message("s", f"{name}-{n}") for n in range(40))
            os._exit(0 if done else 1)
        children.append(child)
    assert all(store.add_user_message("s", f"parent-{n}") for n in range(40))
    assert [os.waitpid(child, 0)[1] for child in children] == [0, 0]
    assert len(store.get_chat_history("s")) == 121


def test_reader_beside_a_busy_writer_is_served(sandbox: Sandbox, start: Start) -> None:
    """A reader beside a writer in a tight loop waits for a few writes, not for the loop."""
    store = opened(sandbox, lock_timeout=60)
    store.add_user_message("s", "first")
    writer = start()
    writer.ask("write_for", 2.0)
    waits = []
    end = time.monotonic() + 1.5
    while time.monotonic() < end:
        began = time.monotonic()
        store.get_chat_history("s")
        waits.append(time.monotonic() - began)
        time.sleep(0.01)
    one_write = 2.0 / writer.answer()
    assert len(waits) > 15
    assert statistics.median(waits) < 10 * one_write


def test_waiting_ends_in_time(sandbox: Sandbox, start: Start) -> None:
    """A call gives up after the store's timeout, whether it waits for the queue or the lock."""
    store = opened(sandbox, lock_timeout=0.3)
    store.add_user_message("s", "x")
    holder = start()
    holder.ask("hold")
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        began = time.monotonic()
        try:
            store.add_user_message("s", "y")
        except OSError:
            break
    waited = time.monotonic() - began
    assert 0.25 < waited < 4
    holder.kill()
    assert store.add_user_message("s", "z") is True


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
def test_killed_writer_leaves_what_it_acknowledged(sandbox: Sandbox, start: Start) -> None:
    """A writer that is killed leaves a whole file and frees its lock."""
    writer = start()
    writer.ask("append", "w", 100_000)
    path = sandbox.work / "sessions" / "s.json"
    while not path.exists():
        time.sleep(0.005)
    time.sleep(0.3)
    os.kill(writer.process.pid, signal.SIGKILL)
    writer.process.wait()
    store = opened(sandbox, lock_timeout=1)
    found = [message["content"] for message in store.get_chat_history("s")]
    assert found == [f"w-{number}" for number in range(len(found))]
    assert found
    assert store.add_user_message("s", "next") is True
    assert not list(Path(path.parent).glob("*.corrupt-*"))
