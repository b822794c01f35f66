"""The names of a session's files."""

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import pytest
from praisonaiagents.session import DefaultSessionStore as Released

from reference_impl import DefaultSessionStore, names

SAFE = ["s", "user_1", "A-b_9", "x" * 200, "COM10", "console"]
UNSAFE = ["user:1", "a b", "../x", "é", "x" * 201, ".", "~", "a.json", "con", "NUL", "lpt9"]


@pytest.mark.parametrize("session", SAFE)
def test_safe_id_is_its_own_name(store: DefaultSessionStore, session: str) -> None:
    """An id of letters, digits, - and _ up to 200 characters names its file."""
    store.add_user_message(session, "x")
    assert names.is_safe(session)
    assert (Path(store.session_dir) / f"{session}.json").is_file()


@pytest.mark.parametrize("session", UNSAFE)
def test_other_id_gets_a_name_of_its_own(store: DefaultSessionStore, session: str) -> None:
    """Any other id gets a name with a hash behind a tilde, and keeps its id in the file."""
    store.add_user_message(session, "x")
    assert not names.is_safe(session)
    [path] = Path(store.session_dir).glob("*.json")
    assert path.name == f"{names.hashed(session)}.json"
    assert "~" in path.name
    assert json.loads(path.read_bytes())["session_id"] == session
    assert [each["session_id"] for each in store.list_sessions()] == [session]


@pytest.mark.parametrize(
    ("session", "beginning"),
    [
        ("user:1", "user_1"),
        ("a.B/c", "a_B_c"),
        ("Zoé!" * 20, "Zo__" * 10),
        ("Q-_9" * 60, "Q-_9" * 10),
    ],
)
def test_name_can_be_worked_out_by_hand(session: str, beginning: str) -> None:
    """The name is the id's first 40 characters, a tilde, and 32 digits of the id's SHA-256."""
    digest = hashlib.sha256(session.encode()).hexdigest()
    assert names.hashed(session) == f"{beginning}~{digest[:32]}"


@pytest.mark.parametrize("session", ["user:1", "a b", "é.ü", "user_1", "x" * 150])
def test_file_of_the_release_is_found(tmp_path: Path, session: str) -> None:
    """What the release stored under a folded name is read and written in its own file."""
    released, reference = Released(str(tmp_path)), DefaultSessionStore(tmp_path)
    released.add_user_message(session, "old")
    [path] = tmp_path.glob("*.json")
    assert path.name == f"{names.folded(session)}.json"
    assert reference.session_exists(session)
    reference.add_user_message(session, "new")
    for store in (released, reference):
        found = [message["content"] for message in store.get_chat_history(session)]
        assert found == ["old", "new"]
    assert list(tmp_path.glob("*.json")) == [path]


def test_file_of_the_release_is_never_another_s(tmp_path: Path) -> None:
    """A folded name that the release gave to one id is not read, written or deleted for another."""
    Released(str(tmp_path)).add_user_message("user:1", "secret")
    store = DefaultSessionStore(tmp_path)
    for other in ("user_1", "user.1"):
        assert store.get_chat_history(other) == []
        assert store.session_exists(other) is False
        assert store.delete_session(other) is True
        assert store.clear_session(other) is True
        assert store.add_user_message(other, other) is True
        assert [message["content"] for message in store.get_chat_history(other)] == [other]
    assert [message["content"] for message in store.get_chat_history("user:1")] == ["secret"]
    assert store.delete_session("user:1") is True
    assert [store.session_exists(each) for each in ("user:1", "user_1", "user.1")] == [
        False,
        True,
        True,
    ]


def test_broken_file_is_set_aside_by_its_owner_alone(tmp_path: Path) -> None:
    """A broken file is set aside for the id that is its name, and left alone by look-alikes."""
    path = tmp_path / "user_1.json"
    path.write_bytes(b"junk")
    store = DefaultSessionStore(tmp_path)
    assert store.get_chat_history("user:1") == []
    store.add_user_message("user:1", "x")
    assert path.read_bytes() == b"junk"
    assert store.get_chat_history("user_1") == []
    assert not path.exists()
    assert [kept.read_bytes() for kept in tmp_path.glob("user_1.json.corrupt-*")] == [b"junk"]


@pytest.mark.parametrize("session", ["../../x", "/etc/x", "..", "a/../../x", "C:\\x", "\\\\h\\x"])
def test_no_id_leaves_the_directory(tmp_path: Path, session: str) -> None:
    """An id that looks like a path stays in the directory, with its lock."""
    directory = tmp_path / "deep" / "sessions"
    DefaultSessionStore(directory).add_user_message(session, "x")
    outside = [path for path in tmp_path.rglob("*") if directory not in path.parents]
    assert sorted(outside) == [tmp_path / "deep", directory]
    assert all(path.parent == directory for path in directory.rglob("*"))


def test_names_fit_a_file_system() -> None:
    """Every name, that of the lock's queue included, fits in 255 bytes."""
    for session in ("x" * 300, "é" * 119, "é" * 120, "é" * 121, "\U00020000" * 60, "\ud800" * 200):
        for name in (names.hashed(session), names.lock(session), names.folded(session) or ""):
            assert len(f".{name}.json.lock".encode()) <= 255


def test_lock_is_the_release_s(tmp_path: Path) -> None:
    """The lock file of an id has the name of the release's, so that both exclude each other."""
    for number, session in enumerate(["s", "user:1", "é.ü"]):
        places = [tmp_path / f"{number}-{name}" for name in ("release", "reference")]
        for place, kind in zip(places, (Released, DefaultSessionStore), strict=True):
            kind(str(place)).add_user_message(session, "x")
        locks = [{path.name for path in place.glob("*.lock")} for place in places]
        assert locks[0] == locks[1] == {f"{names.lock(session)}.json.lock"}


@pytest.mark.parametrize("system", ["nt", "posix"])
@pytest.mark.parametrize("device", ["con", "NUL", "COM1"])
def test_devices_of_windows_are_never_opened(
    device: str, system: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A device's name is no file name; on Windows it is not even tried for the release's file."""
    assert not names.is_safe(device)
    with monkeypatch.context() as patch:
        patch.setattr(os, "name", system)
        found = names.folded(device), names.lock(device), names.folded("user:1")
    hashed = names.hashed(device)
    assert found == ((None, hashed, "user_1") if system == "nt" else (device, device, "user_1"))


@pytest.mark.parametrize(
    ("session", "kind", "words"),
    [
        (7, TypeError, "a session id is a string, not int: 7"),
        ("", ValueError, "a session id must not be empty"),
    ],
)
def test_what_is_no_id_is_named(session: Any, kind: type[Exception], words: str) -> None:
    """What is no id is refused with its type and its value."""
    with pytest.raises(kind, match=f"^{words}$"):
        names.check(session)
