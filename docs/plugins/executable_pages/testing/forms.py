"""How each component has to be shown, for the account of a page's tree."""

from abc import ABC, abstractmethod
from collections.abc import Iterator

from executable_pages.registry import ADMONITIONS, TYPES
from executable_pages.testing.events import Event, label, leads, nested
from executable_pages.tree import Comment, Component, Fence, Node


class Forms(ABC):
    """Accounts of components; what is inside them is accounted for by whoever inherits this."""

    path: str

    @abstractmethod
    def blocks(self, nodes: list[Node]) -> Iterator[Event]:
        """Nodes in a place for blocks."""

    @abstractmethod
    def each(self, nodes: list[Node]) -> Iterator[Event]:
        """Nodes in a place that makes no paragraphs."""

    @abstractmethod
    def fence(self, node: Fence, title: str) -> Iterator[Event]:
        """A block of code below a title."""

    def form(self, node: Component) -> Iterator[Event]:
        """A component with a form of its own."""
        form = _FORMS.get(node.name, node.name.lower())
        if not hasattr(self, f"_{form}"):
            raise NotImplementedError(
                f"add the form of <{node.name}> to executable_pages/testing/forms.py"
            )
        found: Iterator[Event] = getattr(self, f"_{form}")(node)
        return found

    def led(self, target: str) -> str:
        """Where a link of the page leads."""
        return leads(target, self.path)

    def inside(self, name: str, events: Iterator[Event], *about: str) -> Iterator[Event]:
        """Events between the beginning and the end of an element."""
        yield (name, *about)
        yield from events
        yield (f"/{name}",)

    def _box(self, node: Component) -> Iterator[Event]:
        said = node.string("type").lower()
        name = "" if node.name == "Callout" else said.capitalize() or node.name
        yield ("box", TYPES[said or name.lower() or "note"])
        yield from label(node.string("title") or name)
        yield from self.blocks(node.children)
        yield ("/box",)

    def _details(self, node: Component) -> Iterator[Event]:
        yield ("details", "open" if node.attributes.get("defaultOpen") else "")
        yield from label(node.string("title"))
        if said := node.string("description"):
            yield from nested(said, "p", "em")
        yield from self.blocks(node.children)
        yield ("/details",)

    def _tabs(self, node: Component) -> Iterator[Event]:
        for tab in node.children:
            if isinstance(tab, Component):
                yield ("tab",)
                yield from label(tab.string("title"))
                yield from self.blocks(tab.children)
                yield ("/tab",)

    def _codes(self, node: Component) -> Iterator[Event]:
        for child in node.children:
            if isinstance(child, Fence):
                yield ("tab",)
                yield from label(child.title or child.language)
                yield from self.fence(child, "")
                yield ("/tab",)

    def _steps(self, node: Component) -> Iterator[Event]:
        yield ("list", "1")
        for step in node.children:
            if isinstance(step, Component):
                yield ("item", "")
                if title := step.string("title"):
                    yield from nested(title, "p", "strong")
                yield from self.blocks(step.children)
                yield ("/item",)
        yield ("/list",)

    def _grid(self, node: Component) -> Iterator[Event]:
        cards = [child for child in node.children if not isinstance(child, Comment)]
        if node.name == "Columns" and not any(_is_card(child) for child in cards):
            yield from self.inside("div", self.blocks(node.children), "grid")
            return
        columns = f" cards--{node.string('cols')}" if "cols" in node.attributes else ""
        yield from self.inside("div", self._cards(cards), f"grid cards{columns}")

    def _cards(self, nodes: list[Node]) -> Iterator[Event]:
        yield ("list", "")
        for child in nodes:
            if isinstance(child, Component) and child.name == "Card":
                yield from self.inside("item", self._card_inside(child), "")
            elif events := list(self.blocks([child])):
                yield from self.inside("item", iter(events), "")
        yield ("/list",)

    def _card(self, node: Component) -> Iterator[Event]:
        yield from self.inside("div", self._cards([node]), "grid cards cards--1")

    def _card_inside(self, node: Component) -> Iterator[Event]:
        title, href = node.string("title"), node.string("href")
        if image := node.string("img"):
            yield ("image", self.led(image), "")
        if href:
            inner = self.inside("link", iter([("text", title or href)]), self.led(href))
            yield from self.inside("p", self.inside("strong", inner))
        elif title:
            yield from nested(title, "p", "strong")
        yield from self.blocks(node.children)
        if cta := node.string("cta"):
            text = iter([("text", cta)])
            yield from self.inside("p", self.inside("link", text, self.led(href)) if href else text)

    def _proof(self, node: Component) -> Iterator[Event]:
        yield from self.inside("div", self.blocks(node.children), "proof")

    def _frame(self, node: Component) -> Iterator[Event]:
        yield ("element", "figure")
        if said := node.string("hint"):
            yield from nested(said, "p")
        yield from self.each(node.children)
        if said := node.string("caption"):
            yield from self.inside("element", iter([("text", said)]), "figcaption")
        yield ("/element",)

    def _field(self, node: Component) -> Iterator[Event]:
        yield ("div", "field")
        yield ("p",)
        names = (node.string(key) for key in ("name", "query", "path", "body", "header"))
        for said in node.strings("pre"):
            yield ("text", f"{said} ")
        yield ("inline", next(filter(None, names), ""))
        for said in node.strings("post"):
            yield ("text", f" {said}")
        if said := node.string("type"):
            yield ("text", " ")
            yield from self.inside("element", iter([("text", said)]), "span")
        for word in ("required", "optional", "deprecated"):
            if node.attributes.get(word) not in (None, False, "false", ""):
                yield ("text", " ")
                yield from nested(word, "em")
        for word in ("default", "placeholder"):
            if word in node.attributes:
                yield ("text", f" {word} ")
                yield ("inline", node.string(word))
        yield ("/p",)
        yield from self.blocks(node.children)
        yield ("/div",)

    def _update(self, node: Component) -> Iterator[Event]:
        yield ("div", "update")
        yield ("p",)
        yield from nested(node.string("label"), "strong")
        if said := node.string("description"):
            yield ("text", f" {said}")
        for tag in node.strings("tags"):
            yield ("text", " ")
            yield from self.inside("element", iter([("text", tag)]), "span")
        yield ("/p",)
        yield from self.blocks(node.children)
        yield ("/div",)


_FORMS = {
    **dict.fromkeys((*ADMONITIONS, "Callout"), "box"),
    **dict.fromkeys(("Accordion", "Expandable"), "details"),
    **dict.fromkeys(("CodeGroup", "RequestExample", "ResponseExample"), "codes"),
    **dict.fromkeys(("CardGroup", "Columns"), "grid"),
    **dict.fromkeys(("ParamField", "ResponseField"), "field"),
}


def _is_card(node: Node) -> bool:
    return isinstance(node, Component) and node.name == "Card"
