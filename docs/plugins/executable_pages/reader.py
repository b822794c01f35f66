"""Reads a page into its tree: CommonMark and GitHub's tables, with the components of MDX.

Whatever MDX would refuse is refused, and so is what would be shown otherwise than it was checked.
An error names page, line and column, and says what to write.
"""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from markdown_it.token import Token

from executable_pages import builder, info
from executable_pages.anchors import slug, unique
from executable_pages.literals import Mistake
from executable_pages.prose import refuse
from executable_pages.rules import parser
from executable_pages.source import Source
from executable_pages.tree import Component, Document, Heading, Image, Link, Node, PageError, Place

_PARSER = parser()


def read(
    path: Path,
    raw: bytes | None = None,
    *,
    is_lenient: bool = False,
    refusals: list[PageError] | None = None,
) -> Document:
    """Read a page.

    `raw` stands for the file's bytes. A lenient reading lets blocks have any language or none,
    and links any address, for pages that were not written to be tested. What a page is refused for
    is raised, or collected in `refusals`, and then its blocks and links are read all the same.

    Raises:
        PageError: The page is no MDX, or holds what could not be checked.
    """
    source = Source(path, path.read_bytes() if raw is None else raw, refusals)
    meta, skipped = source.frontmatter()
    # The parser counts lines; blank ones in place of the frontmatter keep the count.
    body = "\n" * skipped + source.text[source.start(skipped) :]
    shift = source.start(skipped) - skipped
    document = Document(
        Place(1, 1, 0, source.byte(len(source.text))), path=path, source=source.text, meta=meta
    )
    languages = None if is_lenient else info.LANGUAGES
    notes: list[Mistake] = []
    env: dict[str, Any] = {} if refusals is None else {"notes": notes}
    try:
        try:
            tokens: list[Token] = _PARSER.parse(body, env)
        except Mistake as error:
            notes.append(error)
        refuse(source, notes, lambda at: at + shift)
        builder.Builder(source, _PARSER, shift, languages, env).fill(document, tokens)
    except RecursionError:
        raise source.error(
            0, "something on this page is nested hundreds of times; unfold it"
        ) from None
    _name_anchors(document, source)
    if not is_lenient:
        _hold_addresses(document, source)
    return document


def _name_anchors(document: Document, source: Source) -> None:
    """Give each heading its anchor; what names its own comes first."""
    for named in document.every(Component):
        is_place = named.name == "a" and not named.string("id")
        if own := named.string("name" if is_place else "id"):
            if own in document.anchors:
                at = source.start(named.place.line - 1) + named.place.column - 1
                source.refuse(at, f"there is another id={own!r}; take a new one")
            document.anchors.add(own)
    for node in document.walk():
        if isinstance(node, Heading):
            node.anchor = unique(slug(node.plain_text), document.anchors)
        elif is_heading(node) and isinstance(node, Component) and not node.string("id"):
            node.attributes["id"] = unique(slug(node.plain_text), document.anchors)


def _hold_addresses(document: Document, source: Source) -> None:
    """Hold that every address can be taken apart, as MkDocs does."""
    for node in document.walk():
        for target in targets(node):
            try:
                urlsplit(target)
            except ValueError as error:
                at = source.start(node.place.line - 1) + node.place.column - 1
                source.refuse(at, f"no address, {target}: {error}")


def targets(node: Node) -> list[str]:
    """Where a node leads: a link, an image, or the `href` and `src` of a component."""
    if isinstance(node, Link | Image):
        return [node.target]
    if isinstance(node, Component):
        return [each for each in (node.string("href"), node.string("src")) if each]
    return []


def is_heading(node: Node) -> bool:
    """Whether a node is a heading, with the marks of Markdown or as an element."""
    return isinstance(node, Heading) or (
        isinstance(node, Component) and len(node.name) == 2 and node.name in "h1 h2 h3 h4 h5 h6"
    )
