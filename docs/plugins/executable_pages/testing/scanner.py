"""What a page holds for tests to account for: blocks, tables, links and promises.

A view of the tree that the site is made of, with the names that tests use.
"""

import functools
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from executable_pages import reader
from executable_pages.digests import of_text
from executable_pages.files import ROOT
from executable_pages.files import pages as every
from executable_pages.info import LANGUAGES
from executable_pages.tree import (
    Component,
    Document,
    Fence,
    PageError,
    TableBlock,
    name,
)
from executable_pages.tree import Heading as HeadingNode

__all__ = [
    "LANGUAGES",
    "ROOT",
    "Block",
    "Guarantee",
    "Link",
    "Page",
    "PageError",
    "Table",
    "files",
    "name",
    "pages",
    "readable",
    "scan",
]


@dataclass(frozen=True)
class Block:
    """A fenced block. Lines count from 1, offsets are of bytes; `end` is behind the content."""

    page: Path
    language: str
    info: str
    text: str
    line: int
    fence_line: int
    start: int
    end: int
    indent: str
    comment: str = ""

    @property
    def digest(self) -> str:
        """What evidence knows the block by."""
        return of_text(self.text)

    @property
    def where(self) -> str:
        """The page and the line of the fence."""
        return f"{name(self.page)}:{self.fence_line}"


@dataclass(frozen=True)
class Table:
    """A table. `comment` is the text of an MDX comment that stands right before it."""

    page: Path
    line: int
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    section: str
    comment: str
    text: str

    @property
    def where(self) -> str:
        """The page and the line of the header."""
        return f"{name(self.page)}:{self.line}"

    @property
    def digest(self) -> str:
        """What evidence knows the table by."""
        return of_text(self.text)

    def row_where(self, index: int) -> str:
        """The page and the line of a row."""
        return f"{name(self.page)}:{self.line + 2 + index}"


@dataclass(frozen=True)
class Link:
    """What leads somewhere: a link, an image, or the `href` of a component."""

    page: Path
    line: int
    target: str

    @property
    def where(self) -> str:
        """The page and the line."""
        return f"{name(self.page)}:{self.line}"


@dataclass(frozen=True)
class Guarantee:
    """A promise in prose."""

    page: Path
    line: int
    id: str
    text: str

    @property
    def where(self) -> str:
        """The page and the line of the promise."""
        return f"{name(self.page)}:{self.line}"


@dataclass
class Page:
    """All that a test has to account for on one page."""

    path: Path
    source: str
    blocks: list[Block] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    guarantees: list[Guarantee] = field(default_factory=list)
    headings: list[tuple[int, int, str]] = field(default_factory=list)
    anchors: frozenset[str] = frozenset()
    document: Document | None = None


_chosen: set[Path] = set()


def choose(paths: Collection[Path]) -> None:
    """Let `pages` read these alone: to read all takes longer than most pages' tests."""
    _chosen.update(paths)


@functools.cache
def files(docs: Path) -> list[Path]:
    """The file of every page below a directory, in the order of their names."""
    return [path for path in every(docs) if not _chosen or path in _chosen]


@functools.cache
def pages(docs: Path) -> list[Page]:
    """Every page below a directory that can be read, as it was when first asked."""
    return list(readable(files(docs)))


def readable(paths: Iterable[Path]) -> Iterator[Page]:
    """The pages that can be read: what is wrong with one is no fault of another."""
    for path in paths:
        with suppress(PageError):
            yield scan(path)


def scan(path: Path, raw: bytes | None = None) -> Page:
    """Read a page; `raw` stands for the file's bytes.

    A page that says the same is read once, and nobody changes what was read.

    Raises:
        PageError: The page is no MDX, or holds what no test could account for.
    """
    return _scanned(path, path.read_bytes() if raw is None else raw)


@functools.lru_cache(256)
def _scanned(path: Path, raw: bytes) -> Page:
    document = reader.read(path, raw)
    page = Page(path, document.source, anchors=frozenset(document.anchors), document=document)
    for node in document.walk():
        if isinstance(node, Fence):
            page.blocks.append(_block(path, node))
        elif isinstance(node, TableBlock):
            page.tables.append(_table(path, node))
        elif isinstance(node, HeadingNode):
            page.headings.append((node.level, node.place.line, node.text))
        elif isinstance(node, Component) and node.name == "Guarantee":
            page.guarantees.append(Guarantee(path, node.place.line, node.string("id"), node.text))
        page.links += [Link(path, node.place.line, target) for target in reader.targets(node)]
    return page


def _block(path: Path, fence: Fence) -> Block:
    start, end = fence.content
    line = fence.place.line
    return Block(
        page=path,
        language=fence.language,
        info=fence.info,
        text=fence.text,
        line=line + 1,
        fence_line=line,
        start=start,
        end=end,
        indent=fence.indent,
        comment=fence.comment,
    )


def _table(path: Path, table: TableBlock) -> Table:
    head, *rows = ([getattr(cell, "text", "") for cell in row.children] for row in table.children)
    return Table(
        path,
        table.place.line,
        tuple(head),
        tuple(tuple(row) for row in rows),
        table.section,
        table.comment,
        table.text,
    )
