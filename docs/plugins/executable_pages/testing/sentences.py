"""Reads the sentences of a page from its tree, and says which of them its structure explains.

What is shown as prose is read: paragraphs, items, cells, cards and notes. Titles, labels in bold at
the start of a paragraph, code and frontmatter say nothing of their own; a label with a universal
word is read all the same.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from executable_pages.digests import of_text
from executable_pages.reader import is_heading, targets
from executable_pages.registry import MEASURED
from executable_pages.testing.scanner import Page, name
from executable_pages.testing.tables import PROSE
from executable_pages.tree import (
    Break,
    Cell,
    Comment,
    Component,
    Emphasis,
    Fence,
    Image,
    InlineCode,
    Link,
    ListBlock,
    Node,
    Paragraph,
    TableBlock,
    Text,
)

# Whoever says one of these speaks of a whole domain.
UNIVERSAL = re.compile(
    r"\b(?:each|every(?:body|one|thing|where)?|any(?:body|one|thing|where)?|all|never|always|"
    r"nothing|nobody|no one|no|none|neither|nowhere|only|(?:what|who|when|where|which)ever)\b",
    re.IGNORECASE,
)
# In these, the same words speak of no domain.
_IDIOMS = re.compile(
    r"\b(?:each other|all the same|at all|after all|any ?more|no longer|above all)\b", re.IGNORECASE
)
_ABBREVIATIONS = re.compile(r"(?:^|[\s(])(?:e\.g|i\.e|cf|vs|approx|incl)\.$")
_END = re.compile(r"[.!?]+[\"'\u201d\u2019)\]]*(?=\s+[\"'\u201c\u2018(\[`]*[A-Z0-9`]|\s*$)")
_WORD = re.compile(r"[^\W\d_][\w'\u2019-]*")
_ADVICE = re.compile(r"Advice[:,] |Use this when ")
_ADVISED = re.compile(r"^Advice[:,] |\badvice:$")
_DO = "Do"
# What stands for a number that is measured.
_NUMBER = "\N{NUMBER SIGN}"
_FEWEST_WORDS = 3


@dataclass(frozen=True)
class Sentence:
    """A sentence as a reader reads it, code in backticks.

    `held` is the kind that the structure of the page gives it, empty when it gives none.
    """

    page: Path
    line: int
    text: str
    held: str = ""

    @property
    def digest(self) -> str:
        """What the ledger knows it by."""
        return of_text(self.text)[:10]

    @property
    def where(self) -> str:
        """The page and the line."""
        return f"{name(self.page)}:{self.line}"

    @property
    def universal(self) -> list[str]:
        """The words that make it a claim about a whole domain."""
        return UNIVERSAL.findall(_without(_IDIOMS, _without_code(self.text)))


def sentences(page: Page, leads: Mapping[str, str]) -> list[Sentence]:
    """The sentences of a page, in its order.

    `leads` has the kind of a sentence by the beginning of an address that it links.
    """
    assert page.document is not None
    return list(_Reader(page.path, leads).blocks(page.document.children, _Beside()))


@dataclass(frozen=True)
class _Beside:
    """What stands around prose: `held` is the kind that it gives to each sentence in it."""

    held: str = ""
    before: Node | None = None
    after: Node | None = None


@dataclass
class _Line:
    """Prose as text, with what each character comes from."""

    text: str = ""
    plain: str = ""
    lines: list[int] = field(default_factory=list)
    links: list[tuple[int, int, str]] = field(default_factory=list)
    promised: list[tuple[int, int]] = field(default_factory=list)
    label: int = 0

    def add(self, shown: str, line: int, *, is_code: bool = False) -> None:
        for character in shown:
            self.lines.append(line)
            line += character == "\n"
        self.text += shown
        self.plain += re.sub(r"[^`]", "x", shown) if is_code else shown

    def take(self, node: Node) -> None:
        start = len(self.text)
        match node:
            case InlineCode():
                self.add(f"`{node.text}`", node.place.line, is_code=True)
            case Text():
                self.add(node.text, node.place.line)
            case Break():
                self.add("\n", node.place.line)
            case Comment() | Image():
                return
            case Component() if node.name in MEASURED:
                self.add(_NUMBER, node.place.line)
            case _:
                for child in node.children:
                    self.take(child)
        for target in targets(node):
            self.links.append((start, len(self.text), target))
        if isinstance(node, Component) and node.name == "Guarantee":
            self.promised.append((start, len(self.text)))


class _Reader:
    def __init__(self, path: Path, leads: Mapping[str, str]) -> None:
        self._path, self._leads = path, leads

    def blocks(self, nodes: list[Node], beside: _Beside) -> Iterator[Sentence]:
        """Prose between blocks is a paragraph."""
        shown = [node for node in nodes if not isinstance(node, Comment)]
        prose: list[Node] = []
        for number, node in enumerate(shown):
            if _is_prose(node):
                prose.append(node)
                continue
            yield from self.prose(prose, beside)
            prose = []
            before = shown[number - 1] if number else None
            after = shown[number + 1] if number + 1 < len(shown) else None
            yield from self.node(node, _Beside(beside.held, before, after))
        yield from self.prose(prose, beside)

    def node(self, node: Node, beside: _Beside) -> Iterator[Sentence]:
        match node:
            case Paragraph():
                yield from self.prose(node.children, beside)
            case TableBlock():
                is_checked = not node.comment.startswith(PROSE)
                held = "table" if is_checked else beside.held
                for row in node.children[1:]:
                    for cell in row.children:
                        assert isinstance(cell, Cell)
                        yield from self.prose(cell.children, _Beside(held), least=_FEWEST_WORDS)
            case Component() if node.name not in MEASURED and not is_heading(node):
                yield from self.blocks(node.children, _inside(node, beside))
            case Component() | Fence():
                return
            case ListBlock() if isinstance(beside.before, Paragraph) and _ADVISED.search(
                beside.before.plain_text
            ):
                yield from self.blocks(node.children, _Beside("advice"))
            case _ if not is_heading(node):
                yield from self.blocks(node.children, beside)

    def prose(self, nodes: list[Node], beside: _Beside, least: int = 1) -> Iterator[Sentence]:
        line = _Line()
        for node in nodes:
            line.take(node)
        label = _label(nodes)
        if label and UNIVERSAL.search(label):
            label = ""
        start = len(label)
        is_advice = label.strip(" .:") == _DO
        for end in _ends(line.plain, start):
            begin = start + len(line.text[start:end]) - len(line.text[start:end].lstrip(" \n:"))
            start = end
            text = " ".join(line.text[begin:end].split())
            if len(_WORD.findall(_without_code(text))) < least:
                continue
            held = "advice" if is_advice else self._held(line, begin, end, text, beside)
            yield Sentence(self._path, line.lines[begin], text, held)

    def _held(self, line: _Line, begin: int, end: int, text: str, beside: _Beside) -> str:
        if any(begin < stop and start < end for start, stop in line.promised):
            return "guarantee"
        if beside.held:
            return beside.held
        if _ADVICE.match(text):
            return "advice"
        if _NUMBER in line.plain[begin:end]:
            return "table"
        links = [each for each in line.links if begin <= each[0] < end]
        for _, _, target in links:
            for beginning, kind in self._leads.items():
                if target.startswith(beginning):
                    return kind
        if links and links[0][0] == begin and links[0][2].startswith(("/", "#")):
            # What a sentence that begins with another page says is what that page holds.
            return "way"
        if text.endswith("?"):
            return "way"
        linked = sum(len(_WORD.findall(line.text[start:stop])) for start, stop, _ in links)
        if linked * 2 >= len(_WORD.findall(text)):
            return "way"
        if text.endswith(":") and isinstance(beside.after, ListBlock):
            return "way"
        return "block" if _is_block(beside.after) or _is_block(beside.before) else ""


def _inside(component: Component, beside: _Beside) -> _Beside:
    if component.name == "Guarantee":
        return _Beside("guarantee")
    return _Beside("way" if component.string("href") else beside.held, beside.before, beside.after)


def _is_prose(node: Node) -> bool:
    if isinstance(node, Component):
        return not node.is_block
    return isinstance(node, Text | Break | Emphasis | Link | Image)


def _is_block(node: Node | None) -> bool:
    if isinstance(node, Component):
        return node.name in (*MEASURED, "CodeGroup", "ApiReference")
    return isinstance(node, Fence | TableBlock)


def _label(nodes: list[Node]) -> str:
    """The words in bold with which prose begins, when a full stop or a colon ends them."""
    first = next((node for node in nodes if node.plain_text.strip()), None)
    if not isinstance(first, Emphasis) or first.tag != "strong":
        return ""
    line = _Line()
    line.take(first)
    return line.text if line.text.endswith((".", ":")) else ""


def _ends(plain: str, start: int) -> Iterator[int]:
    for match in _END.finditer(plain, start):
        if not _ABBREVIATIONS.search(plain, start, match.end()):
            yield match.end()
            start = match.end()
    if plain[start:].strip():
        yield len(plain)


def _without_code(text: str) -> str:
    return re.sub(r"`[^`]*`", "`x`", text)


def _without(pattern: re.Pattern[str], text: str) -> str:
    return pattern.sub("", text)
