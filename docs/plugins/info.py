"""What stands behind three backticks: a language, a title, and lines to highlight."""

import re
from dataclasses import dataclass

from markdown_it.common.utils import unescapeAll

LANGUAGES = frozenset(
    {"bash", "console", "json", "makefile", "markdown", "mdx"}
    | {"mermaid", "python", "text", "toml", "yaml"}
)
# What other sites' pages say there, and which changes nothing here.
FLAGS = frozenset({"lines", "wrap", "expandable"})
IGNORED = frozenset({"icon", "theme", "focus"})

_OPTION = re.compile(
    r"""(?:(?<=\s)|^)(?P<name>[A-Za-z]\w*)=(?P<value>"[^"]*"|'[^']*'|\{[^{}]*\}|[^\s"'{}]+)(?=\s|$)"""
)
_LINES = re.compile(r"(?:(?<=\s)|^)\{(?P<lines>[\d,\s-]+)\}(?=\s|$)")
_RANGES = re.compile(r"\s*\d+(?:\s*-\s*\d+)?(?:\s*,\s*\d+(?:\s*-\s*\d+)?)*\s*")
_HALF_OPTION = re.compile(r"\b(?:title|highlight)\s*=")


class Unclear(ValueError):
    """Words behind a language that are neither title nor options."""


@dataclass(frozen=True)
class Info:
    """A language, all that stands behind it, and what that means."""

    language: str
    rest: str
    title: str
    highlighted: tuple[int, ...]


def read(written: str, count: int) -> Info:
    """Read what stands behind the backticks of a block of `count` lines.

    Words are its title; `title="..."` is too. `{1,3-5}` and `highlight={1,3-5}` say which lines to
    highlight.

    Raises:
        Unclear: They mean nothing, or contradict each other.
    """
    language, _, rest = unescapeAll(written.strip()).partition(" ")
    rest = rest.strip()
    titles: list[str] = []
    lines: list[str] = []
    words = rest
    for match in _OPTION.finditer(rest):
        name, value = match["name"], match["value"].strip("\"'")
        if name == "title":
            titles.append(value)
        elif name == "highlight":
            lines.append(value.strip("{}"))
        elif name not in IGNORED:
            raise Unclear(f'{name}= says nothing; write title="..." or highlight={{1-2}}')
        words = words.replace(match[0], " ", 1)
    for match in _LINES.finditer(words):
        lines.append(match["lines"])
    words = _LINES.sub(" ", words)
    if half := _HALF_OPTION.search(words) or re.search(r"[{}]", words):
        raise Unclear(f'{half[0]!r} is not understood; write title="..." or {{1,3-5}}')
    if title := " ".join(word for word in words.split() if word not in FLAGS):
        titles.append(title)
    if len(titles) > 1:
        raise Unclear(f"two titles, {' and '.join(map(repr, titles))}; keep one")
    numbers = sorted({number for each in lines for number in _numbers(each, count)})
    if 0 in numbers:
        raise Unclear("line 0 is to be highlighted; count from 1")
    return Info(language, rest, titles[0] if titles else "", tuple(numbers))


def _numbers(ranges: str, count: int) -> list[int]:
    if not _RANGES.fullmatch(ranges):
        raise Unclear(f"{ranges!r} names no lines; write {{1,3-5}}")
    found: list[int] = []
    for each in ranges.split(","):
        first, _, last = each.partition("-")
        if int(last or first) > count:
            raise Unclear(f"line {int(last or first)} is to be highlighted, of {count}")
        found += range(int(first), int(last or first) + 1)
    return found
