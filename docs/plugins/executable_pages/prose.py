"""Reads a line of prose into nodes: text, code, emphasis, links, images and components."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

from executable_pages import addresses, jsx, registry
from executable_pages.literals import Expression, Mistake
from executable_pages.source import Source
from executable_pages.tree import (
    Break,
    Comment,
    Component,
    Emphasis,
    Image,
    InlineCode,
    Link,
    Node,
    Text,
)

DEEPEST = 40
Written = Callable[[int], int]

_TAGS = {"em_open": "em", "strong_open": "strong", "s_open": "del"}


def written_at(source: Source, inline: Token, *, is_heading: bool) -> Written:
    """The way from an offset in a paragraph's content to the text of the page."""
    assert inline.map is not None
    first = inline.map[0]
    starts: list[tuple[int, int]] = []
    begin = 0
    for number, content in enumerate(inline.content.split("\n")):
        line = source.lines[first + number]
        if is_heading:
            mark = line.index("#")
            column = mark + len(line[mark:]) - len(line[mark:].lstrip("#").lstrip(" \t"))
        else:
            column = len(line.rstrip(" \t")) - len(content.strip(" \t"))
        column -= len(content) - len(content.lstrip(" \t"))
        starts.append((begin, source.start(first + number) + max(column, 0)))
        begin += len(content) + 1

    def written(offset: int) -> int:
        start, at = next(pair for pair in reversed(starts) if pair[0] <= offset)
        return at + offset - start

    return written


def refuse(source: Source, notes: Iterable[Mistake], written: Written) -> None:
    """Refuse a page for what is wrong in a part of it."""
    for note in notes:
        code = note.code if isinstance(note, Expression) else ""
        source.refuse(written(note.at), str(note), is_mdx=note.is_mdx, code=code)


class Prose:
    """Reads the prose of one page; links may name the addresses in `references`.

    `named` has the names of those that some link does name.
    """

    def __init__(self, source: Source, md: MarkdownIt, references: dict[str, Any]) -> None:
        self.source = source
        self.named: set[str] = set()
        self._md = md
        self._references = references

    def nodes(self, content: str, written: Written) -> list[Node]:
        """The nodes of a paragraph, a heading or a cell.

        Raises:
            PageError: A tag in it is malformed, unknown or without its partner.
        """
        tokens: list[Token] = []
        notes: list[Mistake] = []
        env: dict[str, Any] = {"references": self._references}
        try:
            known = {} if self.source.refusals is None else {"notes": notes}
            self._md.inline.parse(content, self._md, env | known, tokens)
        except Mistake as error:
            notes.append(error)
        refuse(self.source, notes, written)
        root = Node(self.source.place(written(0), written(len(content))))
        stack: list[Node] = [root]
        for token in tokens:
            self._take(token, stack, content, written)
            if len(stack) > DEEPEST:
                at = self.source.start(stack[-1].place.line - 1) + stack[-1].place.column - 1
                raise self.source.error(at, f"more than {DEEPEST} levels deep; unfold it")
        if len(stack) > 1:
            top = stack[-1]
            self._unclosed(top)
            while len(stack) > 1:
                done = stack.pop()
                stack[-1].children.append(done)
        _merge(root)
        _literal_links(root)
        return root.children

    def known(self, name: str, at: int) -> None:
        """Hold that a component is one."""
        if registry.kind_of(name) is None:
            self.source.refuse(at, registry.unknown(name))

    def takes(self, tag: jsx.Tag, places: dict[str, int]) -> None:
        """Hold that a component takes its attributes."""
        if registry.kind_of(tag.name) is None:
            return
        for attribute, at in places.items():
            if wrong := registry.wrong_attribute(tag.name, attribute):
                self.source.refuse(at, wrong)

    def _unclosed(self, node: Node) -> None:
        at = self.source.start(node.place.line - 1) + node.place.column - 1
        label = node.name if isinstance(node, Component) else ""
        self.source.refuse(
            at,
            f"<{label}> is not closed in its paragraph; write </{label}>, or put it in backticks",
            is_mdx=True,
        )

    def _take(self, token: Token, stack: list[Node], content: str, written: Written) -> None:
        start, end = (written(token.meta.get(key, 0)) for key in ("at", "end"))
        place = self.source.place(start, max(start, end))
        add = stack[-1].children.append
        if "label" in token.meta:
            self.named.add(token.meta["label"])
        match token.type:
            case "text" | "text_special":
                add(Text(place, text=token.content))
            case "softbreak":
                add(Text(place, text="\n"))
            case "hardbreak":
                add(Break(place))
            case "code_inline":
                self._code(token, start)
                add(InlineCode(place, text=token.content))
            case "image":
                self._image(token, start)
                target, title = str(token.attrs.get("src", "")), str(token.attrs.get("title", ""))
                add(Image(place, target=target, title=title, alt=_alt(token)))
            case "link_open":
                target, title = str(token.attrs.get("href", "")), str(token.attrs.get("title", ""))
                is_literal = token.info == "auto"
                stack.append(Link(place, target=target, title=title, is_literal=is_literal))
            case "em_open" | "strong_open" | "s_open":
                stack.append(Emphasis(place, tag=_TAGS[token.type]))
            case "em_close" | "strong_close" | "s_close" | "link_close":
                while isinstance(stack[-1], Component):
                    self._unclosed(stack[-1])
                    done = stack.pop()
                    stack[-1].children.append(done)
                done = stack.pop()
                done.place = self.source.place(
                    self.source.start(done.place.line - 1) + done.place.column - 1,
                    written(token.meta.get("end", 0)),
                )
                stack[-1].children.append(done)
            case "mdx":
                self._piece(token, stack, content, written, start)

    def _piece(
        self, token: Token, stack: list[Node], content: str, written: Written, start: int
    ) -> None:
        piece = token.meta["piece"]
        place = self.source.place(start, written(piece.end))
        if isinstance(piece, jsx.Braces):
            node: Node
            if piece.comment is None:
                node = Text(place, text=piece.text)
            else:
                node = Comment(place, text=piece.comment)
            stack[-1].children.append(node)
            return
        self.known(piece.name, start)
        if piece.closes:
            self._close(piece, stack, content, written, start)
            return
        self.takes(piece, {key: written(at) for key, at in token.meta["places"].items()})
        component = Component(
            place, name=piece.name, attributes=piece.attributes, is_block=False, text=str(piece.end)
        )
        if piece.is_empty:
            component.text = ""
            stack[-1].children.append(component)
        else:
            stack.append(component)

    def _close(
        self, piece: jsx.Tag, stack: list[Node], content: str, written: Written, at: int
    ) -> None:
        top = stack[-1]
        if not isinstance(top, Component):
            self.source.refuse(
                at, f"</{piece.name}> closes nothing in its paragraph; put <{piece.name}> and "
                f"</{piece.name}> on lines of their own, or both into the paragraph", is_mdx=True
            )  # fmt: skip
            return
        if top.name != piece.name:
            why = f"</{piece.name}> closes <{top.name}>; write </{top.name}>"
            self.source.refuse(at, why, is_mdx=True)
        stack.pop()
        # Until here `text` was the offset behind the opening tag.
        top.text = " ".join(content[int(top.text) : piece.start].split())
        begin = self.source.start(top.place.line - 1) + top.place.column - 1
        top.place = self.source.place(begin, written(piece.end))
        stack[-1].children.append(top)

    def _code(self, token: Token, start: int) -> None:
        if len(token.markup) >= 3 and "\n" in self.source.text[start : start + 200].split(
            token.markup, 2
        )[1]:  # fmt: skip
            self.source.refuse(
                start,
                f"{token.markup} in a paragraph begins no block; put it at the start of a line",
            )

    def _image(self, token: Token, start: int) -> None:
        if any(child.type == "mdx" for child in token.children or []):
            self.source.refuse(start, "the text of an image holds no tags; delete them")


