"""Clauses about arguments of every kind: kept equal, or refused before anything is changed."""

import math
from datetime import UTC, datetime
from reprlib import repr as short
from typing import Any

from reference_impl.contract.handle import Handle
from reference_impl.contract.kit import Kit, clause
from reference_impl.contract.verdicts import Finding, Lost


def _deep(levels: int) -> list[Any]:
    found: list[Any] = []
    for _ in range(levels):
        found = [found]
    return found


# What a serializer has no form for, or makes something else of.
ODD: dict[str, Any] = {
    "a tuple": ("a", 1),
    "integer keys": {1: "a", 2: "b"},
    "a key of None": {None: "a"},
    "NaN": math.nan,
    "Infinity": -math.inf,
    "a large number": 10**40 + 1,
    "a set": {"a"},
    "a moment": datetime(2026, 1, 1, tzinfo=UTC),
    "a deep list": _deep(100),
    "a bottomless list": _deep(100_000),
}
PARTS = [
    {"type": "text", "text": "What is this? ü"},
    {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA", "detail": None}},
]
CONTENTS: dict[str, Any] = {
    "content: a list of parts": PARTS,
    "content: an empty list": [],
    "content: None": None,
    "content: a number": 42,
    "content: a bool": True,
    "content: a dict": {"text": "m"},
    "content: bytes": b"m",
    "content: an object": object(),
    **{f"content: {what} in a part": [{"type": "text", "odd": odd}] for what, odd in ODD.items()},
}
METADATA: dict[str, Any] = {
    "metadata: JSON values": {"a": [1, 2.5, None, True, {"b": "ü"}], "": "empty key"},
    "metadata: a string": "note",
    "metadata: a list": ["note"],
    "metadata: bytes": {"raw": b"m"},
    "metadata: an object": {"value": object()},
    **{f"metadata: {what}": {"value": odd} for what, odd in ODD.items()},
}
REPLACEMENTS: dict[str, Any] = {
    "history: a list of parts": [{"role": "user", "content": PARTS}],
    "history: a number as content": [{"role": "user", "content": 42}],
    "history: a number as role": [{"role": 7, "content": "m"}],
    "history: a string": "abc",
    "history: strings": ["abc"],
    "history: None": None,
    "history: an object": [{"role": "user", "content": object()}],
    **{
        f"history: {what} in a part": [{"role": "user", "content": [{"type": "x", "odd": odd}]}]
        for what, odd in ODD.items()
    },
}
FIELDS: dict[str, Any] = {
    "field: JSON values": {"a": [1, 2.5, None, True]},
    "field: a number": 42,
    "field: bytes": b"m",
    "field: an object": object(),
    **{f"field: {what}": odd for what, odd in ODD.items()},
}


class Given:
    """What a caller may rely on, whatever it passed."""

    @clause("kept-as-given")
    def test_content_of_any_kind_is_kept_or_refused(self, kit: Kit) -> None:
        """Content that is no string comes back equal, or is refused and the store still works."""
        clients = kit.open(), kit.open(), kit.open()
        for what, content in CONTENTS.items():
            _kept_or_refused(kit, clients, what, content, ("user", content))

    @clause("kept-as-given")
    def test_metadata_of_any_kind_is_kept_or_refused(self, kit: Kit) -> None:
        """Metadata of any kind comes back equal, or is refused and the store still works."""
        clients = kit.open(), kit.open(), kit.open()
        for what, given in METADATA.items():
            session = _kept_or_refused(kit, clients, what, "m", ("user", "m", given))
            if session is not None and kit.offers("get_session"):
                found = _messages(clients[1].get_session(session))[1]
                own = found.get("metadata") if isinstance(found, dict) else found.metadata
                _same(what, given, own)

    @clause("kept-as-given")
    def test_roles_and_ids_of_any_kind_are_kept_or_refused(self, kit: Kit) -> None:
        """A role or a session id that is no string is kept as it is, or refused."""
        clients = store, other, _ = kit.open(), kit.open(), kit.open()
        for what, role in {"role: a number": 7, "role: None": None, "role: a list": ["u"]}.items():
            session = _kept_or_refused(kit, clients, what, "m", (role, "m"))
            if session is not None:
                _same(what, role, other.get_chat_history(session)[1]["role"])
        for what, odd in {"id: None": None, "id: a list": ["a"], "id: bytes": b"a"}.items():
            session = kit.session()
            _add(store, session, "before")
            if kit.attempt(what, store, "add_message", odd, "user", "m"):
                _equal(what, ["m"], _contents(other, odd))
                kit.remove(store, odd)
            _equal(what, ["before"], _contents(other, session))
            kit.still_works(session, what, store, other)

    @clause("kept-as-given", "tool turns")
    def test_content_beside_a_tool_call_may_be_none(self, kit: Kit) -> None:
        """None beside tool calls, as model APIs answer it, comes back as None, or is refused."""
        call = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
        store, other, session = kit.open(), kit.open(), kit.session()
        _add(store, session, "before")
        what = "content: None beside tool calls"
        kept = kit.attempt(
            what, store, "add_message", session, "assistant", None, tool_calls=[call]
        )
        wanted: list[Any] = ["before", None] if kept else ["before"]
        if kept:
            store.add_message(session, "tool", "done", tool_call_id="c1")
            wanted.append("done")
        _equal(what, wanted, _contents(other, session))
        odds: dict[str, dict[str, Any]] = {
            "tool_calls: a string": {"tool_calls": "call"},
            "tool_call_id: a number": {"tool_call_id": 5},
        }
        for odd, given in odds.items():
            if not kit.attempt(odd, store, "add_message", session, "assistant", "m", **given):
                _equal(odd, wanted, _contents(other, session)[: len(wanted)])
                kit.still_works(session, odd, store, other)
            missing = [each for each in wanted if each not in _contents(other, session)]
            if missing:
                raise Lost(f"after {odd} the history does not hold {missing}")

    @clause("kept-as-given", "set_chat_history")
    def test_a_replaced_history_of_any_kind_is_kept_or_refused(self, kit: Kit) -> None:
        """A history of any kind replaces the old one as it is, or is refused and the old stays."""
        store, other = kit.open(), kit.open()
        for what, given in REPLACEMENTS.items():
            session = kit.session()
            _add(store, session, "before")
            if kit.attempt(what, store, "set_chat_history", session, given):
                _same(what, given, [_turn(each) for each in other.get_chat_history(session)])
            else:
                _equal(what, ["before"], _contents(other, session))
                kit.still_works(session, what, store, other)

    @clause("kept-as-given", "update_session_metadata")
    def test_a_field_of_any_kind_is_kept_or_refused(self, kit: Kit) -> None:
        """A field of the metadata comes back equal, or is refused and the session stays."""
        store, other = kit.open(), kit.open()
        for what, given in FIELDS.items():
            session = kit.session()
            _add(store, session, "before")
            if kit.attempt(what, store, "update_session_metadata", session, field=given):
                _same(what, given, other.get_session(session).metadata.get("field"))
            _equal(what, ["before"], _contents(other, session))
            kit.still_works(session, what, store, other)


def _kept_or_refused(
    kit: Kit, clients: tuple[Handle, ...], what: str, content: Any, given: tuple[Any, ...]
) -> str | None:
    """Add a message between two others: the session when it was accepted, else None."""
    store, other, session = clients[0], clients[1], kit.session()
    _add(store, session, "before")
    kept = kit.attempt(what, store, "add_message", session, *given)
    if kept:
        _add(store, session, "behind")
    wanted = ["before", content, "behind"] if kept else ["before"]
    for reader in clients:
        _equal(what, wanted, _contents(reader, session))
    kit.still_works(session, what, store, other)
    return session if kept else None


def _add(store: Handle, session: str, content: str) -> None:
    done = store.add_message(session, "user", content)
    if done is not True:
        raise Finding(f"the ordinary message {content!r} was answered {done!r}")


def _contents(store: Handle, session: Any) -> list[Any]:
    return [each["content"] for each in store.get_chat_history(session)]


def _turn(entry: Any) -> Any:
    """The role and the content of an entry of a history, or what stands in its place."""
    if not isinstance(entry, dict):
        return entry
    return {key: entry[key] for key in ("role", "content") if key in entry}


def _messages(session: Any) -> Any:
    return session["messages"] if isinstance(session, dict) else session.messages


def _equal(what: str, wanted: list[Any], read: list[Any]) -> None:
    if len(read) < len(wanted):
        raise Lost(f"{what}: {len(wanted)} messages were accepted, {len(read)} read: {short(read)}")
    _same(what, wanted, read)


def _same(what: str, given: Any, read: Any) -> None:
    """Equal, and of the same types: 1, 1.0 and True are three values, and NaN is one."""
    # A list of its own, since values may be nested deeper than calls can be.
    pairs = [(given, read)]
    while pairs:
        one, other = pairs.pop()
        if type(one) is not type(other):
            break
        if isinstance(one, dict):
            if set(map(_key, one)) != set(map(_key, other)):
                break
            pairs += [(value, other[key]) for key, value in one.items()]
        elif isinstance(one, list | tuple):
            if len(one) != len(other):
                break
            pairs += zip(one, other, strict=True)
        elif one != other and not (one != one and other != other):
            break
    else:
        return
    raise Finding(f"{what} was accepted, and {short(given)} came back as {short(read)}")


def _key(key: Any) -> tuple[type, Any]:
    return type(key), key
