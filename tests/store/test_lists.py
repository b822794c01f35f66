"""Finding sessions: all of them, those of an agent, those of a gateway."""

import json
import logging
import os
from pathlib import Path
from typing import Any

import pytest
from praisonaiagents.session import DefaultSessionStore as Released

from reference_impl import DefaultSessionStore
from tests.store.page_programs import program


def test_list_has_the_last_changed_first(store: DefaultSessionStore) -> None:
    """Sessions are listed by their last change, up to a limit."""
    for session in ("a", "b", "c"):
        store.add_user_message(session, "x")
    store.add_user_message("a", "y")
    assert [each["session_id"] for each in store.list_sessions()] == ["a", "c", "b"]
    assert [each["message_count"] for each in store.list_sessions(limit=1)] == [2]


def test_unreadable_file_is_left_out_of_lists(
    store: DefaultSessionStore, caplog: pytest.LogCaptureFixture
) -> None:
    """A list leaves out what is no session, says so in the log, and moves nothing."""
    store.add_user_message("s", "x")
    junk = Path(store.session_dir) / "junk.json"
    junk.write_text("[]")
    with caplog.at_level(logging.ERROR):
        assert [each["session_id"] for each in store.list_sessions()] == ["s"]
    assert "junk.json" in caplog.text
    assert junk.exists()


