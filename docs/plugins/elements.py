"""Shows lower-case elements, written as JSX has them, as the HTML that they stand for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

from docs.plugins.markup import Piece, fill
from docs.plugins.tree import Component, Value

if TYPE_CHECKING:
    from docs.plugins.html import Renderer

_NAMES = {"className": "class", "viewBox": "viewBox"}


def show(renderer: Renderer, node: Component, content: list[Piece]) -> Element:
    """An element with its attributes as HTML writes them."""
    made = Element(node.name)
    for name, value in node.attributes.items():
        if value is None or value is False:
            continue
        written = _written(value)
        if name in ("href", "src", "poster"):
            written = renderer.href(written)
        made.set(_html_name(name), written)
    if node.name == "iframe" and "title" not in node.attributes:
        made.set("title", node.string("src"))
    return fill(made, content)


def _html_name(name: str) -> str:
    # SVG hyphenates what JSX writes in one word; HTML writes it in small letters.
    if name.startswith(("stroke", "fill", "clip")):
        return re.sub(r"[A-Z]", lambda match: f"-{match[0].lower()}", name)
    return _NAMES.get(name, name.lower())


def _written(value: Value) -> str:
    if value is True:
        return ""
    if isinstance(value, dict):
        return "; ".join(
            f"{re.sub('[A-Z]', lambda match: f'-{match[0].lower()}', key)}: {_unit(each)}"
            for key, each in value.items()
        )
    return str(value)


def _unit(value: Value) -> str:
    return f"{value}px" if isinstance(value, int | float) and value else str(value)
