"""Shows a page's tree through Python-Markdown, which themes and plugins of MkDocs are built on.

Python-Markdown reads nothing itself: its parser gives way to one that hands over the elements of
the tree, and what would read text again is taken out. The table of contents, MkDocs' own links and
titles, and mkdocstrings work on elements and stay. mkdocstrings reads docstrings with instances of
its own, which this extension leaves alone.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from markdown import Markdown
from markdown.blockparser import BlockParser
from markdown.blockprocessors import BlockProcessor
from markdown.extensions import Extension
from markdown.util import Registry
from pymdownx.highlight import Highlight, HighlightExtension

from executable_pages.html import Renderer
from executable_pages.markup import fill
from executable_pages.tree import Component, Document, Fence

# What works on elements, not on text.
KEPT = ("toc", "mkdocs")


class PageExtension(Extension):
    """Shows the next page that is given to it with the next instance of Markdown."""

    def __init__(self) -> None:
        super().__init__()
        self._next: tuple[Document, Callable[[Renderer], None]] | None = None

    def show(self, document: Document, prepare: Callable[[Renderer], None]) -> None:
        """Have the next instance show a page; `prepare` tells its renderer what is measured."""
        self._next = document, prepare

    def extendMarkdown(self, md: Markdown) -> None:
        """Take over an instance of Markdown, when it is for a page."""
        if self._next is None:
            return
        (document, prepare), self._next = self._next, None
        api = md.parser.blockprocessors
        reference = next((api[name] for name in ("mkdocstrings",) if name in api), None)
        renderer = Renderer(
            document.path.as_posix(),
            stash=md.htmlStash.store,
            code=_highlighter(md),
            reference=lambda node: _reference(reference, node),
        )
        prepare(renderer)
        md.preprocessors = Registry()
        for item in list(md.treeprocessors._priority):
            if not item.name.startswith(KEPT):
                md.treeprocessors.deregister(item.name)
        for item in list(md.postprocessors._priority):
            if item.name not in ("raw_html", "amp_substitute"):
                md.postprocessors.deregister(item.name)
        # A paragraph that says [TOC] is a paragraph.
        md.treeprocessors["toc"].marker = ""
        md.parser = _Shower(md, document, renderer)


class _Shower(BlockParser):
    def __init__(self, md: Markdown, document: Document, renderer: Renderer) -> None:
        super().__init__(md)
        self._document, self._renderer = document, renderer

    def parseDocument(self, lines: object) -> ElementTree.ElementTree[Element]:
        """The elements of the page, whatever the lines say."""
        # Python-Markdown sets its own after all extensions; it takes &lt; for a tag's beginning.
        self.md.serializer = serialize
        root = Element(self.md.doc_tag)
        return ElementTree.ElementTree(fill(root, self._renderer.blocks(self._document.children)))


def serialize(element: Element) -> str:
    """HTML in which every character of a text means itself."""
    return ElementTree.tostring(element, encoding="unicode", method="html")


def _highlighter(md: Markdown) -> Callable[[Fence], str]:
    """Shows code as `pymdownx.highlight` does with the site's settings."""
    extension = next(
        each for each in md.registeredExtensions if isinstance(each, HighlightExtension)
    )
    settings = extension.get_pymdownx_highlight_settings()
    for unknown in ("css_class", "_enabled"):
        settings.pop(unknown, None)
    highlight = Highlight(**(settings | {"md": md, "stripnl": False}))

    def code(fence: Fence) -> str:
        extension.pygments_code_block += 1
        shown: str = highlight.highlight(
            fence.text,
            fence.language,
            "highlight",
            hl_lines=list(fence.highlighted),
            classes=[f"language-{fence.language}", *fence.classes],
            title=fence.title or None,
            code_block_count=extension.pygments_code_block,
        )
        return shown

    return code


def _reference(processor: BlockProcessor | None, node: Component) -> list[Element]:
    """What mkdocstrings makes of the docstring that an `<ApiReference />` names."""
    if processor is None:
        return []
    options = {
        key: value for key, value in node.attributes.items() if key != "of" and value is not None
    }
    # JSON is YAML.
    lines = [f"::: {node.string('of')}", f"    options: {json.dumps(options)}"]
    parent = Element("div")
    processor.run(parent, ["\n".join(lines)])
    return list(parent)
