"""Where a store keeps its sessions, and the one store of a process."""

from concurrent.futures import ThreadPoolExecutor
from inspect import signature
from pathlib import Path

import pytest
from praisonaiagents.session import DefaultSessionStore as Released

from reference_impl import DefaultSessionStore, get_default_session_store


def test_directory_is_chosen_when_the_store_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A change of home or working directory moves no session."""
    monkeypatch.setenv("PRAISONAI_HOME", str(tmp_path / "one"))
    store = DefaultSessionStore()
    monkeypatch.chdir(tmp_path)
    relative = DefaultSessionStore("here")
    monkeypatch.setenv("PRAISONAI_HOME", str(tmp_path / "two"))
    monkeypatch.chdir(tmp_path / "one")
    store.add_user_message("s", "x")
    relative.add_user_message("s", "x")
    assert (tmp_path / "one" / "sessions" / "s.json").exists()
    assert (tmp_path / "here" / "s.json").exists()
    monkeypatch.delenv("PRAISONAI_HOME")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("USERPROFILE", str(tmp_path / "home"))
    assert Path(DefaultSessionStore().session_dir) == tmp_path / "home" / ".praisonai" / "sessions"


def test_default_store_follows_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """There is one default store for a home; a bad setting is logged and left out."""
    monkeypatch.setenv("PRAISONAI_HOME", str(tmp_path / "one"))
    first = get_default_session_store()
    assert get_default_session_store() is first
    monkeypatch.setenv("PRAISONAI_HOME", str(tmp_path / "two"))
    monkeypatch.setenv("PRAISONAI_SESSION_RETENTION", "forget")
    monkeypatch.setenv("PRAISONAI_SESSION_ACTIVE_WINDOW", "many")
    second = get_default_session_store()
    assert (second.retention, second.active_window) == ("compact", 100)
    assert "forget" in caplog.text
    assert "many" in caplog.text
    monkeypatch.setenv("PRAISONAI_HOME", str(tmp_path / "three"))
    monkeypatch.setenv("PRAISONAI_SESSION_RETENTION", "truncate")
    monkeypatch.setenv("PRAISONAI_SESSION_ACTIVE_WINDOW", "7")
    third = get_default_session_store()
    assert (third.retention, third.active_window) == ("truncate", 7)


def test_home_may_begin_with_a_tilde(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`PRAISONAI_HOME=~/x` is a directory of the user's home, as in the release."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.setenv("PRAISONAI_HOME", "~/elsewhere")
    assert Path(DefaultSessionStore().session_dir) == tmp_path / "elsewhere" / "sessions"
    assert Released().session_dir == DefaultSessionStore().session_dir


def test_threads_get_one_default_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Threads that ask at the same moment get the same store."""
    monkeypatch.setenv("PRAISONAI_HOME", str(tmp_path))
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: get_default_session_store(), range(64)))
    assert {id(store) for store in found} == {id(found[0])}
    assert found[0].session_dir == str(tmp_path / "sessions")


def test_parameters_are_those_of_the_release() -> None:
    """Parameters stand in the release's order with its defaults; two are named, and ours alone."""
    given = signature(DefaultSessionStore).parameters.values()
    ours = {each.name: each.default for each in given if each.kind is not each.KEYWORD_ONLY}
    assert {each.name for each in given} - set(ours) == {"durable", "on_unsaved"}
    theirs = {each.name: each.default for each in signature(Released).parameters.values()}
    assert list(ours) == [name for name in theirs if name in ours]
    assert ours == {name: theirs[name] for name in ours}
    assert set(theirs) - set(ours) == {"mirror", "cache_maxsize"}


def test_methods_are_those_of_the_release() -> None:
    """Every public method has the release's name, parameters and defaults, and may have more that
    go by their names alone."""
    own = [name for name in dir(DefaultSessionStore) if not name.startswith("_")]
    assert len(own) > 20
    for name in own:
        ours = signature(getattr(DefaultSessionStore, name)).parameters.values()
        theirs = signature(getattr(Released, name)).parameters.values()
        known = {p.name for p in theirs}
        more = [p for p in ours if p.kind is p.KEYWORD_ONLY and p.name not in known]
        assert [(p.name, p.default, p.kind) for p in ours if p not in more] == [
            (p.name, p.default, p.kind) for p in theirs
        ], name


@pytest.mark.parametrize(
    ("settings", "policy", "window"),
    [
        ({}, "compact", 100),
        ({"max_messages": 7}, "truncate", 7),
        ({"max_messages": 7, "retention": "compact"}, "compact", 7),
        ({"max_messages": 7, "active_window": 3}, "truncate", 3),
        ({"active_window": 3}, "compact", 3),
        ({"retention": "keep_all"}, "keep_all", 100),
    ],
    ids=str,
)
def test_policy_of_a_store(
    tmp_path: Path, settings: dict[str, object], policy: str, window: int
) -> None:
    """Retention and window follow from the arguments as in the release."""
    for kind in (DefaultSessionStore, Released):
        store = kind(str(tmp_path), **settings)
        assert (store.retention, store.active_window) == (policy, window)
