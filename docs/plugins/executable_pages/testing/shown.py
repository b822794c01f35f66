"""Holds what a page shows against what was read of it, in order and text.

Two accounts of a page are written as events: one from its HTML, which knows nothing of the page
language, and one from its tree, which knows nothing of HTML. What is checked is shown, and what is
shown is checked, when they are equal.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from xml.etree.ElementTree import Element

from bs4 import BeautifulSoup, Tag
from bs4.element import (
    NavigableString,
    PageElement,
    RubyParenthesisString,
    RubyTextString,
)
from markdown import Markdown
from markdown.extensions.toc import TocExtension
from pymdownx.highlight import HighlightExtension

from executable_pages.digests import of_text
from executable_pages.elements import OWN
from executable_pages.evidence import Evidence
from executable_pages.extension import PageExtension
from executable_pages.html import Renderer
from executable_pages.marks import Marker
from executable_pages.testing.events import Event, leads, tidy
from executable_pages.tree import Document, Node

_TEXTS = (NavigableString, RubyTextString, RubyParenthesisString)
_SILENT = ("svg", "input", "script")
_INLINE = ("em", "strong", "del")


def render(document: Document, path: str = "page.md") -> str:
    """The HTML of a page, as the site shows it before MkDocs puts links right."""
    marker = Marker(Evidence(), document.name, is_current=True)

    def mark(node: Node) -> Element | None:
        found = marker.mark(node)
        return found.shown(node.place.line) if found else None

    def prepare(renderer: Renderer) -> None:
        renderer.path = path
        renderer.mark = mark

    extension = PageExtension()
    extension.show(document, prepare)
    toc, highlight = TocExtension(permalink=True), HighlightExtension(anchor_linenums=True)
    html: str = Markdown(extensions=[toc, highlight, extension]).convert(path)
    return html


def shown(html: str, path: str) -> list[Event]:
    """What a page at `path` below the site's root shows."""
    # Beautiful Soup would fold spaces that stand alone in code.
    soup = BeautifulSoup(html, "html.parser", preserve_whitespace_tags={"code", "pre"})
    root = soup.select_one(f"article:not([{OWN}])[class~=md-content__inner]") or soup
    # The theme puts the title on top of a page that has no such heading, links to headings, and
    # buttons beside the title.
    for stray in root.select(
        f"a.headerlink:not([{OWN}]), a.md-content__button:not([{OWN}]), h1:not([id])"
    ):
        stray.decompose()
    return tidy(_Shown(path).children(root))


