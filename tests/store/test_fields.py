"""What model APIs send beside role, content and tools is kept and comes back."""

import asyncio
import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reference_impl import BotSessionManager, DefaultSessionStore
from tests.store.test_any_value import MESSAGE, WINDOWED, opened, performed
from tests.store.test_properties import JSON
from tests.store.test_salvage import full_disk
from tests.store.values import CALL, same

FIELDS: dict[str, Any] = {
    "reasoning_content": "Look it up.",
    "name": "alice",
    "refusal": None,
    "audio": {"id": "audio_1", "expires_at": 1_795_521_600},
    "annotations": [{"type": "url_citation"}],
    "thinking_blocks": [{"type": "thinking", "signature": "x"}],
    "function_call": {"name": "f", "arguments": "{}"},
}


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("role", ["user", "assistant"])
def test_field_comes_back(store: DefaultSessionStore, field: str, role: str) -> None:
    """A field of a message comes back with every history, also behind later writes."""
    message = {"role": role, "content": "x", field: FIELDS[field]}
    assert store.set_chat_history("set", [message]) is True
    extra = {field: FIELDS[field]}
    assert store.add_message("added", role, "x", extra=extra) is True
    for session in ("set", "added"):
        for write in (store.add_user_message, store.rename_session):
            write(session, "next")
            for read in (store.get_chat_history, store.get_working_history):
                assert read(session)[0] == message
        assert store.get_session(session).messages[0].extra == extra


def test_tool_turn_keeps_its_fields(store: DefaultSessionStore) -> None:
    """Fields of a tool turn come back on the call and on the result."""
    call = {"role": "assistant", "content": None, "tool_calls": [CALL], "reasoning_content": "hm"}
    result = {"role": "tool", "content": "4", "tool_call_id": "c", "name": "f"}
    store.set_chat_history("s", [call, result])
    assert store.get_chat_history("s") == [call, result]
    # A call that was never answered leaves the rest of its message.
    store.set_chat_history("s", [call | {"content": "wait"}, {"role": "user", "content": "well?"}])
    assert store.get_chat_history("s")[0] == {
        "role": "assistant",
        "content": "wait",
        "reasoning_content": "hm",
    }


def test_turn_that_waits_keeps_its_fields(store: DefaultSessionStore) -> None:
    """A turn whose write failed comes back with its fields, once, also when it is made again."""
    extra = {"reasoning_content": "hm"}
    with full_disk(store.session_dir):
        assert store.add_message("s", "assistant", "x", extra=extra) is False
    assert store.add_message("s", "assistant", "x", extra=extra) is True
    assert store.get_chat_history("s") == [{"role": "assistant", "content": "x"} | extra]


@pytest.mark.parametrize(
    ("message", "named"),
    [
        ({"reasoning_content": {1, 2}}, "reasoning_content"),
        ({"audio": {"data": b"x"}}, "audio"),
        ({"score": float("nan")}, "score"),
        ({5: "x"}, "a key"),
    ],
)
def test_field_that_cannot_come_back_is_named(
    store: DefaultSessionStore, message: dict[Any, Any], named: str
) -> None:
    """What JSON would change is refused by the name of its field, and nothing is stored."""
    with pytest.raises((TypeError, ValueError), match=rf"messages\[0\]\.{named}"):
        store.set_chat_history("s", [{"role": "user", "content": "x"} | message])
    with pytest.raises((TypeError, ValueError), match="extra"):
        store.add_message("s", "user", "x", extra=message)
    assert store.session_exists("s") is False


@pytest.mark.parametrize("name", ["role", "content", "metadata", "tool_calls", "timestamp"])
def test_extra_names_no_argument(store: DefaultSessionStore, name: str) -> None:
    """A field that has an argument of its own is refused as an extra one."""
    with pytest.raises(ValueError, match=f"extra has '{name}'"):
        store.add_message("s", "user", "x", extra={name: "y"})
    assert store.session_exists("s") is False


