"""What happens to a store in a long life: forks, moves, clocks, interrupts, failing systems."""

import gc
import json
import os
import shutil
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from executable_pages.testing.requirements import require, require_linux
from reference_impl import DefaultSessionStore, LockTimeout, get_default_session_store, session
from tests.subject.targets import ROOT

forks = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork"),
    pytest.mark.filterwarnings("ignore:This process:DeprecationWarning"),
]


def contents(store: DefaultSessionStore, name: str = "s") -> list[Any]:
    """The texts of a session's history."""
    return [message["content"] for message in store.get_chat_history(name)]


def in_a_child(call: Callable[[], bool]) -> int:
    """The id of a forked child that ends with 0 where the call answered True."""
    child = os.fork()
    if child == 0:
        code = 1
        with suppress(BaseException):
            code = 0 if call() is True else 2
        os._exit(code)
    return child


def ended(child: int) -> int:
    """How a child ended."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


class Held:
    """The lock of session `s`, held by a thread of its own until `end`."""

    def __init__(self, store: DefaultSessionStore) -> None:
        self._end, self._begun = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._hold, args=[store])
        self._thread.start()
        assert self._begun.wait(10)

    def _hold(self, store: DefaultSessionStore) -> None:
        with store._access.held("s"):
            self._begun.set()
            self._end.wait(30)

    def end(self) -> None:
        """Let go."""
        self._end.set()
        self._thread.join()


@pytest.mark.proves("long-life")
@pytest.mark.usefixtures("home")
class TestForks:
    """A process that forks while it uses a store, as a server that loads its program first."""

    pytestmark = forks

    def test_child_does_not_have_its_parent_s_lock(self, store: DefaultSessionStore) -> None:
        """A lock that a thread of the parent holds at a fork excludes the child, and ends."""
        store.add_user_message("s", "a")
        held = Held(store)

        def excluded() -> bool:
            with pytest.raises(LockTimeout):
                DefaultSessionStore(store.session_dir, lock_timeout=0.2).get_chat_history("s")
            return True

        assert ended(in_a_child(excluded)) == 0
        waiting = in_a_child(lambda: store.add_user_message("s", "of the child"))
        time.sleep(0.2)
        held.end()
        assert ended(waiting) == 0
        assert contents(store) == ["a", "of the child"]

    def test_child_that_ends_frees_no_lock_of_its_parent(self, store: DefaultSessionStore) -> None:
        """What a child drops, collects and closes at its end leaves the parent's lock held."""
        store.add_user_message("s", "a")
        held = Held(store)

        assert ended(in_a_child(lambda: gc.collect() >= 0)) == 0
        with pytest.raises(LockTimeout):
            DefaultSessionStore(store.session_dir, lock_timeout=0.1).get_chat_history("s")
        held.end()
        assert contents(store) == ["a"]

    def test_child_of_a_holder_frees_no_lock_of_its_parent(
        self, store: DefaultSessionStore
    ) -> None:
        """A child made by the thread that holds the lock leaves it held when it unwinds."""
        store.add_user_message("s", "a")
        with store._access.held("s"):
            child = os.fork()
            if child == 0:
                os.environ["UNWINDS"] = "yes"
            else:
                assert ended(child) == 0
                with pytest.raises(LockTimeout):
                    DefaultSessionStore(store.session_dir, lock_timeout=0.1).clear_session("s")
        if child == 0:
            os._exit(0)
        assert contents(store) == ["a"]

    def test_child_outlives_its_parent_s_write(self, store: DefaultSessionStore) -> None:
        """A child that lives on keeps no lock that its parent has let go."""
        store.add_user_message("s", "a")
        held = Held(store)
        child = in_a_child(lambda: time.sleep(30) is None)
        held.end()
        try:
            assert store.add_user_message("s", "b") is True
        finally:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
        assert contents(store) == ["a", "b"]


