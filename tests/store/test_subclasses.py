"""Values of subclasses, as templates and numpy give them, are stored as what they are."""

import enum
import json
import math
from collections import OrderedDict, defaultdict
from pathlib import Path
from typing import Any

import pytest

from reference_impl import DefaultSessionStore


class Text(str):
    """A string as templates return it: what is added to it is changed."""

    def __str__(self) -> str:
        return "something else"

    def __add__(self, other: Any) -> "Text":
        return Text("something else")

    def __format__(self, spec: str) -> str:
        return "something else"


class Role(enum.StrEnum):
    """A role as an enumeration."""

    USER = "user"


class Number(int):
    """A whole number of a library."""


class Real(float):
    """A number as numpy returns it."""


class Items(list[Any]):
    """A list of a library."""


class Level(enum.IntEnum):
    """A number with a name."""

    HIGH = 3


ARGUMENTS = {
    "content": lambda s: s.add_message("s", "user", Text("a")),
    "role": lambda s: s.add_message("s", Text("user"), "a"),
    "enumerated role": lambda s: s.add_message("s", Role.USER, "a"),
    "session_id": lambda s: s.add_message(Text("s"), "user", "a"),
    "tool_call_id": lambda s: s.add_message("s", "tool", "a", tool_call_id=Text("c")),
    "part": lambda s: s.add_user_message("s", Items([{"type": Text("text"), "text": Text("a")}])),
    "metadata": lambda s: s.add_user_message(
        "s", "a", defaultdict(list, {Text("k"): [Text("v"), Number(1), Real(0.5), Level.HIGH]})
    ),
    "tool_calls": lambda s: s.add_message("s", "assistant", "", None, [{"id": Text("c")}]),
    "extra": lambda s: s.add_message("s", "user", "a", extra={Text("name"): Text("alice")}),
    "history": lambda s: s.set_chat_history(
        "s",
        [OrderedDict(role=Text("user"), content=Text("a"), timestamp=Real(1.5), name=Text("b"))],
    ),
    "agent": lambda s: s.set_agent_info("s", Text("A"), Text("u")),
    "gateway": lambda s: s.set_gateway_info("s", Text("g"), Text("i")),
    "title": lambda s: s.rename_session("s", Text("t")),
    "fields": lambda s: s.update_session_metadata("s", a=Text("x"), user_id=Text("u"), n=Real(2)),
    "checkpoint": lambda s: s.append_compaction_checkpoint(
        "s", Text("sum"), role=Text("system"), tokens_before=Number(3), metadata={"a": Text("b")}
    ),
}


def is_plain(value: Any) -> bool:
    """Whether a value is of JSON's own types at every level."""
    if isinstance(value, dict):
        return all(type(key) is str and is_plain(value[key]) for key in value)
    if isinstance(value, list):
        return type(value) is list and all(map(is_plain, value))
    return type(value) in (str, int, float, bool, type(None))


@pytest.mark.parametrize("write", ARGUMENTS.values(), ids=ARGUMENTS)
def test_subclass_is_stored_as_what_it_is(store: DefaultSessionStore, write: Any) -> None:
    """A string, number, list or dict of a subclass is stored and read as one of Python's own."""
    store.add_user_message("s", "before")
    assert write(store) is True
    found = store.get_session("s").to_dict()
    assert is_plain(found)
    assert "something else" not in json.dumps(found)
    assert json.loads(Path(store.session_dir, "s.json").read_bytes()) == found
    assert store.add_user_message("s", "after") is True
    assert (
        store.get_session("s").messages[: len(found["messages"])]
        == store.get_session(Text("s")).messages[: len(found["messages"])]
    )


@pytest.mark.parametrize("session", ["s", "user:1", "CON", "x" * 300])
def test_id_of_a_subclass_is_that_id(store: DefaultSessionStore, session: str) -> None:
    """An id of a subclass of str means the session of that text, in every method."""
    identity = Text(session)
    assert store.add_user_message(identity, "a") is True
    assert store.get_chat_history(session) == [{"role": "user", "content": "a"}]
    assert store.get_chat_history(identity) == store.get_chat_history(session)
    assert [each["session_id"] for each in store.list_sessions()] == [session]
    assert store.session_exists(identity) is True
    assert store.clear_session(identity) is True
    assert store.delete_session(identity) is True
    assert store.session_exists(session) is False


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_file_with_a_byte_order_mark_is_read(store: DefaultSessionStore, encoding: str) -> None:
    """A file as editors and shells of Windows save it is read, listed and written."""
    path = Path(store.session_dir, "s.json")
    data = {"session_id": "s", "messages": [{"role": "user", "content": "\u0141\u00f3d\u017a"}]}
    path.write_bytes(json.dumps(data, ensure_ascii=False).encode(encoding))
    assert [each["session_id"] for each in store.list_sessions()] == ["s"]
    assert store.get_chat_history("s") == data["messages"]
    assert store.add_user_message("s", "next") is True
    assert len(store.get_session("s").messages) == 2
    assert json.loads(path.read_text("utf-8"))["messages"][0]["content"] == "\u0141\u00f3d\u017a"
    assert not list(path.parent.glob("*.corrupt-*"))


def refuse(constant: str) -> None:
    """What JSON does not have."""
    raise ValueError(constant)


@pytest.mark.parametrize("number", ["1e400", "-1e400", "1E+999", "123456789e9999"])
@pytest.mark.parametrize(
    "place",
    [
        '{"session_id": "s", "messages": [], "own": [%s]}',
        '{"session_id": "s", "messages": [], "metadata": {"n": %s}}',
        '{"session_id": "s", "messages": [{"role": "user", "content": "a", "timestamp": %s}]}',
        '{"session_id": "s", "messages": [{"role": "user", "metadata": {"n": %s}}]}',
        '{"session_id": "s", "messages": [{"role": "user", "content": "a", "n": {"deep": [%s]}}]}',
    ],
)
def test_number_beyond_floats_is_written_as_it_stood(
    store: DefaultSessionStore, place: str, number: str
) -> None:
    """A number that no float holds stays in the file as it is, and the file stays JSON."""
    path = Path(store.session_dir, "s.json")
    path.write_text(place % number)
    assert store.add_user_message("s", "next") is True
    assert store.rename_session("s", "title") is True
    text = path.read_text("utf-8")
    assert text.count(number) == 1
    found = json.loads(text, parse_constant=refuse)
    assert len(found["messages"]) == place.count("role") + 1
    assert math.isinf(float(number))
