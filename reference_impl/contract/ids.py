"""Clauses about session ids: two of them are never one."""

import contextlib
import uuid
from typing import Any

import pytest

from reference_impl.contract.handle import Stuck
from reference_impl.contract.kit import Kit, clause
from reference_impl.contract.verdicts import Finding


class Ids:
    """What the owner of one session may rely on when there are others."""

    @clause("isolated-ids")
    def test_case_tells_ids_apart(self, kit: Kit) -> None:
        """Ids that differ in upper and lower case are different sessions."""
        _isolated(kit, ["{}-alice", "{}-Alice", "{}-ALICE"])

    @clause("isolated-ids")
    def test_separators_tell_ids_apart(self, kit: Kit) -> None:
        """Ids that differ in a separator are different sessions."""
        marks = "_-.:/\\ |+@%#?&*"
        _isolated(kit, [f"{{}}{mark}1" for mark in marks] + ["{}1", "{}__1", "{}%2F1", "{}//1"])

    @clause("isolated-ids")
    def test_dots_do_not_leave_the_store(self, kit: Kit) -> None:
        """Ids with dots, parent directories and endings of file names are names like others."""
        patterns = ["{}", ".{}", "{}.", "..{}", "../{}", "./{}", "{}/..", "{}/.", "{}/../x", "/{}"]
        endings = ["{}.json", "{}.lock", "{}.json.lock", "{}.tmp", "{}.json.tmp", "{}~", "{}.db"]
        _isolated(kit, patterns + endings)

    @clause("isolated-ids")
    def test_look_alikes_are_different(self, kit: Kit) -> None:
        """Ids that look the same to people, or become the same when normalised, stay apart."""
        names = [
            "é",
            "e\u0301",
            "e",
            "\u0435",
            "\uff45",
            "E\u0301",
            "É",
            "ß",
            "ss",
            "\u0131",
            "i",
            "İ",
        ]
        spaces = ["", " ", "\u200b", "\u00a0", "\t", "\n"]
        patterns = [f"{{}}-{name}" for name in names] + [f"{{}}-x{space}" for space in spaces]
        _isolated(kit, [*patterns, "CON.{}", "{}:stream", "{}-\0"])

    @clause("isolated-ids")
    def test_long_ids_are_whole(self, kit: Kit) -> None:
        """Ids of 300 characters that differ in the last one are different sessions."""
        _isolated(kit, [f"{{}}-{'x' * 286}{end}" for end in "12"] + ["{}-" + "x" * 286])

    @clause("isolated-ids")
    def test_the_empty_id_is_refused_or_isolated(self, kit: Kit) -> None:
        """The empty id is refused, or is a session of its own."""
        store, reader, other = kit.open(), kit.open(), kit.session()
        store.add_message(other, "user", "other")
        kept = kit.attempt("the empty id", store, "add_message", "", "user", other)
        try:
            if kept:
                assert store.get_chat_history("")[-1]["content"] == other
        finally:
            if kept:
                with contextlib.suppress(ValueError):
                    kit.remove(store, "")
        assert [each["content"] for each in store.get_chat_history(other)] == ["other"]
        kit.still_works(other, "the empty id", store, reader)

    @clause("isolated-ids", since=2)
    def test_the_empty_id_is_nobody_s_default(self, kit: Kit) -> None:
        """The empty id and None share nothing with each other, `default`, `None`, `null` or `0`."""
        store, reader = kit.open(), kit.open()
        kept: dict[str, Any] = {}
        try:
            # What is there already is somebody else's, whom this clause leaves alone.
            for odd in [each for each in ("", None, *_ORDINARY) if not _contents(reader, each)]:
                token = f"of {odd!r} {uuid.uuid4().hex}"
                if kit.attempt(f"id {odd!r}", store, "add_message", odd, "user", token):
                    kept[token] = odd
            for token, odd in kept.items():
                shared = [each for each in kept if each in _contents(reader, odd)]
                seen = {repr(kept[each]) for each in shared if each != token}
                if seen & {"''", "None"} or (seen and odd in ("", None)):
                    raise Finding(f"the id {odd!r} shares a session with {', '.join(seen)}")
        finally:
            for odd in kept.values():
                with contextlib.suppress(Exception):
                    kit.remove(store, odd)


# What a programmer or a serializer puts where there is no id.
_ORDINARY = ("default", "None", "null", "0", "undefined", "False", "nil", 0)


def _contents(reader: Any, session: Any) -> list[Any]:
    try:
        return [each["content"] for each in reader.get_chat_history(session)]
    except Stuck:
        raise
    except Exception:
        return []


def _isolated(kit: Kit, patterns: list[str]) -> None:
    """Write to every id and compare every history; delete every other one and compare again."""
    store, reader, base, plain = kit.open(), kit.open(), kit.session(), kit.session()
    kept: dict[str, str] = {}
    for pattern in patterns:
        session = kit.forget_later(pattern.format(base))
        name = pattern.replace("\0", "NUL")
        what = f"id {name if len(name) < 40 else f'of {len(session)} characters'!r}"
        if kit.attempt(what, store, "add_message", session, "user", name):
            kept[session] = name
        else:
            kit.still_works(plain, what, store, reader)
    if len(kept) < 2:
        pytest.skip(f"not judged: all but {len(kept)} of {len(patterns)} ids were refused")
    _each_holds_its_own(reader, kept)
    for gone in (list(kept)[::2], list(kept)[1::2]):
        for session in gone:
            if not kit.remove(store, session):
                return
            if kit.offers("delete_session") and kit.offers("session_exists"):
                still = reader.session_exists(session)
                assert not still, f"{kept[session]!r} was deleted and exists"
            del kept[session]
        _each_holds_its_own(reader, kept)


def _each_holds_its_own(reader: Any, kept: dict[str, str]) -> None:
    for session, pattern in kept.items():
        read = [each["content"] for each in reader.get_chat_history(session)]
        assert read == [pattern], f"{pattern!r} holds the messages of {read}"