class _Shown:
    def __init__(self, path: str) -> None:
        self.path = path

    def children(self, tag: Tag) -> Iterator[Event]:
        for child in tag.children:
            yield from self.event(child)

    def event(self, node: PageElement) -> Iterator[Event]:
        if type(node) in _TEXTS:
            yield ("text", str(node))
        if not isinstance(node, Tag) or node.name in _SILENT:
            return
        # A class that the page gave is the page's.
        classes = [] if node.has_attr(OWN) else node.get_attribute_list("class")
        for name, account in _BY_CLASS.items():
            if name in classes:
                yield from account(self, node)
                return
        account = _BY_NAME.get(node.name, _Shown.other)
        yield from account(self, node)

    def inside(self, name: str, node: Tag, *about: str) -> Iterator[Event]:
        yield (name, *about)
        yield from self.children(node)
        yield (f"/{name}",)

    def other(self, node: Tag) -> Iterator[Event]:
        yield from self.inside("element", node, node.name)

    def code(self, node: Tag) -> Iterator[Event]:
        caption = node.select_one(".filename")
        classes = node.get_attribute_list("class")
        language = next((each for each in classes if str(each).startswith("language-")), "")
        lines = [each.get_text() for each in node.select(".hll")]
        text = node.select_one("pre > code")
        assert text is not None
        yield (
            "code",
            str(language).removeprefix("language-"),
            caption.get_text() if caption else "",
            text.get_text(),
            *lines,
        )

    def diagram(self, node: Tag) -> Iterator[Event]:
        yield ("diagram", of_text(node.get_text()))

    def drawn(self, node: Tag) -> Iterator[Event]:
        # What a drawing says is held against the source with the same digest.
        if drawing := node.select_one(":scope > svg"):
            yield ("diagram", str(drawing["id"]).removeprefix("diagram-"))
        else:
            yield from self.children(node)

    def mark(self, node: Tag) -> Iterator[Event]:
        yield ("mark",)

    def silent(self, node: Tag) -> Iterator[Event]:
        yield from ()

    def promise(self, node: Tag) -> Iterator[Event]:
        yield ("promise", str(node["id"]))

    def label(self, node: Tag) -> Iterator[Event]:
        yield from self.inside("label", node)

    def box(self, node: Tag) -> Iterator[Event]:
        yield from self.inside("box", node, *node.get_attribute_list("class")[1:])

    def details(self, node: Tag) -> Iterator[Event]:
        yield from self.inside("details", node, "open" if node.has_attr("open") else "")

    def tabs(self, node: Tag) -> Iterator[Event]:
        labels = node.select(":scope > .tabbed-labels > label")
        blocks = node.select(":scope > .tabbed-content > .tabbed-block")
        for label, block in zip(labels, blocks, strict=True):
            yield ("tab",)
            yield from self.label(label)
            yield from self.children(block)
            yield ("/tab",)

    def reference(self, node: Tag) -> Iterator[Event]:
        yield ("reference",)

    def block(self, node: Tag) -> Iterator[Event]:
        yield from self.inside("div", node, " ".join(node.get_attribute_list("class")))

    def heading(self, node: Tag) -> Iterator[Event]:
        yield from self.inside("heading", node, node.name[1], str(node.get("id")))

    def paragraph(self, node: Tag) -> Iterator[Event]:
        events = list(self.children(node))
        if ("mark",) in events:
            yield ("mark",)
        elif any(event[0] != "text" or event[1].strip() for event in events):
            yield ("p",)
            yield from events
            yield ("/p",)

    def numbered(self, node: Tag) -> Iterator[Event]:
        yield from self.inside("list", node, str(node.get("start", "1")))

    def bullets(self, node: Tag) -> Iterator[Event]:
        yield from self.inside("list", node, "")

    def item(self, node: Tag) -> Iterator[Event]:
        box = node.select_one(":scope > label > input")
        if box is None:
            yield from self.inside("item", node, "")
            return
        yield ("item", "checked" if box.has_attr("checked") else "open")
        for child in node.children:
            if not (isinstance(child, Tag) and child.name == "label"):
                yield from self.event(child)
        yield ("/item",)

    def table(self, node: Tag) -> Iterator[Event]:
        yield ("table",)
        for row in node.select(":scope > thead > tr, :scope > tbody > tr"):
            yield ("row",)
            for cell in row.find_all(["th", "td"], recursive=False):
                yield from self.inside("cell", cell, str(cell.get("style", "")))
        yield ("/table",)

    def link(self, node: Tag) -> Iterator[Event]:
        if node.has_attr("href"):
            yield from self.inside("link", node, leads(str(node["href"]), self.path))
        else:
            yield from self.children(node)

    def image(self, node: Tag) -> Iterator[Event]:
        yield ("image", leads(str(node["src"]), self.path), str(node.get("alt", "")))

    def inline_code(self, node: Tag) -> Iterator[Event]:
        yield ("inline", node.get_text())

    def same(self, node: Tag) -> Iterator[Event]:
        yield from self.inside(node.name, node)

    def alone(self, node: Tag) -> Iterator[Event]:
        yield (node.name,)


Account = Callable[[_Shown, Tag], Iterator[Event]]
_BY_CLASS: dict[str, Account] = {
    "highlight": _Shown.code,
    "mermaid": _Shown.diagram,
    "diagram": _Shown.drawn,
    "md-typeset__scrollwrap": _Shown.children,
    "md-typeset__table": _Shown.children,
    "wide": _Shown.children,
    # What a test recorded is measured, and stated by no page.
    "player": _Shown.silent,
    "mark": _Shown.mark,
    "twemoji": _Shown.silent,
    "guarantee": _Shown.promise,
    "admonition": _Shown.box,
    "admonition-title": _Shown.label,
    "tabbed-set": _Shown.tabs,
    "doc-object": _Shown.reference,
    "grid": _Shown.block,
    "proof": _Shown.block,
    "field": _Shown.block,
    "update": _Shown.block,
}
_BY_NAME: dict[str, Account] = {
    **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6"), _Shown.heading),
    **dict.fromkeys(_INLINE, _Shown.same),
    **dict.fromkeys(("br", "hr"), _Shown.alone),
    "a": _Shown.link,
    "blockquote": _Shown.same,
    "code": _Shown.inline_code,
    "details": _Shown.details,
    "img": _Shown.image,
    "li": _Shown.item,
    "ol": _Shown.numbered,
    "p": _Shown.paragraph,
    "summary": _Shown.label,
    "table": _Shown.table,
    "ul": _Shown.bullets,
}


def page_path(page: Path, docs: Path) -> str:
    """Where a page of the built site stands: `/features/x/` for `features/x.md`."""
    path = page.relative_to(docs).with_suffix("").as_posix()
    return "index.html" if path == "index" else f"{path}/index.html"
