"""Clauses about session ids: two of them are never one."""

import contextlib
from typing import Any

from reference_impl.contract.kit import Kit, clause


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
        _isolated(kit, patterns + endings, may_refuse=True)

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
        _isolated(kit, [*patterns, "CON.{}", "{}:stream", "{}-\0"], may_refuse=True)

    @clause("isolated-ids")
    def test_long_ids_are_whole(self, kit: Kit) -> None:
        """Ids of 300 characters that differ in the last one are different sessions."""
        _isolated(kit, [f"{{}}-{'x' * 286}{end}" for end in "12"] + ["{}-" + "x" * 286], True)

    @clause("isolated-ids")
    def test_the_empty_id_is_refused_or_isolated(self, kit: Kit) -> None:
        """The empty id is refused, or is a session of its own."""
        store, other = kit.open(), kit.session()
        store.add_message(other, "user", "other")
        new = True
        try:
            new = not store.session_exists("")
            kept = store.add_message("", "user", other)
        except ValueError:
            kept = False
        try:
            if kept:
                assert store.get_chat_history("")[-1]["content"] == other
        finally:
            if kept and new:
                with contextlib.suppress(ValueError):
                    store.delete_session("")
        assert [each["content"] for each in store.get_chat_history(other)] == ["other"]


def _isolated(kit: Kit, patterns: list[str], may_refuse: bool = False) -> None:
    """Write to every id and compare every history; delete every other one and compare again."""
    store, reader, base = kit.open(), kit.open(), kit.session()
    kept: dict[str, str] = {}
    for pattern in patterns:
        session = kit.forget_later(pattern.format(base))
        name = pattern.replace("\0", "NUL")
        if _add(store, session, name, may_refuse):
            kept[session] = name
    _each_holds_its_own(reader, kept)
    for gone in (list(kept)[::2], list(kept)[1::2]):
        for session in gone:
            store.delete_session(session)
            assert not reader.session_exists(session), f"{kept[session]!r} was deleted and exists"
            del kept[session]
        _each_holds_its_own(reader, kept)


def _each_holds_its_own(reader: Any, kept: dict[str, str]) -> None:
    for session, pattern in kept.items():
        read = [each["content"] for each in reader.get_chat_history(session)]
        assert read == [pattern], f"{pattern!r} holds the messages of {read}"


def _add(store: Any, session: str, content: str, may_refuse: bool) -> bool:
    try:
        done = store.add_message(session, "user", content)
    except ValueError:
        if may_refuse:
            return False
        raise
    assert done is True, f"the id {content!r} was answered {done!r}; refuse it with ValueError"
    return True
