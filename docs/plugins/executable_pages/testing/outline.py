"""The structure of a page as lists, to be held against that which another reader of MDX sees."""

import re
from typing import Any

from executable_pages.registry import IN_PROSE
from executable_pages.tree import (
    Break,
    Comment,
    Component,
    Document,
    Emphasis,
    Fence,
    Heading,
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
)

# A kind, what tells it from others of its kind, and what is inside.
Outline = list[Any]


def outline(document: Document) -> Outline:
    """The outline of a whole page."""
    return _inside(document)


def _inside(node: Node) -> Outline:
    found: Outline = []
    for child in node.children:
        for each in _node(child):
            if each[0] == "text" and found and found[-1][0] == "text":
                found[-1][1] += each[1]
            else:
                found.append(each)
    folded = [["text", _folded(each[1])] if each[0] == "text" else each for each in found]
    return [each for each in folded if each[0] != "text" or each[1].strip()]


def _folded(text: str) -> str:
    return re.sub(r"[ \t\n]+", " ", text)


def _node(node: Node) -> Outline:
    match node:
        case InlineCode():
            return [["code", _folded(node.text)]]
        case Text():
            return [["text", node.text]]
        case Heading():
            return [["heading", node.level, _inside(node)]]
        case Paragraph():
            return _inside(node) if _is_unravelled(node) else [["paragraph", _inside(node)]]
        case Quote():
            return [["quote", _inside(node)]]
        case ListBlock():
            return [["list", node.first, _inside(node)]]
        case Item():
            return [["item", node.is_checked, _inside(node)]]
        case Fence():
            # MDX knows no attribute lists: its language is the first word, whatever that is.
            word, _, rest = node.written.partition(" ")
            return [["block", word, rest.strip(), node.text.removesuffix("\n")]]
        case Rule():
            return [["rule"]]
        case TableBlock():
            return [["table", [_row(row) for row in node.children if isinstance(row, Row)]]]
        case Break():
            return [["break"]]
        case Emphasis():
            return [[node.tag, _inside(node)]]
        case Link():
            return [["link", node.target, node.title, _inside(node)]]
        case Image():
            return [["image", node.target, node.title, node.alt]]
        case Component():
            is_heading = re.fullmatch("h[1-6]", node.name)
            names = sorted(key for key in node.attributes if not (is_heading and key == "id"))
            return [["component", node.name, names, _inside(node)]]
        case Comment():
            return [["comment"]]
    raise AssertionError(f"no outline of {type(node).__name__}")


def _row(row: Row) -> Outline:
    cells = [_inside(cell) for cell in row.children]
    # Readers differ in whether they fill up a row that is too short.
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _is_unravelled(node: Paragraph) -> bool:
    """Whether MDX takes the components of a paragraph out of it, since nothing else is in it."""
    names = {child.name for child in node.children if isinstance(child, Component)}
    prose = [child for child in node.children if not isinstance(child, Component | Comment)]
    return bool(names) and names <= IN_PROSE and all(
        isinstance(child, Text) and not child.plain_text.strip() for child in prose
    )  # fmt: skip
