"""Reads literals of JavaScript: text in quotes, numbers, true, false, lists and objects of them.

A page is data, and nothing on it runs, so no other expression is understood.
"""

import re
from typing import Any

from executable_pages.tree import Value

SPACE = " \t\n"
_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?![\w.$])")
_WORD = re.compile(r"[A-Za-z_$][\w$]*")
# Text in quotes and comments, in which a bracket is none. Words of JSX may hold an apostrophe.
_OPAQUE = re.compile(
    r"""'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`|/\*(?s:.*?)\*/|(?<!:)//[^\n]*"""
)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": "\0"}
_WORDS: dict[str, Value] = {"true": True, "false": False, "null": None, "undefined": None}


class Mistake(ValueError):
    """What is wrong at an offset of the text that was read; `is_mdx` where MDX refuses it too."""

    def __init__(self, at: int, text: str, *, is_mdx: bool = True) -> None:
        super().__init__(text)
        self.at, self.is_mdx = at, is_mdx


class Unfinished(Mistake):
    """The text ended inside a tag or inside braces."""


class Expression(Mistake):
    """JavaScript in braces, which MDX runs and a page here does not have: its `code`."""

    def __init__(self, mistake: Mistake, code: str) -> None:
        super().__init__(mistake.at, str(mistake), is_mdx=False)
        self.code = code


# Whoever reads on past what is wrong notes it here; None raises.
Notes = list[Mistake] | None


def beyond(text: str, at: int, notes: Notes, mistake: Mistake) -> int:
    """The offset behind the braces that open at an offset, with what is wrong in them noted.

    Raises:
        Mistake: Nobody takes notes, or the braces have no end.
    """
    if notes is None:
        raise mistake
    end = closing(text, at)
    if end < 0:
        raise Unfinished(mistake.at, str(mistake)) from None
    notes.append(Expression(mistake, text[at + 1 : end]))
    return end + 1


def closing(text: str, at: int) -> int:
    """The offset of the bracket that closes the one at an offset; -1 for none."""
    depth = 0
    while at < len(text):
        letter = text[at]
        if letter in "([{":
            depth += 1
        elif letter in ")]}":
            depth -= 1
            if not depth:
                return at
        elif match := _OPAQUE.match(text, at):
            at = match.end() - 1
        at += 1
    return -1


def skip(text: str, at: int) -> int:
    """Skip white space."""
    while at < len(text) and text[at] in SPACE:
        at += 1
    return at


def no_literal(text: str, at: int, begin: int) -> Mistake:
    """What is wrong with a value, named at `begin`, that is no literal at `at`."""
    kind = Unfinished if at >= len(text) else Mistake
    return kind(begin, "a value in braces is a literal: text in quotes, a number, true or false")


def skip_blank(text: str, at: int) -> int:
    """Skip white space and comments of JavaScript."""
    while True:
        at = skip(text, at)
        end = {"/*": "*/", "//": "\n"}.get(text[at : at + 2])
        if end is None:
            return at
        close = text.find(end, at + 2)
        if close < 0:
            raise Unfinished(at, "a comment without its end; write */}")
        at = close + len(end)


def read_string(text: str, at: int) -> tuple[str, int]:
    """The text in quotes at an offset, and the offset behind it."""
    mark, begin, value = text[at], at, ""
    at += 1
    while at < len(text) and text[at] != mark:
        if text[at] == "\n" and mark != "`":
            raise Mistake(begin, "text in quotes ends on its own line")
        if mark == "`" and text.startswith("${", at):
            raise Mistake(at, "a page has no variables; write the text itself")
        if text[at] == "\\":
            at += 1
            letter = text[at : at + 1]
            if letter in ("x", "u") or letter.isdigit():
                raise Mistake(at - 1, f"write the character itself instead of \\{letter}")
            value += _ESCAPES.get(letter, "" if letter == "\n" else letter)
        else:
            value += text[at]
        at += 1
    if at >= len(text):
        raise Unfinished(begin, f"text without its closing {mark}")
    return value, at + 1


def read_literal(text: str, at: int, begin: int) -> tuple[Any, int]:
    """The value at an offset, and the offset behind it.

    Raises:
        Mistake: There is no literal; the error is at `begin`.
    """
    here = text[at : at + 1]
    if here and here in "'\"`":
        return read_string(text, at)
    if match := _NUMBER.match(text, at):
        number = float(match[0])
        return (int(number) if "." not in match[0] else number), match.end()
    if (match := _WORD.match(text, at)) and match[0] in _WORDS:
        return _WORDS[match[0]], match.end()
    if here == "[":
        return _series(text, at, begin)
    if here == "{":
        return _object(text, at, begin)
    raise no_literal(text, at, begin)


def _series(text: str, at: int, begin: int) -> tuple[list[Any], int]:
    found: list[Any] = []
    at = skip_blank(text, at + 1)
    while text[at : at + 1] != "]":
        value, at = read_literal(text, at, begin)
        found.append(value)
        at = _comma(text, skip_blank(text, at), "]", begin)
    return found, at + 1


def _object(text: str, at: int, begin: int) -> tuple[dict[str, Any], int]:
    found: dict[str, Any] = {}
    at = skip_blank(text, at + 1)
    while text[at : at + 1] != "}":
        if text[at : at + 1] in ("'", '"') and at < len(text):
            key, at = read_string(text, at)
        elif match := _WORD.match(text, at):
            key, at = match[0], match.end()
        else:
            raise no_literal(text, at, begin)
        at = skip_blank(text, at)
        if text[at : at + 1] != ":":
            raise no_literal(text, at, begin)
        found[key], at = read_literal(text, skip_blank(text, at + 1), begin)
        at = _comma(text, skip_blank(text, at), "}", begin)
    return found, at + 1


def _comma(text: str, at: int, end: str, begin: int) -> int:
    if text[at : at + 1] == ",":
        return skip_blank(text, at + 1)
    if text[at : at + 1] != end:
        raise no_literal(text, at, begin)
    return at
