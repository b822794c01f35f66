"""Shows lower-case elements, written as JSX has them, as the HTML that they stand for.

A class that a page gives to an element is the page's, also where the theme or a script has one of
that name: the element says so with `data-own`, and Mermaid lets alone what is `data-processed`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

from executable_pages.markup import Piece, fill
from executable_pages.tree import Component, Value

if TYPE_CHECKING:
    from executable_pages.html import Renderer

_NAMES = {"className": "class", "viewBox": "viewBox"}
OWN = "data-own"


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
    if made.get("class"):
        made.set(OWN, "")
        if "mermaid" in made.get("class", "").split():
            made.set("data-processed", "true")
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