def unravelled(children: list[Node]) -> list[Node]:
    """Components that have a paragraph to themselves are blocks, as in MDX; empty for prose."""
    kept = [node for node in children if type(node) is not Text or node.text.strip(" \t\n")]
    names = {node.name if isinstance(node, Component) else None for node in kept}
    if not kept or not all(isinstance(node, Component | Comment) for node in kept):
        return []
    if names - {None} and names - {None} <= registry.IN_PROSE:
        return []
    for node in kept:
        if isinstance(node, Component):
            node.is_block = True
    return kept


def _alt(token: Token) -> str:
    parts = []
    for child in token.children or []:
        parts.append("\n" if child.type == "softbreak" else child.content)
        if child.type == "image":
            parts[-1] = _alt(child)
    return "".join(parts)


def _merge(node: Node) -> None:
    """Make one text of those side by side."""
    merged: list[Node] = []
    for child in node.children:
        _merge(child)
        last = merged[-1] if merged else None
        if type(child) is Text and type(last) is Text:
            last.text += child.text
        else:
            merged.append(child)
    node.children = merged


def _literal_links(node: Node) -> None:
    """Make links of addresses in text that the parser passed over, as GitHub's Markdown does."""
    if isinstance(node, Link):
        return
    found: list[Node] = []
    for child in node.children:
        if type(child) is Text and (
            "@" in child.text or "://" in child.text or "www." in child.text
        ):
            found += _linked(child)
        else:
            _literal_links(child)
            found.append(child)
    node.children = found


def _linked(text: Text) -> list[Node]:
    found: list[Node] = []
    at = 0
    for start, end, target in addresses.in_text(text.text):
        if start > at:
            found.append(Text(text.place, text=text.text[at:start]))
        inside: list[Node] = [Text(text.place, text=text.text[start:end])]
        found.append(Link(text.place, inside, target=target, is_literal=True))
        at = end
    if at < len(text.text):
        found.append(Text(text.place, text=text.text[at:]))
    return found
