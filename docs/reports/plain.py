"""A page as Markdown with all that it shows: what was measured or counted, and docstrings."""

import re
from collections.abc import Iterator

import griffe

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
        # Read and not imported: who serves the site has no pytest, which the contract needs.
        package, _, name = node.string("of").partition(".")
        found = griffe.load(package, search_paths=[measured.root])[name]
        return "\n\n".join(_described(found, node.attributes.get("members") is not False))
    return measured.text(node)


def _described(found: griffe.Object, with_members: bool) -> Iterator[str]:
    """An object's signature and docstring, and those of its public methods."""
    yield f"### `{_signature(found)}`"
    yield found.docstring.value if found.docstring else ""
    if with_members and isinstance(found, griffe.Class):
        for name, inherited in found.all_members.items():
            member = inherited.final_target if isinstance(inherited, griffe.Alias) else inherited
            if isinstance(member, griffe.Function) and not name.startswith("_"):
                yield f"#### `{member.signature()}`"
                yield member.docstring.value if member.docstring else ""


def _signature(found: griffe.Object) -> str:
    function = found.all_members.get("__init__") if isinstance(found, griffe.Class) else found
    if isinstance(function, griffe.Function):
        return str(function.signature(name=found.name))
    return found.name
