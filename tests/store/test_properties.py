"""Properties of the reference store that hold for any input."""

import json
import os
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from reference_impl import DefaultSessionStore, names

RELAXED = settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow], database=None
)
IDS = st.one_of(
    st.text(min_size=1, max_size=12),
    st.text("aA1_-.:/\\~ \u00e9", min_size=1, max_size=4),
    st.sampled_from(
        ["CON", "nul", "COM1", ".", "..", "../x", "a/b", "a_b", "A_B", "a:b", "x" * 300, "~", "\0"]
    ),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(max_size=5), inside),
    max_leaves=8,
)
STRANGE = st.dictionaries(st.text("xyz", min_size=1, max_size=3), JSON, max_size=3)


@RELAXED
@given(text=st.text(), session=IDS)
def test_any_text_comes_back(text: str, session: str) -> None:
    """Any text comes back exactly, under any id, to another store on the directory."""
    with tempfile.TemporaryDirectory() as directory:
        assert DefaultSessionStore(directory).add_user_message(session, text) is True
        [message] = DefaultSessionStore(directory).get_chat_history(session)
        assert message == {"role": "user", "content": text}


@RELAXED
@given(sessions=st.lists(IDS, min_size=2, max_size=5, unique=True))
def test_ids_never_see_each_other(sessions: list[str]) -> None:
    """Different ids have different messages, files that stay in the directory, and a list entry."""
    with tempfile.TemporaryDirectory() as directory:
        place = Path(directory) / "sessions"
        store = DefaultSessionStore(place)
        for number, session in enumerate(sessions):
            store.add_user_message(session, str(number))
        for number, session in enumerate(sessions):
            assert [m["content"] for m in store.get_chat_history(session)] == [str(number)]
        assert {each["session_id"] for each in store.list_sessions()} == set(sessions)
        assert [path.name for path in Path(directory).iterdir()] == ["sessions"]
        store.delete_session(sessions[0])
        assert [store.session_exists(session) for session in sessions] == [False] + [True] * (
            len(sessions) - 1
        )


@RELAXED
@given(one=IDS, other=IDS)
def test_names_are_different(one: str, other: str) -> None:
    """Two ids share a file name only if they are equal, whatever case the system folds."""
    if one != other:
        assert names.hashed(one).lower() != names.hashed(other).lower()
    if names.is_safe(one):
        assert "~" not in one
    assert "/" not in names.lock(one)
    assert len(names.hashed(one)) < 200


@RELAXED
@given(data=st.binary(max_size=60) | JSON.map(lambda value: json.dumps(value).encode()))
def test_junk_is_never_lost(data: bytes) -> None:
    """Any bytes are read as a session or set aside whole, and the session goes on."""
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "s.json"
        path.write_bytes(data)
        os.utime(path, (0, 0))
        store = DefaultSessionStore(directory)
        store.get_chat_history("s")
        aside = list(Path(directory).glob("s.json.corrupt-*"))
        if aside:
            assert [each.read_bytes() for each in aside] == [data]
            assert not path.exists()
        elif path.exists():
            assert path.read_bytes() == data
        assert store.add_user_message("s", "new") is True
        assert store.get_chat_history("s")[-1] == {"role": "user", "content": "new"}


@RELAXED
@given(top=STRANGE, inside=STRANGE)
def test_unknown_keys_survive(top: dict[str, Any], inside: dict[str, Any]) -> None:
    """Unknown keys keep their values through a write, at the top and in a message."""
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "s.json"
        message = {"role": "user", "content": "a"}
        path.write_text(json.dumps({"session_id": "s", "messages": [message | inside]} | top))
        DefaultSessionStore(directory).add_user_message("s", "b")
        found = json.loads(path.read_bytes())
        assert {key: found[key] for key in top} == top
        assert {key: found["messages"][0][key] for key in inside} == inside


class Model(RuleBasedStateMachine):
    """Two stores on one directory behave as one dictionary of lists."""

    def __init__(self) -> None:
        super().__init__()
        self.place = tempfile.TemporaryDirectory()
        self.stores = [DefaultSessionStore(self.place.name, retention="keep_all") for _ in "ab"]
        self.expected: dict[str, list[str]] = {}

    def teardown(self) -> None:
        """Remove the directory."""
        self.place.cleanup()

    sessions = st.sampled_from(["a_b", "a:b", "A_B", "a"])
    stores_used = st.integers(0, 1)

    @rule(used=stores_used, session=sessions, text=st.text(max_size=3))
    def append(self, used: int, session: str, text: str) -> None:
        """Add a message."""
        assert self.stores[used].add_user_message(session, text) is True
        self.expected.setdefault(session, []).append(text)

    @rule(used=stores_used, session=sessions, texts=st.lists(st.text(max_size=3), max_size=3))
    def replace(self, used: int, session: str, texts: list[str]) -> None:
        """Replace all messages."""
        turns = [{"role": "user", "content": text} for text in texts]
        assert self.stores[used].set_chat_history(session, turns) is True
        self.expected[session] = texts

    @rule(used=stores_used, session=sessions)
    def clear(self, used: int, session: str) -> None:
        """Clear a session."""
        assert self.stores[used].clear_session(session) is True
        if session in self.expected:
            self.expected[session] = []

    @rule(used=stores_used, session=sessions)
    def delete(self, used: int, session: str) -> None:
        """Delete a session."""
        assert self.stores[used].delete_session(session) is True
        self.expected.pop(session, None)

    @invariant()
    def stores_agree(self) -> None:
        """Both stores see what the dictionary has."""
        for store in self.stores:
            for session in ("a_b", "a:b", "A_B", "a"):
                found = [message["content"] for message in store.get_chat_history(session)]
                assert found == self.expected.get(session, [])
                assert store.session_exists(session) is (session in self.expected)


Model.TestCase.settings = settings(
    deadline=None, max_examples=15, stateful_step_count=12, database=None
)
TestModel = Model.TestCase
