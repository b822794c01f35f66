"""What stands behind three backticks: a language, a title, and lines to highlight.

Sites write it in several ways, and each is read: `python app.py`, `python title="app.py" {1,3-5}`,
`python hl_lines="1 3-5"`, and the attribute lists `{.python title="app.py"}` and
`python {title="app.py"}` of Python-Markdown.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from markdown_it.common.utils import unescapeAll

LANGUAGES = frozenset(
    {"bash", "console", "dockerfile", "json", "makefile", "markdown", "mdx"}
    | {"mermaid", "python", "text", "toml", "yaml"}
)
# What other sites' pages say there, and which changes nothing of what is said here.
FLAGS = frozenset({"lines", "wrap", "expandable", "showLineNumbers"})
IGNORED = frozenset({"icon", "theme", "focus", "linenums"})
_LINES_OF = ("highlight", "hl_lines")

_OPTION = r"""[A-Za-z][\w-]*=(?:"[^"]*"|'[^']*'|\{[^{}]*\}|[^\s"'{}]+)"""
_PIECE = re.compile(
    rf"\s*(?:(?P<option>{_OPTION})|(?P<braces>\{{[^{{}}]*\}})|(?P<word>\S+))(?=\s|$)"
)
_ATTRIBUTE = re.compile(
    rf"\s*(?:(?P<option>{_OPTION})|\.(?P<name>[\w+#-]+)|(?P<id>#[\w:.-]+))(?=\s|$)"
)
_RANGES = re.compile(r"\s*\d+(?:\s*-\s*\d+)?(?:\s*[,\s]\s*\d+(?:\s*-\s*\d+)?)*\s*")
_HALF_OPTION = re.compile(rf"\b(?:title|{'|'.join(_LINES_OF)})\s*=")
_HINT = 'write title="..." or {1,3-5}'


class Unclear(ValueError):
    """Words behind a language that are neither title nor options."""


@dataclass(frozen=True)
class Info:
    """A language, all that stands behind it, and what that means.

    `written` is the whole, and `classes` are what an attribute list names beside the language.
    """

    language: str
    rest: str
    title: str
    highlighted: tuple[int, ...]
    classes: tuple[str, ...] = ()
    written: str = ""


def read(written: str, count: int) -> Info:
    """Read what stands behind the backticks of a block of `count` lines.

    Words are its title; `title="..."` is too. `{1,3-5}`, `highlight={1,3-5}` and
    `hl_lines="1 3-5"` say which lines to highlight.

    Raises:
        Unclear: They mean nothing, or contradict each other.
    """
    whole = unescapeAll(written.strip())
    reading = _Reading()
    if whole.startswith("{"):
        language, rest = "", whole
    else:
        language, _, rest = whole.partition(" ")
    for piece in _pieces(rest.strip()):
        if piece["option"]:
            reading.option(piece["option"])
        elif piece["braces"]:
            reading.braces(piece["braces"])
        elif piece["word"] not in FLAGS:
            reading.words.append(piece["word"])
    if not language and reading.classes:
        language = reading.classes.pop(0)
    titles = reading.titles
    if title := " ".join(reading.words):
        if half := _HALF_OPTION.search(title) or re.search(r"[{}]", title):
            raise Unclear(f"{half[0]!r} is not understood; {_HINT}")
        titles.append(title)
    if len(titles) > 1:
        raise Unclear(f"two titles, {' and '.join(map(repr, titles))}; keep one")
    numbers = sorted({number for each in reading.lines for number in _numbers(each, count)})
    if 0 in numbers:
        raise Unclear("line 0 is to be highlighted; count from 1")
    return Info(
        language,
        rest.strip(),
        titles[0] if titles else "",
        tuple(numbers),
        tuple(reading.classes),
        whole,
    )


class _Reading:
    """What was read so far."""

    def __init__(self) -> None:
        self.titles: list[str] = []
        self.lines: list[str] = []
        self.words: list[str] = []
        self.classes: list[str] = []

    def option(self, text: str) -> None:
        """`name="value"`."""
        name, _, written = text.partition("=")
        value = written[1:-1] if written[0] in "\"'{" else written
        if name == "title":
            self.titles.append(value)
        elif name in _LINES_OF:
            self.lines.append(value)
        elif name not in IGNORED:
            raise Unclear(f'{name}= says nothing; write title="..." or highlight={{1-2}}')

    def braces(self, text: str) -> None:
        """Lines to highlight, or attributes as Python-Markdown writes them."""
        inside = text[1:-1].strip()
        if _RANGES.fullmatch(inside):
            self.lines.append(inside)
            return
        at = 0
        while at < len(inside):
            match = _ATTRIBUTE.match(inside, at)
            if match is None:
                raise Unclear(f"{text!r} is not understood; {_HINT}")
            if match["option"]:
                self.option(match["option"])
            elif match["id"]:
                raise Unclear(f'a block has no id; write <a id="{match["id"][1:]}"></a> above it')
            else:
                self.classes.append(match["name"])
            at = match.end()


def _pieces(text: str) -> Iterator[re.Match[str]]:
    at = 0
    while at < len(text):
        match = _PIECE.match(text, at)
        assert match is not None, "a word is whatever is not white space"
        yield match
        at = match.end()


def _numbers(ranges: str, count: int) -> list[int]:
    if not _RANGES.fullmatch(ranges):
        raise Unclear(f"{ranges!r} names no lines; write {{1,3-5}}")
    found: list[int] = []
    for each in re.split(r"\s*,\s*|\s+", re.sub(r"\s*-\s*", "-", ranges.strip())):
        first, _, last = each.partition("-")
        if int(last or first) > count:
            raise Unclear(f"line {int(last or first)} is to be highlighted, of {count}")
        found += range(int(first), int(last or first) + 1)
    return found
