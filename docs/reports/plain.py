"""A page as Markdown with all that it shows: what was measured or counted, and docstrings."""

import inspect
import pkgutil
import re
from collections.abc import Iterator
from typing import Any

from docs.reports.measured import Measured
from executable_pages.tree import Component, Document

_TAG = r"<{}\b[^>]*/>"


def whole(document: Document, text: str, measured: Measured) -> str:
    """The text of a page, with what its components show in their places."""
    lines = text.split("\n")
    for node in document.walk():
        if isinstance(node, Component) and (shown := _shown(node, measured)):
            line = node.place.line - 1
            before, after = re.split(_TAG.format(node.name), lines[line], maxsplit=1)
            lines[line] = f"{before}{shown}{after}"
    return "\n".join(lines)


def _shown(node: Component, measured: Measured) -> str:
    if node.name == "ApiReference":
        found = pkgutil.resolve_name(node.string("of"))
        return "\n\n".join(_described(found, node.attributes.get("members") is not False))
    return measured.text(node)


def _described(found: Any, with_members: bool) -> Iterator[str]:
    """An object's signature and docstring, and those of its public methods."""
    yield f"### {_signature(found)}"
    yield inspect.getdoc(found) or ""
    if with_members and inspect.isclass(found):
        for name, member in inspect.getmembers(found, inspect.isfunction):
            if not name.startswith("_"):
                yield f"#### {_signature(member)}"
                yield inspect.getdoc(member) or ""


def _signature(found: Any) -> str:
    try:
        return f"`{found.__name__}{inspect.signature(found)}`"
    except ValueError:
        return f"`{found.__name__}`"
