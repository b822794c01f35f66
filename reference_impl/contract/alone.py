"""Clauses about one client at a time: methods, order, shape, content and ids."""

import inspect
import json
from typing import Any

import pytest

from reference_impl.contract.handle import Stuck
from reference_impl.contract.kit import Kit, clause
from reference_impl.contract.verdicts import Lost

_METHODS: dict[str, dict[str, Any]] = {
    "add_message": {
        "session_id": inspect.Parameter.empty,
        "role": inspect.Parameter.empty,
        "content": inspect.Parameter.empty,
        "metadata": None,
    },
    "get_chat_history": {"session_id": inspect.Parameter.empty, "max_messages": None},
    "clear_session": {"session_id": inspect.Parameter.empty},
    "delete_session": {"session_id": inspect.Parameter.empty},
    "session_exists": {"session_id": inspect.Parameter.empty},
}

CONTENTS: dict[str, str] = {
    "empty": "",
    "white space": "  \t\n leading and trailing \r\n ",
    "quotes": "\"double\" 'single' `back` \\slash\\ %s {} ${x} '; DROP TABLE sessions; --",
    "json": '{"role": "user", "content": [null, 1e400, "\\u0000"]}',
    "unicode": "Zażółć gęślą jaźń \u05e9\u05dc\u05d5\u05dd \u0645\u0631\u062d\u0628\u0627 日本語",
    "emoji": "👩‍👩‍👧‍👦 🏳️‍🌈 👍🏽 🇺🇦",
    "combining": "e\u0301 \u00e9 A\u030a \u00c5 \ufb01 \u1e9b\u0323",
    "separators": "line\u2028paragraph\u2029next\x85unit\x1fbom\ufeffend",
    "near NUL": "".join(map(chr, range(1, 32))) + "\x7f \\0 \\x00 \\u0000 %00",
    "astral": "\U00010000 \U0010fffd",
    "long line": "x" * 100_000,
}


