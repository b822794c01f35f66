"""The account of a page's tree: what has to be shown, as events in the order of the page."""

from collections.abc import Callable, Iterator

from executable_pages.marks import ADVICE
from executable_pages.registry import ELEMENTS, IN_PROSE, MEASURED
from executable_pages.testing.events import Event, tidy
from executable_pages.testing.forms import Forms
from executable_pages.tree import (
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
    is_prose,
)


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
            if is_prose(node):
                prose.append(node)
            else:
                yield from self.paragraph(prose)
                prose = []
                yield from self.node(node)
                # As between blocks of MDX, which is seen where one of them is of a line.
                yield ("text", "\n")
        yield from self.paragraph(prose)

    def paragraph(self, nodes: list[Node]) -> Iterator[Event]:
        yield from self.alone(event for node in nodes for event in self.node(node))

    def alone(self, said: Iterator[Event]) -> Iterator[Event]:
        events = list(said)
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
                events = self.component(node)
                # What belongs into prose is a paragraph where it stands alone.
                is_alone = node.is_block and node.name in IN_PROSE and node.prose is not None
                yield from self.alone(events) if is_alone else events
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
            yield from self.around(node, "span")
        elif name == "Tooltip":
            shown = self.around(node, "abbr")
            href = node.string("href")
            yield from self.inside("link", shown, self.led(href)) if href else shown
        elif name != "Icon":
            yield from self.form(node)

    def around(self, node: Component, tag: str) -> Iterator[Event]:
        """Prose in an element of a line; blocks in one of blocks."""
        if node.prose is None:
            yield from self.inside("element", self.blocks(node.children), "div")
        else:
            yield from self.inside("element", self.each(node.prose), tag)

    def element(self, node: Component) -> Iterator[Event]:
        inside = self.each(node.children)
        match node.name:
            case "br" | "hr":
                yield (node.name,)
            case "img":
                yield ("image", self.led(node.string("src")), node.string("alt"))
            case "a":
                if href := node.string("href"):
                    inside = self.inside("link", inside, self.led(href))
                yield from inside
            case "code":
                yield ("inline", node.plain_text)
            case "h1" | "h2" | "h3" | "h4" | "h5" | "h6":
                yield from self.inside("heading", inside, node.name[1], node.string("id"))
            case "ul" | "ol":
                first = "" if node.name == "ul" else node.string("start") or "1"
                yield from self.inside("list", inside, first)
            case "li":
                yield from self.inside("item", inside, "")
            case "summary":
                yield from self.inside("label", inside)
            case "details":
                yield from self.inside("details", inside, "")
            case "em" | "strong" | "del" | "p" | "blockquote":
                yield from self.inside(node.name, inside)
            case "svg":
                return
            case _:
                yield from self.inside("element", inside, node.name)

    def promise(self, node: Component) -> Iterator[Event]:
        yield from self.each(node.prose or [])
        yield ("text", " ")
        yield ("promise", node.string("id"))
