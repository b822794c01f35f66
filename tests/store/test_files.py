"""Writing, removing and setting aside: what each step does when a call below it fails."""

import errno
import io
import os
import stat
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from reference_impl import DefaultSessionStore, files


def failing(error: OSError) -> Callable[..., None]:
    """A call that fails."""

    def call(*arguments: object, **named: object) -> None:
        raise error

    return call


def test_temporary_file_stands_beside_the_session(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file that replaces a session is hidden, in its directory, and named after it."""
    made: list[Path] = []

    def replace(source: Path, target: Path) -> None:
        assert source.exists()
        made.append(source)
        raise OSError(errno.ENOSPC, "no room")

    monkeypatch.setattr(os, "replace", replace)
    with pytest.raises(OSError, match="no room"):
        files.write(tmp_path / f"{'x' * 245}.json", b"{}")
    assert made == [tmp_path / f".{'x' * 245}.json.tmp"]
    assert not made[0].exists()


def test_what_a_killed_writer_left_is_replaced(tmp_path: Path) -> None:
    """The next write takes the place of a temporary file, and follows no link in its place."""
    path, elsewhere = tmp_path / "s.json", tmp_path / "elsewhere"
    files.temporary(path).write_bytes(b"half of a conv")
    files.write(path, b"1")()
    files.temporary(path).symlink_to(elsewhere)
    files.write(path, b"2")()
    assert (path.read_bytes(), os.listdir(tmp_path)) == (b"2", ["s.json"])


def test_change_that_fails_is_answered_with_false(
    store: DefaultSessionStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A write or a delete that fails on the disk answers False and changes nothing."""
    store.add_user_message("s", "a")
    broken = failing(OSError(errno.EIO, "the disk is broken"))
    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", broken)
        assert store.rename_session("s", "b") is False
        patch.setattr(Path, "unlink", broken)
        assert store.delete_session("s") is False
    assert [message["content"] for message in store.get_chat_history("s")] == ["a"]


def test_removing_what_is_not_there_is_done(tmp_path: Path) -> None:
    """A file that is gone already counts as removed."""
    files.remove(tmp_path / "nobody.json")
    assert os.listdir(tmp_path) == []


def test_change_waits_for_readers_on_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    """On Windows a change is tried again while a list has the file open, and then gives up."""
    tries = [PermissionError("open elsewhere")] * 3

    def change() -> None:
        if tries:
            raise tries.pop()

    began = time.monotonic()
    with monkeypatch.context() as patch:
        patch.setattr(os, "name", "nt")
        files._once_closed(change)
    assert tries == []
    assert time.monotonic() - began < 1
    monkeypatch.setattr(files, "_CLOSING", 0.01)
    refused = failing(PermissionError("open for ever"))
    with monkeypatch.context() as patch:
        patch.setattr(os, "name", "nt")
        with pytest.raises(PermissionError, match="for ever"):
            files._once_closed(refused)


@pytest.mark.skipif(os.name == "nt", reason="Windows tries again")
def test_change_without_permission_fails_at_once() -> None:
    """Elsewhere a change that is not permitted is tried once."""
    tried = []

    def change() -> None:
        tried.append(1)
        raise PermissionError("never")

    with pytest.raises(PermissionError, match="never"):
        files._once_closed(change)
    assert tried == [1]


@pytest.mark.skipif(os.name == "nt", reason="Windows flushes no directory")
def test_directory_that_cannot_be_flushed_is_forgiven(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file system without the call is no error, a disk that fails is one."""
    for number in (errno.EINVAL, errno.ENOTSUP, errno.EBADF):
        monkeypatch.setattr(os, "fsync", failing(OSError(number, "unknown here")))
        files.flush_directory(tmp_path)
    monkeypatch.setattr(os, "fsync", failing(OSError(errno.EIO, "the disk is broken")))
    with pytest.raises(OSError, match="the disk is broken"):
        files.flush_directory(tmp_path)


def test_windows_flushes_no_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On Windows, where no directory can be opened, none is."""
    monkeypatch.setattr(os, "open", failing(OSError(errno.EACCES, "a directory")))
    with monkeypatch.context() as patch:
        patch.setattr(os, "name", "nt")
        files.flush_directory(tmp_path)


def test_file_set_aside_says_when(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The name ends with the milliseconds since 1970, or the next number that is free."""
    monkeypatch.setattr(time, "time", lambda: 1_700_000_000.5)
    names = []
    for number in range(3):
        path = tmp_path / "s.json"
        path.write_text(str(number))
        names.append(files.set_aside(path, ValueError("junk")).name)
    first = 1_700_000_000_500
    assert names == [f"s.json.corrupt-{first + number}" for number in range(3)]
    assert [(tmp_path / name).read_text() for name in names] == ["0", "1", "2"]


def test_removal_and_setting_aside_reach_the_disk(
    store: DefaultSessionStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The directory is flushed after each change of a name, so that a power cut undoes none."""
    flushed: list[list[str]] = []
    path = Path(store.session_dir) / "s.json"
    fsync = os.fsync

    def flush(handle: int) -> None:
        if stat.S_ISDIR(os.fstat(handle).st_mode):
            flushed.append(sorted(each.name for each in path.parent.glob("*.json*")))
        fsync(handle)

    monkeypatch.setattr(os, "fsync", flush)
    store.add_user_message("s", "a")
    assert flushed == [["s.json", "s.json.lock"]]
    store.delete_session("s")
    assert flushed[1:] == [["s.json.lock"]]
    path.write_bytes(b"junk")
    store.get_chat_history("s")
    [[aside, lock]] = flushed[2:]
    assert (aside[:15], lock) == ("s.json.corrupt-", "s.json.lock")


def test_all_of_a_file_is_there_when_it_is_flushed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is put on the disk is the whole file, not what a buffer has let go of by then."""
    sizes: list[int] = []
    flush = os.fsync

    def fsync(handle: int) -> None:
        if stat.S_ISREG(os.fstat(handle).st_mode):
            sizes.append(os.fstat(handle).st_size)
        flush(handle)

    monkeypatch.setattr(os, "fsync", fsync)
    files.write(tmp_path / "s.json", b'{"messages": []}')()
    assert sizes == [16]


def test_write_in_pieces_is_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A system that takes a few bytes at a time gets all of them."""

    class Short(io.FileIO):
        def write(self, data: Any) -> int:
            return super().write(data[:5])

    with monkeypatch.context() as patch:
        patch.setattr(io, "FileIO", Short)
        files.write(tmp_path / "s.json", b'{"messages": []}')()
    assert (tmp_path / "s.json").read_bytes() == b'{"messages": []}'


def test_read_in_pieces_is_whole(
    store: DefaultSessionStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A system that gives a few bytes at a time is asked for all of them."""
    store.add_user_message("s", "a" * 100)
    read = os.read
    with monkeypatch.context() as patch:
        patch.setattr(os, "read", lambda handle, count: read(handle, min(count, 7)))
        assert store.get_chat_history("s") == [{"role": "user", "content": "a" * 100}]


def test_directory_that_another_store_makes_is_shared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two stores that make one directory at the same time both have it."""
    mkdir = os.mkdir

    def first_by_another(path: Any, mode: int) -> None:
        mkdir(path, mode)
        mkdir(path, mode)

    with monkeypatch.context() as patch:
        patch.setattr(os, "mkdir", first_by_another)
        store = DefaultSessionStore(tmp_path / "a" / "sessions")
    assert store.add_user_message("s", "a") is True


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such owners")
def test_directory_of_somebody_else_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A directory whose owner could put other sessions into it is used by nobody else."""
    (tmp_path / "sessions").mkdir()
    if os.geteuid() == 0:
        os.chown(tmp_path / "sessions", 65534, 65534)
    else:
        monkeypatch.setattr(os, "geteuid", lambda: 65534)
    with pytest.raises(OSError, match="belongs to the user"):
        DefaultSessionStore(tmp_path / "sessions")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such owners")
@pytest.mark.parametrize("place", ["sessions", "home/sessions"])
def test_own_link_to_a_directory_is_followed(tmp_path: Path, place: str) -> None:
    """A session directory, or a directory above it, may be a link that its user made."""
    (tmp_path / "disk" / "sessions").mkdir(parents=True)
    target = tmp_path / "disk" / ("sessions" if place == "sessions" else "")
    (tmp_path / Path(place).parts[0]).symlink_to(target)
    store = DefaultSessionStore(tmp_path / place)
    assert store.add_user_message("s", "a") is True
    assert (tmp_path / "disk" / "sessions" / "s.json").is_file()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such owners")
@pytest.mark.parametrize("place", ["sessions", "home/sessions"])
def test_link_of_somebody_else_is_refused(
    tmp_path: Path, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody else chooses where conversations go, even to a directory of one's own."""
    (tmp_path / "disk" / "sessions").mkdir(parents=True)
    link = tmp_path / Path(place).parts[0]
    link.symlink_to(tmp_path / "disk" / ("sessions" if place == "sessions" else ""))
    if os.geteuid() == 0:
        os.chown(link, 65534, 65534, follow_symlinks=False)
    else:
        monkeypatch.setattr(os, "geteuid", lambda: 65534)
    with pytest.raises(OSError, match="belongs to the user") as refused:
        DefaultSessionStore(tmp_path / place)
    assert os.geteuid() != 0 or refused.value.filename == str(link)
    assert list((tmp_path / "disk" / "sessions").iterdir()) == []


@pytest.mark.skipif(os.name == "nt", reason="Windows cannot flush a directory")
def test_write_that_a_power_cut_may_undo_is_not_acknowledged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the directory cannot be flushed a write answers False, and a repeated turn is one."""
    store, fsync = DefaultSessionStore(tmp_path), os.fsync
    assert store.add_user_message("s", "first") is True

    def no_directories(handle: int) -> None:
        if stat.S_ISDIR(os.fstat(handle).st_mode):
            raise OSError(errno.EIO, "the disk is ill")
        fsync(handle)

    monkeypatch.setattr(os, "fsync", no_directories)
    assert store.add_user_message("s", "second") is False
    assert store.update_session_metadata("s", plan="silver") is False
    monkeypatch.setattr(os, "fsync", fsync)
    store.add_user_message("s", "second")
    assert [each["content"] for each in store.get_chat_history("s")] == ["first", "second"]
