"""Elements of HTML, made of text and other elements."""

from collections.abc import Iterable
from xml.etree.ElementTree import Element

Piece = str | Element


def element(tag: str, *content: Piece, **attributes: str) -> Element:
    """An element with its content; `class_` stands for `class`, `-` is written `_`."""
    made = Element(
        tag, {key.rstrip("_").replace("_", "-"): str(v) for key, v in attributes.items()}
    )
    return fill(made, content)


def fill(parent: Element, content: Iterable[Piece]) -> Element:
    """Put text and elements into an element, in their order."""
    for piece in content:
        if isinstance(piece, Element):
            parent.append(piece)
        elif len(parent):
            parent[-1].tail = (parent[-1].tail or "") + piece
        else:
            parent.text = (parent.text or "") + piece
    return parent
