"""Shows a page's tree as elements of HTML, in the forms that the theme gives its style to."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from executable_pages import components
from executable_pages.markup import Piece, element, fill
from executable_pages.tree import (
    Break,
    Cell,
    Component,
    Emphasis,
    Fence,
    Heading,
    Html,
    Image,
    InlineCode,
    Item,
    Link,
    ListBlock,
    Node,
    Paragraph,
    Quote,
    Row,
    Rule,
    TableBlock,
    Text,
    is_prose,
)

BOX = "task-list-"
_PARTICIPANT = re.compile(r"^\s*(?:participant|actor)\s+(?:\S+\s+as\s+)?(.+?)\s*$", re.MULTILINE)


def relative(target: str, path: str) -> str:
    """A link such as `/features/x#y` as MkDocs wants it: the way to a Markdown file."""
    if not target.startswith("/") or target.startswith("//"):
        return target
    place = re.split("[?#]", target, maxsplit=1)[0]
    return posixpath.relpath(file_of(place), posixpath.dirname(path) or ".") + target[len(place) :]


def file_of(place: str) -> str:
    """The file that an address of the site is of: a page, unless it names another kind of file."""
    file = place.strip("/") or "index"
    return file if re.search(r"\.[A-Za-z]\w*$", file) else f"{file}.md"


@dataclass
class Renderer:
    """Shows the tree of the page at `path`, below the directory of all pages.

    A diagram is shown as `drawing` has it, or drawn by the reader's browser where there is none.
    Below it stands what `player` has. Both get a title for those who hear the page.
    `stash` keeps HTML that is to stand as it is, and gives the text that stands for it. `code`
    shows a block of code. `mark` says what is known of a block or a table. `measured` has what
    stands for a component such as `<Matrix />`, `reference` for an `<ApiReference />`.
    """

    path: str
    stash: Callable[[str], str]
    code: Callable[[Fence], str]
    mark: Callable[[Node], Element | None] = lambda node: None
    drawing: Callable[[Fence, str], str] = lambda node, title: ""
    player: Callable[[Fence, str], str] = lambda node, title: ""
    measured: Callable[[Component], list[Node]] = lambda node: []
    reference: Callable[[Component], list[Element]] = lambda node: []
    tab_sets: int = field(default=0, init=False)
    section: str = field(default="", init=False)

    def blocks(self, nodes: Iterable[Node]) -> list[Piece]:
        """Nodes in a place for blocks; prose between blocks becomes a paragraph."""
        found: list[Piece] = []
        prose: list[Node] = []
        for node in [*nodes, None]:
            if node is not None and is_prose(node):
                prose.append(node)
                continue
            if any(map(_is_seen, prose)):
                found += [element("p", *self.prose(prose)), "\n"]
            prose = []
            if node is not None:
                for piece in self._block(node):
                    found += [piece, "\n"]
        return found

    def prose(self, nodes: Iterable[Node]) -> list[Piece]:
        """Nodes in a line of prose."""
        return [piece for node in nodes for piece in self._inline(node)]

    def mixed(self, nodes: Iterable[Node]) -> list[Piece]:
        """Nodes in a place that makes no paragraph of prose, such as an element of HTML."""
        found: list[Piece] = []
        for node in nodes:
            found += self._inline(node) if is_prose(node) else self._block(node)
        return found

    def href(self, target: str) -> str:
        """Where a link leads, as MkDocs wants it."""
        return relative(target, self.path)

    def raw(self, html: str, tag: str = "span", **attributes: str) -> Element:
        """An element around HTML that stands as it is."""
        return element(tag, self.stash(html), **attributes)

    def fence(self, node: Fence, *, titled: bool = True) -> list[Piece]:
        """A block of code or a diagram, with what is known of it."""
        if node.language == "mermaid":
            return [*self._diagram(node), *self._marked(node)]
        shown = self.stash(self.code(node if titled else _untitled(node)))
        return [shown, *self._marked(node)]

    def _diagram(self, node: Fence) -> list[Piece]:
        title = f"Diagram: {self.section}" if self.section else "Diagram"
        script = self.player(node, title)
        made: list[Piece] = [self._drawn(node, title)]
        if script:
            silent = {"hidden": "", "data_search_exclude": ""}
            made.append(self.raw(script, "div", class_="player", **silent))
        return made

    def _drawn(self, node: Fence, title: str) -> Element:
        if drawing := self.drawing(node, title):
            return self.raw(drawing, "div", class_="diagram", data_search_exclude="")
        who = _PARTICIPANT.findall(node.text)
        about = f"{title}. Participants: {', '.join(who)}." if who else f"{title}."
        source = element("pre", element("code", node.text), class_="mermaid")
        return element("div", source, class_="diagram", data_about=about)

    def _marked(self, node: Node) -> list[Piece]:
        mark = self.mark(node)
        return [] if mark is None else ["\n", element("p", mark)]

    def _block(self, node: Node) -> list[Piece]:
        match node:
            case Heading():
                self.section = node.plain_text
                made = element(f"h{node.level}", *self.prose(node.children), id=node.anchor)
                return [made]
            case Paragraph():
                if node.is_tight:
                    return self.prose(node.children)
                return [element("p", *self.prose(node.children))]
            case Quote():
                return [element("blockquote", *self.blocks(node.children))]
            case ListBlock():
                return [self._list(node)]
            case Rule():
                return [element("hr")]
            case Fence():
                return self.fence(node)
            case TableBlock():
                return [self._table(node), *self._marked(node)]
            case Html():
                return [self.stash(node.text)]
            case Component():
                return components.show(self, node)
        return []

    def _list(self, node: ListBlock) -> Element:
        made = element("ul" if node.first is None else "ol")
        if node.first is not None and node.first != 1:
            made.set("start", str(node.first))
        for item in node.children:
            assert isinstance(item, Item)
            fill(made, ["\n", self._item(item)])
        return fill(made, ["\n"])

    def _item(self, item: Item) -> Element:
        content = (self.mixed if item.is_tight else self.blocks)(item.children)
        if item.is_checked is None:
            return element("li", *content)
        box = element("input", type="checkbox", disabled="")
        if item.is_checked:
            box.set("checked", "")
        label = element(
            "label", box, element("span", class_=f"{BOX}indicator"), class_=f"{BOX}control"
        )
        return element("li", label, *content, class_=f"{BOX}item")

    def _table(self, node: TableBlock) -> Element:
        head, *rows = node.children
        parts = [element("thead", self._row(head, "th", node.alignments))]
        if rows:
            parts.append(element("tbody", *(self._row(row, "td", node.alignments) for row in rows)))
        return element("table", *parts)

    def _row(self, row: Node, tag: str, alignments: tuple[str, ...]) -> Element:
        assert isinstance(row, Row)
        made = element("tr")
        for cell, alignment in zip(row.children, alignments, strict=True):
            assert isinstance(cell, Cell)
            style = {"style": f"text-align: {alignment};"} if alignment else {}
            made.append(element(tag, *self.prose(cell.children), **style))
        return made

    def _inline(self, node: Node) -> list[Piece]:
        match node:
            case InlineCode():
                return [element("code", node.text)]
            case Text():
                return [node.text]
            case Break():
                return [element("br"), "\n"]
            case Emphasis():
                return [element(node.tag, *self.prose(node.children))]
            case Link():
                title = {"title": node.title} if node.title else {}
                made = element(
                    "a", *self.prose(node.children), href=self.href(node.target), **title
                )
                return [made]
            case Image():
                title = {"title": node.title} if node.title else {}
                return [element("img", alt=node.alt, src=self.href(node.target), **title)]
            case Html():
                return [self.stash(node.text)]
            case Component():
                return components.show_inline(self, node)
        return []


def _is_seen(node: Node) -> bool:
    return bool(node.plain_text.strip()) or any(node.every(Image)) or any(node.every(Component))


def _untitled(node: Fence) -> Fence:
    bare = Fence(node.place, language=node.language, text=node.text)
    bare.highlighted, bare.classes = node.highlighted, node.classes
    return bare
