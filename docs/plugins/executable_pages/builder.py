"""Builds the tree of a page out of a parser's tokens, and holds that every tag has its partner."""

from __future__ import annotations

import re
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

from executable_pages import info, jsx, registry
from executable_pages.prose import DEEPEST, Prose, unravelled, written_at
from executable_pages.source import Source
from executable_pages.tables import read_table
from executable_pages.tree import (
    Comment,
    Component,
    Document,
    Fence,
    Heading,
    Item,
    ListBlock,
    Node,
    Paragraph,
    Place,
    Quote,
    Rule,
    TableBlock,
    Text,
)

_FENCE = re.compile(r"^(?P<indent>[ \t>]*(?:(?:[-*+]|\d+[.)])[ \t]+[ \t>]*)*)(?P<mark>`{3,}|~{3,})")
_MARK = re.compile(r"[ \t]*(?:>|[-*+]|\d+[.)])")


class Builder:
    """Builds one page's tree."""

    def __init__(
        self,
        source: Source,
        md: MarkdownIt,
        shift: int,
        languages: frozenset[str] | None,
        env: dict[str, Any],
    ) -> None:
        self.source = source
        self.prose = Prose(source, md, env.get("references", {}))
        self._env = env
        self._shift = shift
        self._languages = languages
        self._stack: list[Node] = []
        self._section = ""

    def fill(self, document: Document, tokens: list[Token]) -> None:
        """Put the blocks into a document."""
        self._stack = [document]
        for index, token in enumerate(tokens):
            self._take(token, tokens, index)
        self._balanced("the page")
        _comments(document)
        self._parents(document, "")
        for node in document.every(Component):
            self._fits(node)
        if self._languages is not None:
            self._definitions()

    def _definitions(self) -> None:
        """Hold that a link names each definition, since it is not shown where it stands."""
        hint = "write [text](address), or \\[ for a bracket"
        for name, each in self._env.get("references", {}).items():
            if name not in self.prose.named:
                why = f"a definition is not shown where it stands, and no link names it; {hint}"
                self.source.refuse(self._begin(each["map"][0]), why)
        for each in self._env.get("duplicate_refs", []):
            why = f"another definition of {each['label']!r} stands above; keep one"
            self.source.refuse(self._begin(each["map"][0]), why)

    def _take(self, token: Token, tokens: list[Token], index: int) -> None:
        match token.type:
            case "mdx":
                self._piece(token)
            case "fence":
                self._add(self._fence(token))
            case "hr":
                self._add(Rule(self._lines(token)))
            case "table_open":
                self._add(
                    read_table(self.source, self.prose, tokens[index:], self._section, self._begin)
                )
            case "paragraph_open" | "heading_open":
                self._prose(token, tokens[index + 1])
            case "blockquote_open":
                self._open(Quote(self._lines(token)))
            case "bullet_list_open" | "ordered_list_open":
                first = None if token.tag == "ul" else int(token.attrs.get("start", 1))
                self._open(ListBlock(self._lines(token), first=first))
            case "list_item_open":
                self._item(token)
            case (
                "blockquote_close"
                | "bullet_list_close"
                | "ordered_list_close"
                | "list_item_close"
            ):  # fmt: skip
                self._balanced("the list item" if "item" in token.type else "the block around it")
                done = self._stack.pop()
                if isinstance(done, Item) and done.is_checked is not None:
                    self._task(done)
                self._add(done)

    def _open(self, node: Node) -> None:
        if len(self._stack) > DEEPEST:
            raise self.source.error(self._at(node), f"more than {DEEPEST} levels deep; unfold it")
        self._stack.append(node)

    def _add(self, node: Node) -> None:
        self._stack[-1].children.append(node)

    def _lines(self, token: Token) -> Place:
        assert token.map is not None
        return self.source.place(self._begin(token.map[0]), self.source.end(*token.map))

    def _begin(self, line: int) -> int:
        """Where a line begins, behind the marks of the quotes and lists that it is inside."""
        text, at = self.source.lines[line], 0
        for node in self._stack:
            is_here = node.place.line == line + 1
            if isinstance(node, Quote) or (isinstance(node, Item) and is_here):
                mark = _MARK.match(text, at)
                at = mark.end() if mark else at
        return self.source.start(line) + at + len(text[at:]) - len(text[at:].lstrip(" \t"))

    def _balanced(self, until: str) -> None:
        while isinstance(top := self._stack[-1], Component):
            self.source.refuse(
                self._at(top),
                f"<{top.name}> is not closed before {until} ends; write </{top.name}>",
                is_mdx=True,
            )
            self._stack.pop()
            self._add(top)

    def _at(self, node: Node) -> int:
        return self.source.start(node.place.line - 1) + node.place.column - 1

    def _piece(self, token: Token) -> None:
        piece = token.meta["piece"]
        start, end = (token.meta[key] + self._shift for key in ("at", "end"))
        place = self.source.place(start, end)
        if isinstance(piece, jsx.Braces):
            if piece.comment is None:
                self._add(Text(place, text=piece.text))
            else:
                self._add(Comment(place, text=piece.comment))
            return
        if piece.closes:
            top = self._stack[-1]
            if not self._closes(top, piece.name, start):
                return
            assert isinstance(top, Component)
            top.text = " ".join(_only_paragraph(top).split())
            top.place = self.source.place(self._at(top), end)
            self._stack.pop()
            self._add(top)
            return
        self.prose.known(piece.name, start)
        places = {key: at + self._shift for key, at in token.meta["places"].items()}
        self.prose.takes(piece, places)
        node = Component(place, name=piece.name, attributes=piece.attributes)
        if piece.is_empty:
            self._add(node)
        else:
            self._open(node)

    def _closes(self, top: Node, name: str, at: int) -> bool:
        """Whether a closing tag closes the component that is open, which is refused otherwise."""
        if isinstance(top, Component):
            if top.name != name:
                why = f"</{name}> closes <{top.name}>; write </{top.name}>"
                self.source.refuse(at, why, is_mdx=True)
            return True
        if any(isinstance(node, Component) and node.name == name for node in self._stack):
            self.source.refuse(
                at, f"</{name}> stands deeper than its <{name}>; put both on lines of their own, "
                "as deep as each other", is_mdx=True)  # fmt: skip
        else:
            why = f"</{name}> closes nothing; delete it, or write <{name}>"
            self.source.refuse(at, why, is_mdx=True)
        return False

    def _fits(self, node: Component) -> None:
        for stray in registry.strays(node):
            held = " or ".join(registry.COMPONENTS[node.name].holds)
            what = "blocks of code" if held == "Fence" else f"<{held}>"
            self.source.refuse(self._at(stray), f"<{node.name}> holds nothing but {what}")
        if node.name == "Guarantee":
            self._promise(node)

    def _promise(self, node: Component) -> None:
        is_prose = all(isinstance(child, Paragraph) or _is_inline(child) for child in node.children)
        paragraphs = sum(isinstance(child, Paragraph) for child in node.children)
        if not node.text or not is_prose or paragraphs > 1:
            self.source.refuse(
                self._at(node), 'a promise is one paragraph: <Guarantee id="...">text</Guarantee>'
            )
        if not re.fullmatch(r"[a-z0-9-]+", node.string("id")):
            self.source.refuse(
                self._at(node), f"id={node.string('id')!r}: write lower-case words with - between"
            )

    def _parents(self, node: Node, parent: str) -> None:
        for child in node.children:
            if isinstance(child, Component):
                if wrong := registry.misplaced(child, parent):
                    self.source.refuse(self._at(child), wrong)
                self._parents(child, child.name or parent)
            else:
                self._parents(child, "" if isinstance(child, Item | Quote) else parent)

    def _prose(self, token: Token, inline: Token) -> None:
        place = self._lines(token)
        written = written_at(self.source, inline, is_heading=token.markup.startswith("#"))
        children = self.prose.nodes(inline.content, written)
        if token.type == "heading_open":
            self._section = inline.content
            self._add(Heading(place, children, level=int(token.tag[1]), text=inline.content))
            return
        top = self._stack[-1]
        tight = bool(token.hidden) and isinstance(top, Item)
        if tight and isinstance(top, Item):
            top.is_tight = True
        if blocks := unravelled(children):
            for child in blocks:
                self._add(child)
        else:
            self._add(Paragraph(place, children, text=inline.content, is_tight=tight))

    def _item(self, token: Token) -> None:
        assert token.map is not None
        place = self._lines(token)
        line = self.source.lines[token.map[0]]
        behind = line[place.column + len(token.info) :]
        wide = behind.expandtabs(4)
        if behind.strip() and len(wide) - len(wide.lstrip()) > 4:
            self.source.refuse(
                self._begin(token.map[0]),
                "more than four spaces behind the mark of a list; write one",
            )
        self._alone(place, token)
        checked = (token.meta or {}).get("checked")
        self._open(Item(place, is_checked=checked))

    def _alone(self, place: Place, token: Token) -> None:
        """Hold that a list in the first line of another one begins where every reader sees it."""
        outer, inner = self._stack[-2], self._stack[-1]
        is_nested = isinstance(outer, Item | Quote) and outer.place.line == place.line
        rest = self.source.lines[place.line - 1].rstrip(" \t")
        is_empty = rest.endswith(token.markup)
        if is_nested and not inner.children and (is_empty or token.info not in ("", "1")):
            at = self.source.start(place.line - 1) + place.column - 1
            self.source.refuse(at, "write the inner list on a line of its own")

    def _task(self, item: Item) -> None:
        if not item.children or not isinstance(item.children[0], Paragraph):
            self.source.refuse(self._at(item), "a task is a paragraph; write - [ ] text")

    def _fence(self, token: Token) -> Fence:
        assert token.map is not None
        first, after = token.map
        opening = _FENCE.match(self.source.lines[first])
        closing = self.source.lines[after - 1].lstrip(" \t>").rstrip(" \t")
        at = self._begin(first)
        mark = token.markup
        is_closed = after - 1 > first and set(closing) == {mark[0]} and len(closing) >= len(mark)
        if opening is None or not is_closed:
            self.source.refuse(at, f"a block without its closing fence; write {mark}")
        count = token.content.count("\n")
        try:
            said = info.read(token.info, count)
        except info.Unclear as error:
            self.source.refuse(at, str(error))
            said = info.Info(token.info.split(" ")[0], token.info, "", ())
        self._known_language(said.language, at)
        if said.language == "mermaid" and (said.title or said.highlighted or said.classes):
            self.source.refuse(at, "a diagram shows no title and no lines; write it as prose")
        return Fence(
            self.source.place(at, self.source.end(first, after)),
            language=said.language,
            info=said.rest,
            text=token.content,
            title=said.title,
            highlighted=said.highlighted,
            classes=said.classes,
            written=said.written,
            content=(
                self.source.byte(self.source.start(first + 1)),
                self.source.byte(self.source.start(after - 1)),
            ),
            indent=re.sub(r"[^ \t>]", " ", opening["indent"]) if opening else "",
        )

    def _known_language(self, language: str, at: int) -> None:
        if self._languages is None or language in self._languages:
            return
        known = ", ".join(sorted(self._languages))
        if not language:
            self.source.refuse(at, f"a block without a language; write one of {known}")
        else:
            self.source.refuse(at, f"unknown language {language!r}; write one of {known}")


def _is_inline(node: Node) -> bool:
    return not isinstance(
        node, Fence | Heading | ListBlock | Quote | Rule | TableBlock
    ) and not (isinstance(node, Component) and node.is_block)  # fmt: skip


def _only_paragraph(component: Component) -> str:
    found = [child.text for child in component.children if isinstance(child, Paragraph)]
    return found[0] if len(found) == 1 else ""


def _comments(document: Document) -> None:
    """Give blocks and tables the comment that stands right before them."""
    for node in document.walk():
        for before, after in zip(node.children, node.children[1:], strict=False):
            if isinstance(before, Comment) and isinstance(after, Fence | TableBlock):
                after.comment = before.text
