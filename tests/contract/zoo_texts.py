"""Broken stores that change what they are given, or answer in a way of their own."""

from tests.contract.base import Base
from tests.contract.zoo import caught_by


class Changes(Base):
    """Changes every content that it is given."""

    def kept(self, content):
        return content

    def add_message(self, session_id, role, content, *arguments, **named):
        return super().add_message(session_id, role, self.kept(content), *arguments, **named)


@caught_by("contents_come_back_unchanged", "white space")
class StripsContents(Changes):
    """Strips white space."""

    def kept(self, content):
        return content.strip()


@caught_by("contents_come_back_unchanged", "emoji|astral")
class KeepsThreeBytes(Changes):
    """Replaces characters beyond the first plane, as an old column type does."""

    def kept(self, content):
        return "".join(each if ord(each) < 0x10000 else "?" for each in content)


@caught_by("a_mebibyte_comes_back_unchanged", "assert")
class CutsLongTexts(Changes):
    """Keeps the first 512 KiB."""

    def kept(self, content):
        return content[: 2**19]


@caught_by("difficult_text_is_kept_or_refused[nul]", "assert")
class EndsAtNul(Changes):
    """Ends a text where a C string ends."""

    def kept(self, content):
        return content.partition("\0")[0]


@caught_by("difficult_text_is_kept_or_refused[lone_surrogate]", "assert")
class ReplacesSurrogates(Changes):
    """Replaces what cannot be encoded."""

    def kept(self, content):
        return content.encode("utf-8", "replace").decode()


@caught_by("history_is_for_a_chat_model", "assert")
class ShowsMetadata(Base):
    """Shows metadata among the messages, which a chat model refuses."""

    def shown(self, messages, limit):
        return messages if limit is None else messages[-limit:]


@caught_by("types_of_answers", "answered None")
class AnswersNothing(Base):
    """Answers None to every write."""

    def change(self, session_id, edit):
        super().change(session_id, edit)


@caught_by("types_of_answers", "get_chat_history answered")
class AnswersWithATuple(Base):
    """Answers history as a tuple."""

    def get_chat_history(self, session_id, max_messages=None):
        return tuple(super().get_chat_history(session_id, max_messages))


@caught_by("methods_and_signatures", "must begin with")
class OtherNames(Base):
    """Names an argument differently."""

    def get_chat_history(self, session_id, limit=None):
        return super().get_chat_history(session_id, limit)


@caught_by("methods_and_signatures", "give a default")
class WantsMore(Base):
    """Wants an argument that the protocol does not have."""

    def clear_session(self, session_id, reason):
        return super().clear_session(session_id)


@caught_by("methods_and_signatures", "coroutine")
class AnswersLater(Base):
    """Has a coroutine function among its methods."""

    async def session_exists(self, session_id):
        return super().session_exists(session_id)
