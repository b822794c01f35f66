"""Finds every block, table, link and promise of a page, with its exact place.

pytest-examples finds fences with one regular expression, which loses the block after an
empty or a four-backtick one without a word. This scanner is CommonMark's own parser.
"""

import functools
import re
from dataclasses import dataclass, field
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

from docs.plugins.digests import of_text

ROOT = Path(__file__).resolve().parents[2]
LANGUAGES = frozenset(
    {"bash", "console", "json", "makefile", "markdown", "mdx"}
    | {"mermaid", "python", "text", "toml", "yaml"}
)

_FRONTMATTER = re.compile(r"\A---\r?\n.*?\r?\n---\r?\n", re.DOTALL)
_FENCE = re.compile(r"^(?P<indent>[ \t>]*(?:[-*+] +|\d+[.)] +)?[ \t>]*)(?P<mark>`{3,}|~{3,})")
_GUARANTEE = re.compile(r"<Guarantee\b(?P<attributes>[^>]*)>(?P<text>.*?)</Guarantee>", re.DOTALL)
_COMMENT = re.compile(r"^\{/\*\s*(?P<text>.*?)\s*\*/\}$")
_INLINE_CODE = re.compile(r"(?P<mark>`+)(?!`).*?(?<!`)(?P=mark)(?!`)", re.DOTALL)


class PageError(ValueError):
    """A page holds what no test can account for; the message names `page:line`."""


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
    """A link or an image in prose."""

    page: Path
    line: int
    target: str

    @property
    def where(self) -> str:
        """The page and the line of the paragraph's start."""
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


def name(path: Path) -> str:
    """The page as a person would say it, from the project's root where it is inside."""
    path = path.resolve()
    return path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else path.name


@functools.cache
def pages(docs: Path) -> list[Page]:
    """Every page below a directory, in the order of their names, as it was when first asked."""
    return [scan(path) for path in sorted(docs.rglob("*.md"))]


def scan(path: Path) -> Page:
    """Read a page.

    Raises:
        PageError: A block has no language, an unknown one or no end, or code is made by
            indentation; a promise has no id.
    """
    raw = path.read_bytes()
    source = raw.decode("utf-8")
    offsets = _offsets(raw)
    # The parser counts lines; blank ones in place of the frontmatter keep the count.
    body = _FRONTMATTER.sub(lambda match: "\n" * match[0].count("\n"), source)
    lines = body.splitlines()
    page = Page(path, source)
    section = ""
    for index, token in enumerate(tokens := MarkdownIt("commonmark").enable("table").parse(body)):
        first = token.map[0] if token.map else 0
        if token.type == "heading_open":
            section = tokens[index + 1].content
            page.headings.append((int(token.tag[1]), first + 1, section))
        elif token.type == "fence":
            page.blocks.append(_block(page, token, lines, raw, offsets))
        elif token.type == "code_block":
            raise PageError(f"{name(path)}:{first + 1}: indented code; use a fence with a language")
        elif token.type == "table_open":
            page.tables.append(_table(page, tokens[index:], lines, section))
        elif token.type == "inline":
            page.links += [
                Link(path, first + 1, str(child.attrGet("href") or child.attrGet("src")))
                for child in token.children or []
                if child.type in ("link_open", "image")
            ]
    page.guarantees = list(_guarantees(path, body, page.blocks))
    return page


def _offsets(raw: bytes) -> list[int]:
    offsets = [0]
    for line in raw.splitlines(keepends=True):
        offsets.append(offsets[-1] + len(line))
    return offsets


def _block(page: Page, token: Token, lines: list[str], raw: bytes, offsets: list[int]) -> Block:
    assert token.map is not None
    first, after = token.map
    where = f"{name(page.path)}:{first + 1}"
    language, _, info = token.info.strip().partition(" ")
    if not language:
        raise PageError(f"{where}: a block without a language; write one of {_known()}")
    if language not in LANGUAGES:
        raise PageError(f"{where}: unknown language {language!r}; write one of {_known()}")
    opening = _FENCE.match(lines[first])
    closing = lines[after - 1].strip().lstrip("> ") if after - 1 > first else ""
    if opening is None or set(closing) != {token.markup[0]} or len(closing) < len(token.markup):
        raise PageError(f"{where}: a block without its closing fence")
    indent = re.sub(r"[^ \t>]", " ", opening["indent"])
    return Block(
        page=page.path,
        language=language,
        info=info.strip(),
        text=token.content,
        line=first + 2,
        fence_line=first + 1,
        start=offsets[first + 1],
        end=offsets[after - 1],
        indent=indent,
        comment=_comment_before(lines, first),
    )


def _known() -> str:
    return ", ".join(sorted(LANGUAGES))


def _comment_before(lines: list[str], first: int) -> str:
    """The MDX comment in the last lines before `first` that are not blank."""
    for line in reversed(lines[max(0, first - 3) : first]):
        if line.strip():
            match = _COMMENT.match(line.strip())
            return match["text"] if match else ""
    return ""


def _table(page: Page, tokens: list[Token], lines: list[str], section: str) -> Table:
    assert tokens[0].map is not None
    first, after = tokens[0].map
    rows: list[list[str]] = []
    for index, token in enumerate(tokens):
        if token.type == "table_close":
            break
        if token.type == "tr_open":
            rows.append([])
        elif token.type in ("th_open", "td_open"):
            rows[-1].append(tokens[index + 1].content.replace("\\|", "|"))
    return Table(
        page.path,
        first + 1,
        tuple(rows[0]),
        tuple(tuple(row) for row in rows[1:]),
        section,
        _comment_before(lines, first),
        "\n".join(lines[first:after]) + "\n",
    )


def _guarantees(path: Path, body: str, blocks: list[Block]) -> list[Guarantee]:
    # Code is blanked out, character by character, so that every offset stays true.
    lines = body.split("\n")
    for block in blocks:
        last = block.fence_line + block.text.count("\n") + 1
        for index in range(block.fence_line - 1, last):
            lines[index] = " " * len(lines[index])
    prose = _INLINE_CODE.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), "\n".join(lines))
    found = []
    for match in _GUARANTEE.finditer(prose):
        line = prose.count("\n", 0, match.start()) + 1
        identity = re.search(r'\bid="([a-z0-9-]+)"', match["attributes"])
        if identity is None:
            raise PageError(f'{name(path)}:{line}: a Guarantee without id="..."')
        text = " ".join(body[match.start("text") : match.end("text")].split())
        found.append(Guarantee(path, line, identity[1], text))
    return found
