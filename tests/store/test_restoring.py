"""Files that others write while stores run: restored, edited in place, copied."""

import os
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from reference_impl import DefaultSessionStore, rest
from tests.store.page_programs import function
from tests.store.test_salvage import contents


@pytest.fixture
def backup(store: DefaultSessionStore) -> bytes:
    """The bytes of a session with three messages, which has a fourth since."""
    for text in "abc":
        store.add_user_message("s", text)
    found = Path(store.session_dir, "s.json").read_bytes()
    store.add_user_message("s", "since the backup")
    return found


@contextmanager
def half_written(path: Path, data: bytes, half: int) -> Iterator[Any]:
    """A file as `cp` and editors fill it: emptied, written to the half, and then to its end."""
    with open(path, "r+b") as file:
        file.truncate(0)
        file.write(data[:half])
        file.flush()
        yield file
        file.write(data[half:])


CALLS = {
    "read": lambda store: store.get_chat_history("s"),
    "whole": lambda store: store.get_session("s"),
    "exists": lambda store: store.session_exists("s"),
    "append": lambda store: store.add_user_message("s", "meanwhile"),
    "change": lambda store: store.rename_session("s", "title"),
    "clear": lambda store: store.clear_session("s"),
    "replace": lambda store: store.set_chat_history("s", []),
}


@contextmanager
def suppress_half_written() -> Iterator[None]:
    """Only the error that says that a file is half-written may come."""
    try:
        yield
    except OSError as error:
        if "half-written" not in str(error):
            raise


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
@pytest.mark.parametrize("half", [0, 1, 150])
def test_half_of_a_file_is_no_verdict(
    store: DefaultSessionStore,
    backup: bytes,
    call: Any,
    half: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """While somebody writes the file no call takes a half of it for the session, or sets it aside.

    What was restored is there once it is whole, and a turn that was added meanwhile comes after it.
    """
    monkeypatch.setattr(rest, "_QUIET", 0.02)
    monkeypatch.setattr("reference_impl.directory.PATIENCE", 0.1)
    path = Path(store.session_dir, "s.json")
    answer = None
    with half_written(path, backup, half), suppress_half_written():
        answer = call(store)
    assert answer in (None, False)
    assert contents(store) == ["a", "b", "c"] + ["meanwhile"] * (answer is False)
    assert not list(path.parent.glob("*.corrupt-*"))


def test_read_waits_for_a_copy_that_ends_soon(store: DefaultSessionStore, backup: bytes) -> None:
    """A read beside a copy gets the whole session once the copy has ended."""
    path, halves = Path(store.session_dir, "s.json"), half_written
    begun = threading.Event()

    def copy() -> None:
        with halves(path, backup, 100):
            begun.set()
            time.sleep(0.05)

    copying = threading.Thread(target=copy)
    copying.start()
    begun.wait()
    assert contents(store) == ["a", "b", "c"]
    copying.join()


def test_file_that_is_closed_and_opened_again_is_waited_for(
    store: DefaultSessionStore, backup: bytes
) -> None:
    """A file that is written piece by piece, and opened for each, is read when it is whole."""
    path = Path(store.session_dir, "s.json")
    path.write_bytes(b"")

    def pieces() -> None:
        for start in range(0, len(backup), 100):
            time.sleep(0.01)
            with open(path, "ab") as file:
                file.write(backup[start : start + 100])

    writing = threading.Thread(target=pieces)
    writing.start()
    assert contents(store) == ["a", "b", "c"]
    writing.join()


def test_writer_that_never_ends_is_not_waited_for(
    store: DefaultSessionStore, backup: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that never comes to rest keeps a read for a bounded time, and stays where it is."""
    monkeypatch.setattr("reference_impl.directory.PATIENCE", 0.2)
    path = Path(store.session_dir, "s.json")
    ended = threading.Event()

    def endless() -> None:
        with open(path, "wb", buffering=0) as file:
            while not ended.is_set():
                file.write(b"x")
                time.sleep(0.005)

    writing = threading.Thread(target=endless)
    writing.start()
    try:
        begin = time.monotonic()
        while not path.read_bytes().endswith(b"x"):
            time.sleep(0.001)
        with pytest.raises(OSError, match="half-written"):
            contents(store)
        assert time.monotonic() - begin < 5
    finally:
        ended.set()
        writing.join()
    assert not list(path.parent.glob("*.corrupt-*"))


def test_clock_of_a_file_that_is_ahead_keeps_nobody_waiting(store: DefaultSessionStore) -> None:
    """A broken file with a time of tomorrow is set aside like any other."""
    path = Path(store.session_dir, "s.json")
    path.write_bytes(b"junk")
    os.utime(path, (time.time() + 86_400,) * 2)
    assert contents(store) == []
    assert len(list(path.parent.glob("*.corrupt-*"))) == 1


def test_page_restores_beside_a_writer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page's program restores a session while others write to it: nothing of theirs is lost
    that came after it, and no file is set aside."""
    monkeypatch.chdir(tmp_path)
    restore = function("features/persistence-json", "restore")
    store = DefaultSessionStore("live")
    store.add_user_message("alice", "Hello")
    shutil.copytree("live", "backup")
    ended = threading.Event()
    said: list[str] = []

    def write() -> None:
        mine = DefaultSessionStore("live", retention="keep_all", durable=False)
        while not ended.is_set():
            assert mine.add_user_message("alice", str(len(said))) is True
            said.append(str(len(said)))

    writing = threading.Thread(target=write)
    writing.start()
    try:
        for _ in range(5):
            count = len(said)
            while len(said) < count + 5:
                time.sleep(0.001)
            restore("backup/alice.json", "live/alice.json")
    finally:
        ended.set()
        writing.join()
    found = contents(store, "alice")
    assert found[0] == "Hello"
    assert found[1:] == said[len(said) - len(found) + 1 :]
    assert len(found) < len(said)
    assert not list(Path("live").glob("*.corrupt-*"))
    with FileLock("live/alice.json.lock", timeout=1):
        pass
