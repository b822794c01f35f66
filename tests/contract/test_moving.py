"""The program that moves conversations keeps what it says it keeps, wherever it is stopped."""

import importlib
import inspect
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from reference_impl import DefaultSessionStore
from tests.contract.test_recipes import on
from tests.subject.moving import write_export, write_program
from tests.subject.recipes import RECIPES, Recipe
from tests.subject.targets import ROOT

CALL = {"id": "c1", "type": "function", "function": {"name": "weather", "arguments": "{}"}}
TURNS: list[dict[str, Any]] = [
    {"role": "user", "content": "Will it rain?", "metadata": {"message_id": "m-1"}},
    {"role": "assistant", "content": None, "tool_calls": [CALL, CALL | {"id": "c2"}]},
    {"role": "tool", "content": "no", "tool_call_id": "c1"},
    {"role": "tool", "content": "", "tool_call_id": "c2"},
    {"role": "assistant", "content": "It stays dry.", "metadata": {"cost": 0.5}},
    *[{"role": "user", "content": "next"}, {"role": "assistant", "content": "OK"}] * 2,
    {"role": "user", "content": [{"type": "text", "text": "Grüße 🌧"}]},
]
SAID = [{name: turn[name] for name in turn if name != "metadata"} for turn in TURNS]


@pytest.fixture
def moving(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """The page's program, in a directory of its own, with the reference's names."""
    monkeypatch.chdir(tmp_path)
    for directory in (ROOT / "reference_impl" / "stand_ins", tmp_path):
        monkeypatch.syspath_prepend(str(directory))
    loaded = {name for name in sys.modules if name.partition(".")[0] == "praisonaiagents"}
    for name in loaded:
        monkeypatch.delitem(sys.modules, name)
    write_program(tmp_path)
    yield importlib.import_module("move")
    for name in {
        each for each in sys.modules if each.partition(".")[0] in ("praisonaiagents", "move")
    }:
        del sys.modules[name]


def files(directory: str) -> DefaultSessionStore:
    """A store of files whose window is smaller than the conversation."""
    return DefaultSessionStore(session_dir=directory, active_window=6)


def filled(directory: str) -> DefaultSessionStore:
    """The same with the conversation in it."""
    store = files(directory)
    for turn in TURNS:
        assert store.add_message("alice", **turn)
    assert store.get_session("alice").archived_messages
    return store


class Stopped(Exception):
    """The process ends here."""


class Stops:
    """A target whose process ends at the append of this number, before or after it was made."""

    def __init__(self, store: Any, number: int, is_after: bool) -> None:
        self._store, self._left, self._is_after = store, number, is_after

    def get_chat_history(self, session_id: str) -> Any:
        return self._store.get_chat_history(session_id)

    def add_message(self, *args: Any, **named: Any) -> bool:
        self._left -= 1
        if self._left < 0 and not self._is_after:
            raise Stopped
        answer: bool = self._store.add_message(*args, **named)
        if self._left < 0:
            raise Stopped
        return answer


def opened(recipe: Recipe, server: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Any:
    """The recipe's store on its server."""
    for name, value in server.items():
        monkeypatch.setenv(name, value)
    module = recipe.write(Path.cwd())
    sys.modules.pop(module, None)
    return importlib.import_module(module).open_store()


@on(RECIPES)
def test_a_session_is_moved_wherever_it_is_stopped(
    recipe: Recipe,
    server: dict[str, str],
    moving: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> None:
    """Stopped before or after each append and run again, it leaves each message once, in order."""
    source, target = filled("sessions"), opened(recipe, server, monkeypatch)
    if hasattr(target, "close"):
        request.addfinalizer(target.close)
    rows = moving.of_store(source, "alice")
    said = SAID
    if "tool_calls" not in inspect.signature(target.add_message).parameters:
        with pytest.raises(TypeError, match="tool_calls"):
            moving.move(rows, target, "tools")
        rows = [row for row in rows if not row.keys() & {"tool_calls", "tool_call_id"}]
        said = [turn for turn in SAID if not turn.keys() & {"tool_calls", "tool_call_id"}]
    for number in range(len(said)):
        for is_after in (False, True):
            session_id = f"alice-{number}-{is_after}"
            with pytest.raises(Stopped):
                moving.move(rows, Stops(target, number, is_after), session_id)
            left = len(said) - number - is_after
            assert moving.move(rows, target, session_id) == left
            assert target.get_chat_history(session_id) == said
            assert moving.move(rows, target, session_id) == 0
    back = DefaultSessionStore(session_dir="back", retention="keep_all")
    moving.move(moving.of_store(target, session_id), back, "alice")
    assert back.get_chat_history("alice") == said
    assert not any(message.metadata for message in back.get_session("alice").messages)


def test_files_keep_metadata(moving: ModuleType) -> None:
    """From files to files a message keeps its metadata."""
    target = moving.opened("new")
    moving.move(moving.of_store(filled("old"), "alice"), target, "alice")
    kept = [message.metadata for message in target.get_session("alice").messages]
    assert kept == [turn.get("metadata", {}) for turn in TURNS]


def test_a_long_task_and_words_of_the_caller_are_moved(moving: ModuleType) -> None:
    """What stands in for the archive is left out, whatever the metadata of a message says."""
    source, target = files("old"), moving.opened("new")
    turns: list[dict[str, Any]] = [
        {"role": "user", "content": "Go", "metadata": {"compaction": True}}
    ]
    for number in range(6):
        call = CALL | {"id": f"c{number}"}
        turns += [
            {"role": "assistant", "content": f"step {number}", "tool_calls": [call]},
            {"role": "tool", "content": "done", "tool_call_id": f"c{number}"},
        ]
    turns += [{"role": "user", "content": "Go", "metadata": {"compaction": "mine"}}] * 3
    for count, turn in enumerate(turns, 1):
        source.add_message("task", **turn)
        rows = moving.of_store(source, "task")
        assert [row["content"] for row in rows] == [each["content"] for each in turns[:count]]
    moving.move(rows, target, "task")
    kept = [(each.content, each.metadata) for each in target.get_session("task").messages]
    assert kept == [(each["content"], each.get("metadata", {})) for each in turns]


def test_what_came_in_between_is_moved_the_next_time(moving: ModuleType) -> None:
    """A second run appends what the source got since the first, and nothing else."""
    source, target = filled("old"), moving.opened("new")
    moving.move(moving.of_store(source, "alice"), target, "alice")
    source.add_user_message("alice", "One more thing")
    assert moving.move(moving.of_store(source, "alice"), target, "alice") == 1
    assert target.get_chat_history("alice")[-2:] == [
        SAID[-1],
        {"role": "user", "content": "One more thing"},
    ]


def test_summary_labels_and_times_stay_behind(moving: ModuleType) -> None:
    """Summary, checkpoint, labels and times are not moved, and the source is as it was."""
    source, target = filled("old"), moving.opened("new")
    source.set_agent_info("alice", agent_name="Assistant", user_id="7")
    source.append_compaction_checkpoint("alice", "It will not rain.")
    before, start = Path("old", "alice.json").read_bytes(), time.time()
    moving.move(moving.of_store(source, "alice"), target, "alice")
    moved = target.get_session("alice")
    assert (moved.agent_name, moved.user_id, moved.last_compaction) == (None, None, None)
    assert [message.role for message in moved.messages] == [turn["role"] for turn in TURNS]
    assert all(message.timestamp >= start for message in moved.messages)
    assert Path("old", "alice.json").read_bytes() == before


def test_another_message_in_the_target_is_named(moving: ModuleType) -> None:
    """A target that has something else is named with the message, and nothing is added to it."""
    target = moving.opened("new")
    target.add_user_message("alice", "Will it snow?")
    with pytest.raises(ValueError, match="session 'alice': message 0 of the target is another"):
        moving.move(moving.of_store(filled("old"), "alice"), target, "alice")
    assert len(target.get_chat_history("alice")) == 1


def test_a_field_without_a_place_is_named(moving: ModuleType) -> None:
    """A field that the target has no place for is named, and the message not stored without it."""
    rows = [{"role": "assistant", "content": "yes", "reasoning_content": "Look it up."}]
    target = moving.opened("new")
    with pytest.raises(ValueError, match=r"message 0: no place for \['reasoning_content'\]"):
        moving.move(rows, target, "alice")
    assert not target.session_exists("alice")


def test_a_write_that_fails_is_said(moving: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """A message that the target did not store ends the move with its number."""
    target = moving.opened("new")
    monkeypatch.setattr(target, "add_message", lambda *args, **named: False)
    with pytest.raises(OSError, match="session 'alice': message 0 was not stored; run it again"):
        moving.move(SAID, target, "alice")


@pytest.mark.parametrize("name", ["agents", "langchain"])
def test_an_export_comes_whole(name: str, moving: ModuleType) -> None:
    """The file of another framework gives one session's messages, calls and results in order."""
    path = write_export(Path.cwd(), name)
    read = {"agents": moving.of_openai_agents, "langchain": moving.of_langchain}[name]
    calls = [
        {
            "id": f"call-{number}",
            "type": "function",
            "function": {"name": "weather", "arguments": f'{{"city": "{city}"}}'},
        }
        for number, city in [(1, "Oslo"), (2, "Bergen")]
    ]
    system = [{"role": "system", "content": "Be brief."}] if name == "langchain" else []
    assert list(read(str(path), "alice")) == [
        *system,
        {"role": "user", "content": "Will it rain?"},
        {"role": "assistant", "content": "" if system else None, "tool_calls": calls},
        {"role": "tool", "content": "rain", "tool_call_id": "call-1"},
        {"role": "tool", "content": "sun", "tool_call_id": "call-2"},
        {"role": "assistant", "content": "Take a coat."},
        {"role": "user", "content": "Thanks"},
    ]
    os.remove(path)
    with pytest.raises(Exception, match="unable to open database file"):
        list(read(str(path), "alice"))


def test_what_no_chat_has_is_named(moving: ModuleType) -> None:
    """A part that is no text is an error, not a message without it."""
    with pytest.raises(ValueError, match="a part of a message is no text"):
        moving._text([{"type": "image_url", "image_url": {"url": "a.png"}}])
