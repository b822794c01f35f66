"""Reads the tags, attributes and braces of MDX, as its compiler reads them."""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from executable_pages.literals import (
    SPACE,
    Mistake,
    Notes,
    Unfinished,
    beyond,
    no_literal,
    read_literal,
    read_string,
    skip,
    skip_blank,
)
from executable_pages.tree import Value

_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]*);")
TAG = '<Name text="text" number={2}>'


@dataclass
class Tag:
    """A tag from `start` to `end`; it opens, closes, or does both at once."""

    start: int
    end: int
    name: str
    closes: bool = False
    is_empty: bool = False
    attributes: dict[str, Value] = field(default_factory=dict)
    places: dict[str, int] = field(default_factory=dict)


@dataclass
class Braces:
    """Braces from `start` to `end` with a comment in them, or with text in quotes."""

    start: int
    end: int
    comment: str | None = None
    text: str = ""


def pieces(text: str, notes: Notes = None) -> Iterator[Tag | Braces]:
    """The tags and braces that a text begins with, up to the end of their line.

    With `notes`, JavaScript is passed over and noted.

    Raises:
        Mistake: One of them is not well formed.
        LookupError: Something else stands beside them, so they are part of a paragraph.
    """
    at = 0
    while True:
        piece = tag(text, at, notes) if text[at] == "<" else braces(text, at, notes)
        if piece is None:
            raise LookupError
        yield piece
        at = piece.end
        while at < len(text) and text[at] in " \t":
            at += 1
        if at == len(text) or text[at] == "\n":
            return
        if text[at] != "<" and not (text[at] == "{" and isinstance(piece, Tag)):
            raise LookupError


def tag(text: str, start: int, notes: Notes = None) -> Tag | None:
    """The tag at an offset; None for a `<` with space behind it, which is only text.

    Raises:
        Mistake: It is no tag of MDX.
    """
    if text[start + 1 : start + 2] in (" ", "\t", "\n"):
        return None
    at = skip(text, start + 1)
    found = Tag(start, start, "")
    if text[at : at + 1] == "/":
        found.closes = True
        at = skip(text, at + 1)
    if text[at : at + 1] == ">":
        found.end = at + 1
        return found
    if text.startswith("!--", at):
        raise Mistake(start, "MDX knows no HTML comment; write {/* ... */}")
    found.name, at = _name(text, at, start)
    while True:
        at = skip(text, at)
        here = text[at : at + 1]
        if here == ">":
            found.end = at + 1
            return found
        if here == "/":
            at = skip(text, at + 1)
            if text[at : at + 1] != ">":
                raise _unexpected(text, at, "only > can stand behind the / of a tag")
            if found.closes:
                raise Mistake(start, f"</{found.name}> closes twice; write </{found.name}>")
            found.is_empty, found.end = True, at + 1
            return found
        if here == "{":
            why = f"a page has no variables; name each attribute, {TAG}"
            at = beyond(text, at, notes, Mistake(at, why, is_mdx=False))
        else:
            at = _attribute(text, at, found, notes)


def braces(text: str, start: int, notes: Notes = None) -> Braces:
    """The braces at an offset.

    Raises:
        Mistake: There is anything but a comment, or text in quotes, inside.
    """
    at = skip_blank(text, start + 1)
    found = Braces(start, start)
    if text[at : at + 1] == "}":
        comments = re.findall(r"/\*(.*?)\*/|//([^\n]*)", text[start:at], re.DOTALL)
        found.comment = "\n".join((long or short).strip() for long, short in comments)
        found.end = at + 1
        return found
    if text[at : at + 1] in ("'", '"'):
        value, at = read_string(text, at)
        at = skip_blank(text, at)
        if text[at : at + 1] == "}":
            found.text, found.end = value, at + 1
            return found
    if at >= len(text):
        raise Unfinished(start, "{ has no closing }; in prose write \\{ or put it in backticks")
    found.end = beyond(text, start, notes, Mistake(start, _bare(text[start + 1 : at + 200])))
    found.comment = ""
    return found