@pytest.mark.proves("long-life")
def test_store_keeps_its_directory_when_the_home_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A store stays where it was made; the default store follows `PRAISONAI_HOME`."""
    homes = [tmp_path / "one", tmp_path / "other"]
    monkeypatch.setenv("PRAISONAI_HOME", str(homes[0]))
    made, default = DefaultSessionStore(), get_default_session_store()
    made.add_user_message("s", "a")
    monkeypatch.setenv("PRAISONAI_HOME", str(homes[1]))
    assert contents(made) == contents(default) == ["a"]
    assert made.add_user_message("s", "b") is True
    assert contents(get_default_session_store()) == []
    assert get_default_session_store().add_user_message("s", "c") is True
    monkeypatch.setenv("PRAISONAI_HOME", str(homes[0]))
    assert contents(get_default_session_store()) == ["a", "b"]


def test_relative_directory_stays_when_the_program_moves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A change of the working directory moves no session."""
    (tmp_path / "below").mkdir()
    monkeypatch.chdir(tmp_path)
    store = DefaultSessionStore("sessions")
    store.add_user_message("s", "a")
    monkeypatch.chdir(tmp_path / "below")
    assert store.add_user_message("s", "b") is True
    assert contents(store) == ["a", "b"]
    assert list((tmp_path / "below").iterdir()) == []


@pytest.mark.proves("long-life")
def test_directory_that_was_removed_is_made_again(store: DefaultSessionStore) -> None:
    """After somebody removed the directory, reads are empty, and a write makes it, 0700 again."""
    store.add_user_message("s", "a")
    shutil.rmtree(store.session_dir)
    assert contents(store) == []
    assert store.session_exists("s") is False
    assert store.list_sessions() == []
    shutil.rmtree(store.session_dir, ignore_errors=True)
    assert store.add_user_message("s", "b") is True
    assert contents(store) == ["b"]
    if os.name == "posix":
        assert stat.S_IMODE(os.stat(store.session_dir).st_mode) == 0o700
    shutil.rmtree(store.session_dir)
    assert store.delete_session("s") is True
    for write in (
        lambda: store.clear_session("s"),
        lambda: store.set_chat_history("s", [{"role": "user", "content": "c"}]),
    ):
        assert write() is True
    assert contents(store) == ["c"]