def test_session_that_goes_meanwhile_is_left_out(
    store: DefaultSessionStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A session that is deleted while a list is made is not in it, and the others are."""
    store.add_user_message("s", "x")
    listdir = os.listdir
    monkeypatch.setattr(os, "listdir", lambda path: ["gone.json", *listdir(path)])
    assert [each["session_id"] for each in store.list_sessions()] == ["s"]


def test_agent_and_gateway(store: DefaultSessionStore) -> None:
    """Sessions are found by agent and by gateway; empty names change nothing."""
    store.set_agent_info("s", agent_name="A", user_id="u")
    store.set_agent_info("s", agent_name="", user_id=None)
    store.set_gateway_info("s", gateway_session_id="g", agent_id="i")
    store.set_gateway_info("s")
    store.add_user_message("t", "x")
    assert store.list_sessions_by_agent("A") == ["s"]
    assert [each.user_id for each in store.get_sessions_by_agent("A")] == ["u"]
    assert store.get_sessions_by_agent("A", limit=0) == []
    found = store.get_by_gateway_session("g")
    assert found is not None
    assert found.session_id == "s"
    assert store.get_by_gateway_session("h") is None
    assert store.list_sessions_by_gateway_agent("i") == ["s"]


@pytest.mark.parametrize("name", [None, ""])
def test_no_name_finds_no_session(store: DefaultSessionStore, name: Any) -> None:
    """Whoever asks without a name is not given the sessions that have none."""
    store.add_user_message("s", "x")
    assert store.list_sessions_by_agent(name) == []
    assert store.get_sessions_by_agent(name) == []
    assert store.get_by_gateway_session(name) is None
    assert store.list_sessions_by_gateway_agent(name) == []


def test_limits(store: DefaultSessionStore) -> None:
    """Each list stops at its limit: ten whole sessions by default, fifty of all others."""
    for number in range(51):
        session = f"s{number:02}"
        store.set_agent_info(session, agent_name="A")
        store.set_gateway_info(session, agent_id="i")
    assert len(store.list_sessions()) == 50
    assert len(store.list_sessions_by_agent("A")) == 50
    assert len(store.list_sessions_by_gateway_agent("i")) == 50
    assert len(store.get_sessions_by_agent("A")) == 10
    assert len(store.list_sessions(limit=51)) == 51
    assert len(store.list_sessions_by_agent("A", limit=3)) == 3
    assert len(store.list_sessions_by_gateway_agent("i", limit=3)) == 3


@pytest.mark.parametrize("junk", [b"[]", b"{", b"\xff", b'{"messages": null}'])
def test_no_list_stumbles_over_an_unreadable_file(
    store: DefaultSessionStore, junk: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    """Every list leaves an unreadable file where it is, names it, and finds the others."""
    store.set_agent_info("s", agent_name="A")
    store.set_gateway_info("s", gateway_session_id="g", agent_id="i")
    path = Path(store.session_dir) / "a.json"
    path.write_bytes(junk)
    for found in (
        lambda: [each["session_id"] for each in store.list_sessions()],
        lambda: store.list_sessions_by_agent("A"),
        lambda: [each.session_id for each in store.get_sessions_by_agent("A")],
        lambda: store.list_sessions_by_gateway_agent("i"),
        lambda: [each.session_id for each in [store.get_by_gateway_session("g")] if each],
    ):
        caplog.clear()
        with caplog.at_level(logging.ERROR):
            assert found() == ["s"]
        assert "a.json" in caplog.text
    assert path.read_bytes() == junk


def test_lists_are_fresh(tmp_path: Path) -> None:
    """A list shows what another store has changed since the last one."""
    one, other = DefaultSessionStore(tmp_path), DefaultSessionStore(tmp_path)
    for number in range(3):
        one.add_user_message("s", str(number))
        one.set_agent_info("s", agent_name=f"A{number}")
        assert [each["message_count"] for each in other.list_sessions()] == [number + 1]
        assert other.list_sessions_by_agent(f"A{number}") == ["s"]
        [found] = other.get_sessions_by_agent(f"A{number}")
        assert len(found.messages) == number + 1


def test_description_is_that_of_the_release(tmp_path: Path) -> None:
    """Both implementations describe the same files with the same keys and values."""
    released, reference = Released(str(tmp_path)), DefaultSessionStore(tmp_path)
    released.add_user_message("plain", "x")
    released.update_session_metadata(
        "full", model="m", total_tokens=3, cost=0.5, source="cli", agent_id="i", parent_id="p"
    )
    released.set_agent_info("full", agent_name="A", user_id="u")
    released.rename_session("full", "Title")
    old = {"session_id": "old", "messages": [], "updated_at": "2020", "created_at": "2020"}
    kept = old | {"llm": "l", "token_count": 4, "agent_key": "k", "parent_session_id": "q"}
    (tmp_path / "old.json").write_text(json.dumps(kept))
    assert reference.list_sessions() == released.list_sessions()
    assert len(reference.list_sessions()) == 3


def test_agent_of_a_description(store: DefaultSessionStore) -> None:
    """The agent's id is that of the session, else that of its metadata."""
    store.set_gateway_info("own", agent_id="a")
    path = Path(store.session_dir) / "other.json"
    path.write_text('{"session_id": "other", "metadata": {"agent_id": "m"}}')
    found = {each["id"]: each["agent_id"] for each in store.list_sessions()}
    assert found == {"own": "a", "other": "m"}


def test_file_without_an_id_is_called_by_its_name(store: DefaultSessionStore) -> None:
    """A session file that names no session is listed and read under the name of its file."""
    (Path(store.session_dir) / "s.json").write_text('{"messages": [{"content": "x"}]}')
    assert [each["session_id"] for each in store.list_sessions()] == ["s"]
    assert store.get_chat_history("s") == [{"role": "user", "content": "x"}]


FOREIGN = [
    b'{"name": "site", "version": "1.0.0", "dependencies": {}}',
    b'{"updated_at": "2026-01-01T00:00:00+00:00"}',
    b'{"session_id": 5, "messages": []}',
    b'{"session_id": "s\\ud83d", "messages": []}',
]


def every_list(store: DefaultSessionStore) -> list[list[str]]:
    """The ids that each list finds of sessions of agent A at the gateway g, i."""
    found = store.get_by_gateway_session("g")
    return [
        [each["session_id"] for each in store.list_sessions()],
        store.list_sessions_by_agent("A"),
        [each.session_id for each in store.get_sessions_by_agent("A")],
        store.list_sessions_by_gateway_agent("i"),
        [found.session_id] if found else [],
    ]


def linked(store: DefaultSessionStore, session: str) -> Path:
    """A session that every list finds, and its file."""
    before = set(Path(store.session_dir).glob("*.json"))
    store.set_agent_info(session, agent_name="A")
    store.set_gateway_info(session, gateway_session_id="g", agent_id="i")
    [path] = set(Path(store.session_dir).glob("*.json")) - before
    return path


@pytest.mark.parametrize("session", ["s", "user:1", "CON", "x" * 300, "gr\u00f6\u00dfe"])
@pytest.mark.parametrize(
    "name", ["0.json", "s-backup.json", "s copy.json", "S.json", "user_1.json.json", "~.json"]
)
def test_copy_is_no_session(
    store: DefaultSessionStore, session: str, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A copy beside a session is in no list, and the log names it."""
    path = linked(store, session)
    path.with_name(name).write_bytes(path.read_bytes())
    store.add_user_message(session, "since the copy")
    with caplog.at_level(logging.WARNING):
        assert every_list(store) == [[session]] * 5
    assert name in caplog.text
    found = store.get_by_gateway_session("g")
    assert found is not None
    assert [message.content for message in found.messages] == ["since the copy"]


@pytest.mark.parametrize("session", ["s", "user:1"])
def test_renamed_file_is_no_session(store: DefaultSessionStore, session: str) -> None:
    """What is listed can be read: a file under another id's name is neither."""
    path = linked(store, session)
    path.rename(path.with_name("renamed.json"))
    assert every_list(store) == [[]] * 5
    assert store.session_exists(session) is store.session_exists("renamed") is False


@pytest.mark.parametrize("data", FOREIGN, ids=ascii)
def test_json_of_another_program_is_no_session(store: DefaultSessionStore, data: bytes) -> None:
    """JSON that is no session's is in no list, and stays as it is."""
    linked(store, "s")
    path = Path(store.session_dir, "package.json")
    path.write_bytes(data)
    assert every_list(store) == [["s"]] * 5
    assert path.read_bytes() == data


def test_session_with_a_file_of_the_release_is_listed_once(tmp_path: Path) -> None:
    """Of two files of one id that one is listed which a read finds."""
    store, released = DefaultSessionStore(tmp_path), Released(str(tmp_path))
    path = linked(store, "user:1")
    released.add_user_message("user:1", "of the release")
    assert len(list(tmp_path.glob("*.json"))) == 2
    assert every_list(store) == [["user:1"]] * 5
    path.unlink()
    assert [each["session_id"] for each in store.list_sessions()] == ["user:1"]
    assert len(store.get_chat_history("user:1")) == 1


def test_program_that_cleans_up_spares_what_it_cannot_judge(
    store: DefaultSessionStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page's program deletes what is old, and neither a session with an old copy nor a file
    without a time."""
    monkeypatch.chdir(tmp_path)
    old = {"messages": [], "updated_at": "2026-01-01T00:00:00+00:00"}
    place = Path("aging")
    place.mkdir(mode=0o700)
    kept = {
        "package.json": {"name": "site", "updated_at": "2020-01-01T00:00:00+00:00"},
        "copy.json": old | {"session_id": "alice"},
        "renamed.json": old | {"session_id": "gone"},
        "odd.json": old | {"session_id": "odd", "updated_at": 5},
        "none.json": {"session_id": "none", "messages": []},
        "text.json": old | {"session_id": "text", "updated_at": "yesterday"},
    }
    for name, data in (kept | {"aged.json": old, "naive.json": old}).items():
        aged = {"updated_at": "2026-01-01T00:00:00"} if name == "naive.json" else {}
        (place / name).write_text(json.dumps({"session_id": name[:-5]} | data | aged))
    (place / "package.json").write_text(json.dumps(kept["package.json"]))
    DefaultSessionStore("aging").add_user_message("alice", "today")
    text = program("features/persistence-json", "timedelta(days=30)")
    exec(compile(text.rpartition("\nprint(")[0], "page", "exec"), {})
    left = {path.name for path in place.glob("*.json")}
    assert left == {*kept, "alice.json", "new.json"}
