"""The tree of a page: what stands on it, and exactly where.

Every check and the site itself look at this one tree, so what is checked is what is shown.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from executable_pages.digests import of_text
from executable_pages.files import ROOT


class PageError(ValueError):
    """A page holds what no test can account for; the message names the page and the line.

    MDX refuses it too where `is_mdx` says so, and where the `code` in its braces is no JavaScript.
    """

    is_mdx = False
    code = ""


def name(path: Path) -> str:
    """The page as a person would say it, from the project's root where it is inside."""
    path = path.resolve()
    return path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else path.name


@dataclass(frozen=True)
class Place:
    """Where a node stands: line and column count from 1, `start` and `end` are offsets of bytes."""

    line: int
    column: int
    start: int
    end: int


# What a component's attribute is given: a JavaScript literal.
Value = str | float | bool | list[Any] | dict[str, Any] | None
N = TypeVar("N", bound="Node")


@dataclass
class Node:
    """A part of a page with the parts inside it."""

    place: Place
    children: list[Node] = field(default_factory=list)

    def walk(self) -> Iterator[Node]:
        """This node and every node inside it, in the order of the page."""
        yield self
        for child in self.children:
            yield from child.walk()

    def every(self, kind: type[N]) -> Iterator[N]:
        """Every node of a kind, in the order of the page."""
        return (node for node in self.walk() if isinstance(node, kind))

    @property
    def plain_text(self) -> str:
        """What a reader reads of it, without its markup."""
        return "".join(child.plain_text for child in self.children)


@dataclass
class Document(Node):
    """A whole page. `meta` is its frontmatter; `anchors` has the places that a link can name."""

    path: Path = Path()
    source: str = ""
    meta: dict[str, Any] = field(default_factory=dict)
    anchors: set[str] = field(default_factory=set)

    @property
    def name(self) -> str:
        """The page as a person would say it."""
        return name(self.path)

    def where(self, node: Node) -> str:
        """The page, line and column of a node."""
        return f"{self.name}:{node.place.line}:{node.place.column}"


@dataclass
class Heading(Node):
    """A heading; a link names it by its anchor."""

    level: int = 1
    anchor: str = ""
    text: str = ""


@dataclass
class Paragraph(Node):
    """A paragraph of prose. One of a tight list item is shown without space around it."""

    text: str = ""
    is_tight: bool = False


@dataclass
class Quote(Node):
    """A block quote."""


@dataclass
class ListBlock(Node):
    """A list; an ordered one counts from `first`."""

    first: int | None = None


@dataclass
class Item(Node):
    """An item of a list; one of a task list is checked or not, a tight one takes no more room."""

    is_checked: bool | None = None
    is_tight: bool = False


@dataclass
class Rule(Node):
    """A line across the page."""


@dataclass
class Fence(Node):
    """A block of code.

    `info` is what stands behind the language, and `written` both together; a title, highlighted
    lines and classes are read from it. `content` has the offsets of the bytes of the code itself,
    and `indent` is what stands before each line of it.
    """

    language: str = ""
    info: str = ""
    text: str = ""
    title: str = ""
    highlighted: tuple[int, ...] = ()
    classes: tuple[str, ...] = ()
    written: str = ""
    content: tuple[int, int] = (0, 0)
    indent: str = ""
    comment: str = ""

    @property
    def digest(self) -> str:
        """What evidence knows the block by."""
        return of_text(self.text)

    @property
    def plain_text(self) -> str:
        """The code."""
        return self.text


@dataclass
class TableBlock(Node):
    """A table of rows, the first of which is its head."""

    alignments: tuple[str, ...] = ()
    text: str = ""
    section: str = ""
    comment: str = ""

    @property
    def digest(self) -> str:
        """What evidence knows the table by."""
        return of_text(self.text)


@dataclass
class Row(Node):
    """A row of a table."""


@dataclass
class Cell(Node):
    """A cell of a table. `text` is what is written in it, with `|` for each escaped one."""

    text: str = ""


@dataclass
class Component(Node):
    """An element such as `<Note>`. `is_block` tells one between paragraphs from one in prose."""

    name: str = ""
    attributes: dict[str, Value] = field(default_factory=dict)
    is_block: bool = True
    text: str = ""

    def string(self, attribute: str) -> str:
        """An attribute as text; empty when it is not given."""
        value = self.attributes.get(attribute)
        if value is True:
            return "true"
        return "" if value is None or value is False else str(value)

    def strings(self, attribute: str) -> list[str]:
        """An attribute as several texts; none when it is not given."""
        value = self.attributes.get(attribute)
        return (
            [str(each) for each in value]
            if isinstance(value, list)
            else [*filter(None, [self.string(attribute)])]
        )

    @property
    def prose(self) -> list[Node] | None:
        """What it holds, when that is prose or one paragraph of it; None for blocks."""
        kept = [child for child in self.children if not isinstance(child, Comment)]
        if len(kept) == 1 and isinstance(kept[0], Paragraph):
            return kept[0].children
        return self.children if all(map(is_prose, self.children)) else None


@dataclass
class Comment(Node):
    """A comment `{/* ... */}`, which nobody is shown."""

    text: str = ""


@dataclass
class Text(Node):
    """Characters of prose."""

    text: str = ""

    @property
    def plain_text(self) -> str:
        """The characters."""
        return self.text


@dataclass
class InlineCode(Text):
    """Code in a line of prose."""


@dataclass
class Break(Node):
    """A line break that the page asks for."""

    @property
    def plain_text(self) -> str:
        """A break parts words."""
        return "\n"


@dataclass
class Emphasis(Node):
    """Emphasized prose; `tag` is the element that shows how: em, strong or del."""

    tag: str = "em"


@dataclass
class Link(Node):
    """A link; one that was written as a bare address is literal."""

    target: str = ""
    title: str = ""
    is_literal: bool = False


@dataclass
class Image(Node):
    """An image."""

    target: str = ""
    title: str = ""
    alt: str = ""


@dataclass
class Html(Node):
    """HTML that a renderer made, such as a drawing; no page can hold it."""

    text: str = ""


def is_prose(node: Node) -> bool:
    """Whether a node is part of a line of prose."""
    if isinstance(node, Component):
        return not node.is_block
    return isinstance(node, Text | Break | Emphasis | Link | Image | Comment)