def test_directory_that_is_removed_during_a_write_loses_no_turn(
    store: DefaultSessionStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A directory that goes in the middle of a write makes it False, and its turn comes back."""
    store.add_user_message("s", "gone with the directory")
    replace = os.replace

    def remove(source: Any, target: Any) -> None:
        shutil.rmtree(store.session_dir, ignore_errors=True)
        monkeypatch.setattr(os, "replace", replace)
        replace(source, target)

    monkeypatch.setattr(os, "replace", remove)
    assert store.add_user_message("s", "b") is False
    assert contents(DefaultSessionStore(store.session_dir)) == ["b"]


class Clock(datetime):
    """A clock that a test sets."""

    moment = datetime(2026, 11, 24, tzinfo=UTC)

    @classmethod
    def now(cls, tz: Any = None) -> Any:
        """The time that was set."""
        return cls.moment


@pytest.mark.proves("long-life")
def test_clock_that_goes_back_reorders_nothing(
    store: DefaultSessionStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Messages keep the order of their writes, whatever the clock says, and so do waits."""
    monkeypatch.setattr(session, "datetime", Clock)
    seconds = [2e9, 1e9, 0.0, 3e9]
    for number, moment in enumerate(seconds):
        monkeypatch.setattr(time, "time", lambda moment=moment: moment)
        Clock.moment -= timedelta(days=1)
        assert store.add_user_message("s", str(number)) is True
    assert contents(store) == ["0", "1", "2", "3"]
    found = store.get_session("s")
    assert found.updated_at == Clock.moment.isoformat() < found.created_at
    assert [each["session_id"] for each in store.list_sessions()] == ["s"]
    for write in (
        lambda: store.update_session_metadata("s", n=1),
        lambda: store.rename_session("s", "t"),
        lambda: store.append_compaction_checkpoint("s", "sum"),
    ):
        Clock.moment -= timedelta(days=1)
        assert write() is True
        assert store.get_session("s").updated_at == Clock.moment.isoformat()
    with store._access.held("s"):
        began = time.monotonic()
        with pytest.raises(LockTimeout):
            DefaultSessionStore(store.session_dir, lock_timeout=0.2).get_chat_history("s")
        assert 0.1 < time.monotonic() - began < 5


@pytest.mark.proves("long-life")
def test_interrupted_writes_leave_no_half(tmp_path: Path, home: Path) -> None:
    """Interrupts within writes leave a whole file, a free lock and nothing unfinished."""
    require_linux()
    program = """
import glob, json, os, signal, sys
from reference_impl import DefaultSessionStore
store = DefaultSessionStore(sys.argv[1], retention="keep_all", lock_timeout=5)
store.add_user_message("s", "first")
def interrupt(*_):
    raise KeyboardInterrupt
signal.signal(signal.SIGALRM, interrupt)
saved, interrupted = ["first"], 0
for number in range(400):
    text = f"m{number}"
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.00001 + 0.000004 * number)
        answer = store.add_user_message("s", text)
        signal.setitimer(signal.ITIMER_REAL, 0)
        if answer:
            saved.append(text)
    except KeyboardInterrupt:
        interrupted += 1
    finally:
        while True:
            try:
                signal.setitimer(signal.ITIMER_REAL, 0)
                break
            except KeyboardInterrupt:
                pass
    if number % 40 == 0:
        # Free for others, who are not in this process.
        pid = os.fork()
        if pid == 0:
            other = DefaultSessionStore(sys.argv[1], lock_timeout=1)
            os._exit(0 if len(other.get_chat_history("s")) else 1)
        assert os.waitpid(pid, 0)[1] == 0
found = [each["content"] for each in store.get_chat_history("s")]
held = [os.readlink(each) for each in glob.glob("/proc/self/fd/*") if os.path.islink(each)]
unfinished = [each for each in held if ".json.tmp" in each]
print(json.dumps([saved, found, interrupted, unfinished]))
"""
    place = tmp_path / "sessions"
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program, str(place)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    saved, found, interrupted, unfinished = json.loads(done.stdout)
    assert interrupted > 20
    assert [text for text in found if text in set(saved)] == saved
    assert len(found) == len(set(found))
    assert unfinished == []
    assert DefaultSessionStore(place, retention="keep_all").add_user_message("s", "x") is True
    assert {path.suffix for path in place.iterdir()} <= {".json", ".lock"}


@pytest.mark.parametrize("occurrence", range(1, 6))
def test_failing_lock_leaks_nothing(tmp_path: Path, home: Path, occurrence: int) -> None:
    """A lock call that fails once costs its call at most: the next ones work, no handle stays."""
    require_linux()
    program = """
import os, sys
from reference_impl import DefaultSessionStore
store = DefaultSessionStore(sys.argv[1], lock_timeout=1)
before = len(os.listdir("/dev/fd"))
answers = []
for number in range(4):
    try:
        answers.append(store.add_user_message("s", str(number)))
    except OSError as error:
        answers.append(type(error).__name__)
found = [each["content"] for each in store.get_chat_history("s")]
# A turn that was answered False waits, and comes with the next call.
assert [str(n) for n, answer in enumerate(answers) if answer in (True, False)] == found, answers
assert sum(answer is True for answer in answers) >= 3, answers
print(len(os.listdir("/dev/fd")) - before)
"""
    inject = f"flock:error=EIO:when={occurrence}"
    command = [require("strace"), "-f", "-o", str(tmp_path / "trace"), "-e", f"inject={inject}"]
    done = subprocess.run(
        [*command, sys.executable, "-c", program, str(tmp_path / "sessions")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "0"
    assert (tmp_path / "trace").read_text().count("INJECTED") == 1


@pytest.mark.parametrize("call", ["openat", "read", "getdents64"])
def test_list_that_cannot_be_read_is_no_empty_list(tmp_path: Path, home: Path, call: str) -> None:
    """Where a file or the directory cannot be read, lists raise and are not shorter."""
    require_linux()
    place = tmp_path / "sessions"
    DefaultSessionStore(place).set_agent_info("s", "A")
    program = """
import sys
from reference_impl import DefaultSessionStore
store = DefaultSessionStore(sys.argv[1])
for call in (store.list_sessions, lambda: store.list_sessions_by_agent("A")):
    try:
        assert len(call()) == 1, "shorter"
    except OSError:
        pass
"""
    command = [require("strace"), "-f", "-o", str(tmp_path / "trace"), "-P", str(place)]
    command += ["-P", str(place / "s.json"), "-e", f"inject={call}:error=EIO:when=1"]
    done = subprocess.run(
        [*command, sys.executable, "-c", program, str(place)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "trace").read_text().count("INJECTED") == 1
