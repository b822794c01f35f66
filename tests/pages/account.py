"""The account of a page's tree: what has to be shown, as events in the order of the page."""

from collections.abc import Callable, Iterator

from docs.plugins.marks import ADVICE
from docs.plugins.registry import ELEMENTS, IN_PROSE, MEASURED
from docs.plugins.tree import (
    Break,
    Cell,
    Comment,
    Component,
    Document,
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
    Rule,
    TableBlock,
    Text,
)
from tests.pages.events import Event, tidy
from tests.pages.forms import Forms


def account(
    document: Document, path: str, measured: Callable[[Component], list[Node]]
) -> list[Event]:
    """What a page at `path` has to show; `measured` has what stands for `<Matrix />`, say."""
    return tidy(_Account(path, measured).blocks(document.children))


class _Account(Forms):
    def __init__(self, path: str, measured: Callable[[Component], list[Node]]) -> None:
        self.path = path
        self._measured = measured
        self._is_marked = True

    def blocks(self, nodes: list[Node]) -> Iterator[Event]:
        """Prose between blocks is a paragraph."""
        prose: list[Node] = []
        for node in nodes:
            if _is_block(node):
                yield from self.paragraph(prose)
                prose = []
                is_alone = isinstance(node, Component) and node.name in IN_PROSE
                yield from self.paragraph([node]) if is_alone else self.node(node)
            else:
                prose.append(node)
        yield from self.paragraph(prose)

    def paragraph(self, nodes: list[Node]) -> Iterator[Event]:
        events = [event for node in nodes for event in self.node(node)]
        if any(event[0] != "text" or event[1].strip() for event in events):
            yield ("p",)
            yield from events
            yield ("/p",)

    def each(self, nodes: list[Node]) -> Iterator[Event]:
        for node in nodes:
            yield from self.node(node)

    def marked(self, node: Fence | TableBlock) -> Iterator[Event]:
        if self._is_marked and not node.comment.startswith(ADVICE):
            yield ("mark",)

    def node(self, node: Node) -> Iterator[Event]:
        match node:
            case InlineCode():
                yield ("inline", node.text)
            case Text():
                yield ("text", node.text)
            case Break():
                yield ("br",)
            case Rule():
                yield ("hr",)
            case Image():
                yield ("image", self.led(node.target), node.alt)
            case Link():
                yield from self.inside("link", self.each(node.children), self.led(node.target))
            case Emphasis():
                yield from self.inside(node.tag, self.each(node.children))
            case Heading():
                events = self.each(node.children)
                yield from self.inside("heading", events, str(node.level), node.anchor)
            case Paragraph():
                events = self.each(node.children)
                yield from events if node.is_tight else self.inside("p", events)
            case Quote():
                yield from self.inside("blockquote", self.blocks(node.children))
            case ListBlock():
                first = "" if node.first is None else str(node.first)
                yield from self.inside("list", self.each(node.children), first)
            case Item():
                state = {None: "", True: "checked", False: "open"}[node.is_checked]
                inside = (self.each if node.is_tight else self.blocks)(node.children)
                yield from self.inside("item", inside, state)
            case Fence():
                yield from self.fence(node, node.title)
            case TableBlock():
                yield from self.table(node)
                yield from self.marked(node)
            case Component():
                yield from self.component(node)
            # A drawing of numbers that stand beside it has no text.
            case Comment() | Html():
                return
            case _:
                raise AssertionError(f"nothing says how {type(node).__name__} is shown")

    def fence(self, node: Fence, title: str) -> Iterator[Event]:
        if node.language == "mermaid":
            yield ("diagram", node.digest)
            yield from self.marked(node)
            return
        lines = node.text.splitlines(keepends=True)
        highlighted = [lines[number - 1] for number in node.highlighted]
        # An empty block is shown as an empty line.
        yield ("code", node.language, title, node.text or "\n", *highlighted)
        yield from self.marked(node)

    def table(self, node: TableBlock) -> Iterator[Event]:
        yield ("table",)
        for row in node.children:
            yield ("row",)
            for cell, alignment in zip(row.children, node.alignments, strict=True):
                assert isinstance(cell, Cell)
                style = f"text-align: {alignment};" if alignment else ""
                yield from self.inside("cell", self.each(cell.children), style)
        yield ("/table",)

    def component(self, node: Component) -> Iterator[Event]:
        name = node.name
        if name in MEASURED:
            before, self._is_marked = self._is_marked, False
            yield from self.each(self._measured(node))
            self._is_marked = before
        elif name == "ApiReference":
            yield ("reference",)
        elif name in ELEMENTS:
            yield from self.element(node)
        elif not name and not node.is_block:
            yield from self.each(node.children)
        elif name in ("", "AccordionGroup", "Step", "Tab"):
            yield from self.blocks(node.children)
        elif name == "Guarantee":
            yield from self.promise(node)
        elif name == "Badge":
            yield from self.inside("element", self.each(node.children), "span")
        elif name == "Tooltip":
            shown = self.inside("element", self.each(node.children), "abbr")
            href = node.string("href")
            yield from self.inside("link", shown, self.led(href)) if href else shown
        elif name != "Icon":
            yield from self.form(node)

    def element(self, node: Component) -> Iterator[Event]:
        inside = self.each(node.children)
        match node.name:
            case "br" | "hr":
                yield (node.name,)
            case "img":
                yield ("image", self.led(node.string("src")), node.string("alt"))
            case "a":
                yield from self.inside("link", inside, self.led(node.string("href")))
            case "code":
                yield ("inline", node.plain_text)
            case "h1" | "h2" | "h3" | "h4" | "h5" | "h6":
                yield from self.inside("heading", inside, node.name[1], node.string("id"))
            case "ul" | "ol":
                yield from self.inside("list", inside, "" if node.name == "ul" else "1")
            case "li":
                yield from self.inside("item", inside, "")
            case "summary":
                yield from self.inside("label", inside)
            case "details":
                yield from self.inside("details", inside, "")
            case "em" | "strong" | "del" | "p" | "blockquote":
                yield from self.inside(node.name, inside)
            case "svg" | "path":
                return
            case _:
                yield from self.inside("element", inside, node.name)

    def promise(self, node: Component) -> Iterator[Event]:
        nodes = [
            child
            for each in node.children
            for child in (each.children if isinstance(each, Paragraph) else [each])
        ]
        yield from self.each(nodes)
        yield ("text", " ")
        yield ("promise", node.string("id"))


def _is_block(node: Node) -> bool:
    if isinstance(node, Component):
        return node.is_block
    return not isinstance(node, Text | Break | Emphasis | Link | Image | Comment)