class Alone:
    """What a single client may rely on."""

    @clause("protocol")
    def test_methods_and_signatures(self, kit: Kit) -> None:
        """The five methods take the protocol's arguments, by position and by name."""
        store = kit.open().store
        for name, parameters in _METHODS.items():
            if name in kit.without:
                continue
            method = getattr(store, name, None)
            assert callable(method), f"there is no method {name}"
            later = inspect.iscoroutinefunction(method)
            assert later == inspect.iscoroutinefunction(store.add_message), (
                f"of {name} and add_message one alone is a coroutine function"
            )
            signature = inspect.signature(method)
            known = [
                each
                for each in signature.parameters.values()
                if each.kind not in (each.VAR_POSITIONAL, each.VAR_KEYWORD)
            ]
            positional = [each for each in known if each.kind is each.POSITIONAL_OR_KEYWORD]
            shown = f"{name}{signature}"
            wanted = ", ".join(parameters)
            names = [each.name for each in positional[: len(parameters)]]
            assert names == list(parameters), f"{shown} must begin with ({wanted})"
            for each in known:
                default = parameters.get(each.name, None)
                if each.name in parameters:
                    assert each.default is default, f"{shown}: wrong default of {each.name}"
                else:
                    missing = each.default is each.empty
                    assert not missing, (
                        f"{shown}: {each.name} is not the protocol's, give a default"
                    )

    @clause("protocol")
    def test_types_of_answers(self, kit: Kit) -> None:
        """Writes and existence are answered with a bool, history with a list of dictionaries."""
        store, session = kit.open(), kit.session()
        exists, clear, delete = (
            [name] if kit.offers(name) else []
            for name in ("session_exists", "clear_session", "delete_session")
        )
        message = {
            "session_id": session,
            "role": "assistant",
            "content": "m2",
            "metadata": {"k": 1},
        }
        answers: dict[str, Any] = {
            f"{each} of an unknown id": store.session_exists(session) for each in exists
        }
        answers["add_message"] = store.add_message(session, "user", "m1")
        answers["add_message by name"] = store.add_message(**message)
        for each in (*exists, *clear, *delete):
            answers[each] = getattr(store, each)(session)
        for name, answer in answers.items():
            assert type(answer) is bool, f"{name} answered {answer!r}"
        history = store.get_chat_history(session_id=session, max_messages=None)
        assert type(history) is list, f"get_chat_history answered {history!r}"

    @clause("append-order")
    def test_messages_keep_their_order(self, kit: Kit) -> None:
        """Thirty messages come back in the order of their adding, to the writer and to others."""
        store, session = kit.open(), kit.session()
        contents = [f"m{number}" for number in range(30)]
        for content in contents:
            assert store.add_message(session, "user", content) is True
        for client in (store, kit.open()):
            assert [each["content"] for each in client.get_chat_history(session)] == contents

    @clause("append-order", "whole history")
    def test_three_hundred_messages_are_kept(self, kit: Kit) -> None:
        """Of 300 messages every one comes back, in order, and nothing that nobody wrote."""
        store, session = kit.open(), kit.session()
        contents = [f"m{number}" for number in range(300)]
        for content in contents:
            assert store.add_message(session, "user", content) is True
        read = [each["content"] for each in kit.open().get_chat_history(session)]
        gone = [each for each in contents if each not in read]
        if gone:
            raise Lost(
                f"300 acknowledged, {len(gone)} of them lost: the history has {len(read)} entries "
                f"and begins with {str(read[:1])[:80]}; a store that keeps a window of the newest "
                'declares that it does not offer "whole history"'
            )
        assert read == contents, f"the history begins with {str(read[:3])[:80]}"

    @clause("message-shape")
    def test_history_is_for_a_chat_model(self, kit: Kit) -> None:
        """Every entry has exactly a role and a content, whatever metadata the message had."""
        store, session = kit.open(), kit.session()
        turns = [("system", "Be brief."), ("user", "Hello"), ("assistant", "Hi"), ("user", "Hello")]
        for role, content in turns:
            assert store.add_message(session, role, content, {"source": "test"}) is True
        history = store.get_chat_history(session)
        assert history == [{"role": role, "content": content} for role, content in turns]
        assert json.loads(json.dumps(history)) == history

    @clause("newest-messages")
    def test_max_messages_gives_the_newest(self, kit: Kit) -> None:
        """The last n messages come back in order for every n, and all when n is larger."""
        store, session = kit.open(), kit.session()
        contents = [f"m{number}" for number in range(8)]
        for content in contents:
            store.add_message(session, "user", content)
        for limit in (1, 2, 7, 8, 9, 1000):
            history = store.get_chat_history(session, max_messages=limit)
            assert [each["content"] for each in history] == contents[-limit:], f"limit {limit}"
        assert store.get_chat_history(session, 3) == store.get_chat_history(session)[-3:]

    @clause("newest-messages", since=2)
    def test_a_limit_below_one_is_no_limit(self, kit: Kit) -> None:
        """A limit of 0 or less gives the whole history, or is refused."""
        store, session = kit.open(), kit.session()
        contents = [f"m{number}" for number in range(3)]
        for content in contents:
            store.add_message(session, "user", content)
        for limit in (0, -1, -2, -3, -100):
            try:
                history = store.get_chat_history(session, max_messages=limit)
            except Stuck:
                raise
            except Exception:
                kit.refused.append(f"limit {limit}")
                continue
            assert [each["content"] for each in history] == contents, f"limit {limit}: {history}"

    @clause("any-content")
    def test_contents_come_back_unchanged(self, kit: Kit) -> None:
        """Every kind of text is read back exactly by another client."""
        store, session = kit.open(), kit.session()
        kept = {
            name: content
            for name, content in CONTENTS.items()
            if kit.attempt(f"text: {name}", store, "add_message", session, "user", content)
        }
        other = kit.open()
        read = [each["content"] for each in other.get_chat_history(session)]
        assert len(read) == len(kept), "the number of messages changed"
        for name, wanted, got in zip(kept, kept.values(), read, strict=True):
            assert got == wanted, f"{name}: {wanted[:80]!r} came back as {got[:80]!r}"
        kit.still_works(session, "a text", store, other)

    @clause("any-content")
    def test_a_mebibyte_comes_back_unchanged(self, kit: Kit) -> None:
        """A message of one mebibyte is kept, and so are its neighbours."""
        store, session = kit.open(), kit.session()
        large = "0123456789abcde\n" * 65_536
        assert store.add_message(session, "user", "before") is True
        kept = kit.attempt("text: a mebibyte", store, "add_message", session, "user", large)
        assert store.add_message(session, "user", "after") is True
        read = [each["content"] for each in kit.open().get_chat_history(session)]
        sizes = [6, len(large), 5] if kept else [6, 5]
        assert [len(each) for each in read] == sizes, "the large message came back changed"
        assert not kept or read[1] == large, "the large message came back changed"

    @clause("any-content")
    @pytest.mark.parametrize("content", ["a\0b", "a\ud800b"], ids=["nul", "lone_surrogate"])
    def test_difficult_text_is_kept_or_refused(self, kit: Kit, content: str) -> None:
        """NUL and lone surrogates come back exactly, or adding them fails and changes nothing."""
        store, session = kit.open(), kit.session()
        store.add_message(session, "user", "before")
        what = f"text: {content!r}"
        kept = kit.attempt(what, store, "add_message", session, "user", content)
        other = kit.open()
        read = [each["content"] for each in other.get_chat_history(session)]
        assert read == (["before", content] if kept else ["before"])
        kit.still_works(session, what, store, other)

    @clause("own-copy")
    def test_history_is_the_caller_s_own(self, kit: Kit) -> None:
        """Changing a returned history, or an entry of it, changes no later answer."""
        store, session = kit.open(), kit.session()
        store.add_message(session, "user", "m1")
        history = store.get_chat_history(session)
        history[0]["content"] = "changed"
        history.append({"role": "user", "content": "added"})
        assert store.get_chat_history(session) == [{"role": "user", "content": "m1"}]

    @clause("own-copy", "set_chat_history")
    def test_what_was_given_stays_the_caller_s(self, kit: Kit) -> None:
        """Changing a list after it was stored changes nothing that is stored."""
        store, session = kit.open(), kit.session()
        given = [{"role": "user", "content": "m1"}]
        store.set_chat_history(session, given)
        given[0]["content"] = "changed"
        given.append({"role": "user", "content": "added"})
        store.add_message(session, "user", "m2")
        read = [each["content"] for each in store.get_chat_history(session)]
        assert read == ["m1", "m2"]