def _bare(inside: str) -> str:
    """What to write instead of braces that are no MDX, or that only JavaScript understands."""
    if named := re.match(r"\s*#([\w-]+)[^{}\n]*\}", inside):
        place = f'<a id="{named[1]}"></a>'
        return (
            f"a bare {{; MDX knows no {{#{named[1]}}}: write {place} on a line above, to link there"
        )
    if re.match(r"\s*[.:][^{}\n]*\}", inside):
        return (
            'a bare {; MDX knows no attribute lists: write <span className="..."> around the words'
        )
    if inside.startswith(("{", "%")):
        return (
            "a bare {; a page has no variables: write the words themselves, or put it in backticks"
        )
    return "a bare {; write \\{, put it in backticks, or {/* ... */} for a comment"


def _unexpected(text: str, at: int, hint: str) -> Mistake:
    if at >= len(text):
        return Unfinished(at, f"a tag that does not end; {hint}")
    return Mistake(at, f"{text[at]!r} cannot stand here in a tag; {hint}")


def _is_start(letter: str) -> bool:
    return letter == "$" or letter.isidentifier()


def _is_part(letter: str) -> bool:
    return letter in "$-" or f"_{letter}".isidentifier()


def _word(text: str, at: int) -> int:
    while at < len(text) and _is_part(text[at]):
        at += 1
    return at


def _name(text: str, at: int, start: int) -> tuple[str, int]:
    if not text[at : at + 1] or not _is_start(text[at]):
        if at >= len(text):
            raise Unfinished(start, "a bare <; write \\<, or put it in backticks")
        raise Mistake(start, "a bare <; write \\<, or put it in backticks")
    begin, at = at, _word(text, at)
    while text[at : at + 1] in (".", ":"):
        if text.startswith("://", at):
            raise Mistake(start, "MDX knows no <address>; write [text](address)")
        end = _word(text, at + 1)
        if end == at + 1:
            raise _unexpected(text, end, "put what is no tag in backticks")
        at = end
    if text[at : at + 1] == "@":
        raise Mistake(start, "MDX knows no <address>; write [text](mailto:address)")
    if at < len(text) and text[at] not in SPACE + "/>{":
        raise Mistake(at, f"{text[at]!r} cannot stand in the name of a tag; put it in backticks")
    return text[begin:at], at


def _attribute(text: str, at: int, found: Tag, notes: Notes) -> int:
    if not text[at : at + 1] or not _is_start(text[at]):
        raise _unexpected(text, at, f"a tag is {TAG}")
    end = _word(text, at)
    if text[end : end + 1] == ":":
        end = _word(text, end + 1)
    name, begin = text[at:end], at
    at = skip(text, end)
    if name in found.attributes:
        twice = Mistake(begin, f"{name}= stands twice; keep one", is_mdx=False)
        if notes is None:
            raise twice
        notes.append(twice)
    found.places[name] = begin
    if text[at : at + 1] != "=":
        if at == end and text[at : at + 1] not in ("/", ">", "{"):
            raise _unexpected(text, at, f"a tag is {TAG}")
        found.attributes[name] = True
        return at
    at = skip(text, at + 1)
    mark = text[at : at + 1]
    if mark in ("'", '"') and mark:
        close = text.find(mark, at + 1)
        if close < 0:
            raise Unfinished(begin, f"the value of {name}= has no closing {mark}")
        lines = text[at + 1 : close].split("\n")
        value = "\n".join([lines[0], *(line.lstrip(" \t") for line in lines[1:])])
        found.attributes[name] = _ENTITY.sub(lambda match: html.unescape(match[0]), value)
        return close + 1
    if mark == "{":
        try:
            found.attributes[name], end = read_literal(text, skip_blank(text, at + 1), at)
            end = skip_blank(text, end)
            if text[end : end + 1] != "}":
                raise no_literal(text, end, begin)
        except Mistake as error:
            found.attributes[name] = None
            return beyond(text, at, notes, error)
        return end + 1
    raise _unexpected(text, at, f'write {name}="..." or {name}={{...}}')