def test_key_of_a_file_comes_back(store: DefaultSessionStore) -> None:
    """A key that stands in the file of another program comes with the history too."""
    message = {"role": "user", "content": "x", "name": "alice"}
    Path(store.session_dir, "s.json").write_text(json.dumps({"messages": [message]}))
    assert store.get_chat_history("s") == [message]


@pytest.mark.parametrize("odd", ["call her back", None, ["x"], {"a": 1}])
@pytest.mark.parametrize("name", ["note", "Name", "extra_", "unknown"])
def test_key_that_no_model_knows_stays_in_the_file(
    store: DefaultSessionStore, name: str, odd: Any
) -> None:
    """What a person writes beside a message goes to no model, and no write removes it."""
    message = {"role": "user", "content": "x", "name": "alice"}
    path = Path(store.session_dir, "s.json")
    path.write_text(json.dumps({"messages": [message | {name: odd}]}))
    for write in (store.add_user_message, store.rename_session):
        assert store.get_chat_history("s")[0] == message
        assert store.get_working_history("s")[0] == message
        assert store.get_session("s").messages[0].unknown == {name: odd}
        write("s", "next")
        assert json.loads(path.read_bytes())["messages"][0][name] == odd


@pytest.mark.parametrize("name", ["verdict", "extra", "unknown", "timestamp_"])
def test_field_that_a_program_gives_comes_back_under_any_name(
    store: DefaultSessionStore, name: str
) -> None:
    """What a program gives comes back with the history, also under a name that no model knows."""
    message = {"role": "user", "content": "x", "name": "alice", name: {"a": 1}}
    assert store.set_chat_history("s", [message]) is True
    for write in (store.add_user_message, store.rename_session):
        assert store.get_chat_history("s")[0] == message
        write("s", "next")
    assert store.get_session("s").messages[0].unknown == {}
    stored = json.loads(Path(store.session_dir, "s.json").read_bytes())["messages"][0]
    assert stored["extra"] == {name: {"a": 1}}


class Thinker:
    """An agent whose model says what it thinks, as some demand it back."""

    def __init__(self) -> None:
        self.chat_history: list[dict[str, Any]] = []

    def chat(self, prompt: str) -> str:
        """Answer, and add both turns."""
        question = {"role": "user", "content": prompt}
        answer = {"role": "assistant", "content": "Cold.", "reasoning_content": "Winter."}
        self.chat_history = [*self.chat_history, question, answer]
        return "Cold."


@pytest.mark.parametrize("is_kept", [True, False])
def test_bot_keeps_what_its_agent_thought(store: DefaultSessionStore, is_kept: bool) -> None:
    """A bot stores the fields of an answer, and gives them to the agent with the next question."""
    bots = BotSessionManager(store=store if is_kept else None, platform="t")
    seen: list[dict[str, Any]] = []

    class Attentive(Thinker):
        def chat(self, prompt: str) -> str:
            seen[:] = self.chat_history
            return super().chat(prompt)

    for _ in range(2):
        asyncio.run(bots.chat(Attentive(), "7", "Is it cold?"))
    assert seen[1] == {"role": "assistant", "content": "Cold.", "reasoning_content": "Winter."}


@settings(parent=WINDOWED, max_examples=30)
@given(message=MESSAGE, fields=st.dictionaries(st.text("xyz", min_size=1), JSON, max_size=3))
def test_any_fields_come_back_or_are_refused(message: Any, fields: dict[str, Any]) -> None:
    """A message with fields of any JSON comes back with them, or is refused."""
    with tempfile.TemporaryDirectory() as directory:
        if performed(directory, lambda store: store.set_chat_history("s", [message | fields])):
            found = opened(directory).get_session("s").messages[0]
            assert same(dict(sorted(found.extra.items())), dict(sorted(fields.items())))
            [sent] = opened(directory).get_chat_history("s") or [fields]
            assert {key: sent[key] for key in fields} == fields
