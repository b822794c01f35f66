"""Renders the MDX components of the pages as Material's own: admonitions, tabs, grids, details.

Material wants content indented by four spaces, where MDX wants none, so the pages are read as a
tree and written again.
"""

import posixpath
import re
from collections.abc import Callable

from mdx import ADMONITIONS, GUARANTEE, Element, Fence, outside_code, tree
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page
from mkdocs.utils.meta import get_data

ICONS = {
    "book": "material-book-open-variant",
    "bucket": "material-bucket-outline",
    "check": "material-check-decagram-outline",
    "clock": "material-history",
    "cloud": "material-cloud-outline",
    "compare": "material-compare-horizontal",
    "database": "material-database-outline",
    "file": "material-code-json",
    "folder": "material-folder-network-outline",
    "gauge": "material-gauge",
    "plug": "material-connection",
    "robot": "material-robot-outline",
    "scale": "material-scale-balance",
    "server": "material-server",
    "shield": "material-shield-check-outline",
}
_LINK = re.compile(r"\]\((?P<target>/[^)\s]*)(?P<title>\s+\"[^\"]*\")?\)")


def on_page_markdown(markdown: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Render the components of a page."""
    # Marks stand in the text by now; the lines that an error names have to be the file's.
    source = page.file.content_string
    written, _ = get_data(source)
    path = page.file.src_uri
    render(written, path, source[: source.rfind(written)].count("\n"))
    return render(markdown, path)


def render(markdown: str, path: str, before: int = 0) -> str:
    """Render a page's text; `before` lines stand above it in the file `path` below `docs`.

    Raises:
        PluginError: A component is unknown, misplaced, not closed, or has an attribute that it
            does not take; the message begins with page and line.
    """
    return "\n".join(_inside(tree(markdown, f"docs/{path}", before), path))


def relative(target: str, path: str) -> str:
    """A link such as `/features/x#y` as MkDocs wants it: the way to a Markdown file."""
    place, mark, anchor = target.partition("#")
    file = place.strip("/") + ".md" if place.strip("/") else "index.md"
    return posixpath.relpath(file, posixpath.dirname(path) or ".") + mark + anchor


def _inside(element: Element, path: str) -> list[str]:
    lines: list[str] = []
    for item in element.content:
        if isinstance(item, Element):
            lines += RENDERERS[item.name](item, path)
        elif isinstance(item, Fence):
            lines += _fence(item)
        else:
            lines.append(_prose(item, path))
    return lines


def _prose(line: str, path: str) -> str:
    """Rewrite promises and absolute links."""

    def change(text: str) -> str:
        text = GUARANTEE.sub(lambda match: _guarantee(match, path), text)
        return _LINK.sub(
            lambda match: f"]({relative(match['target'], path)}{match['title'] or ''})", text
        )

    return outside_code(change, line)


def _guarantee(match: re.Match[str], path: str) -> str:
    target = relative(f"/verification/guarantees#{match['id']}", path)
    title = f"Guarantee {match['id']}: see what proves it"
    mark = f'[:material-shield-check-outline:]({target} "{title}")'
    return f'{match["text"]} {mark}{{ .guarantee #{match["id"]} aria-label="{title}" }}'


def _fence(fence: Fence) -> list[str]:
    # What stands behind the language in MDX is a title; superfences wants it as an option.
    title = f' title="{_quoted(fence.info)}"' if fence.info else ""
    lines = fence.lines
    if fence.language == "mermaid":
        # mermaid2 writes a diagram into the page as it is, and `List<T>` would be a tag.
        lines = [line.replace("&", "&amp;").replace("<", "&lt;") for line in lines]
    return [f"{fence.indent}{fence.mark}{fence.language}{title}", *lines]


def _indented(lines: list[str]) -> list[str]:
    return [f"    {line}" if line.strip() else "" for line in lines]


def _quoted(title: str) -> str:
    return title.replace('"', "&quot;")


def _block(head: str, element: Element, path: str) -> list[str]:
    return ["", head, "", *_indented(_inside(element, path)), ""]


def _admonition(element: Element, path: str) -> list[str]:
    kind = "success" if element.name == "Check" else element.name.lower()
    title = element.attributes.get("title") or element.name
    return _block(f'!!! {kind} "{_quoted(title)}"', element, path)


def _accordion(element: Element, path: str) -> list[str]:
    mark = "???+" if element.attributes.get("defaultOpen") == "true" else "???"
    return _block(f'{mark} note "{_quoted(element.attributes["title"])}"', element, path)


def _step(element: Element, path: str) -> list[str]:
    return _block(f"1.  **{element.attributes['title']}**", element, path)


def _tabs(element: Element, path: str) -> list[str]:
    lines: list[str] = []
    for item in element.content:
        if isinstance(item, Element):
            # The mark ! begins a new row of tabs, also right behind another one.
            lines += _block(_tab(item.attributes["title"], is_first=not lines), item, path)
        elif isinstance(item, Fence) or item.strip():
            raise PluginError(f"{element.where}: <{element.name}> holds nothing but <Tab>")
    return lines


def _code_group(element: Element, path: str) -> list[str]:
    lines: list[str] = []
    for item in element.content:
        if isinstance(item, Fence):
            head = _tab(item.info or item.language, is_first=not lines)
            plain = Fence("", item.mark, item.language, "", item.lines)
            lines += ["", head, "", *_indented(_fence(plain)), ""]
        elif isinstance(item, str):
            lines += _indented([item]) if lines else []
        else:
            raise PluginError(f"{item.where}: <CodeGroup> holds nothing but blocks of code")
    return lines


def _tab(title: str, *, is_first: bool) -> str:
    return f'==={"!" if is_first else ""} "{_quoted(title)}"'


def _cards(element: Element, path: str) -> list[str]:
    columns = f" cards--{element.attributes['cols']}" if "cols" in element.attributes else ""
    opening = f'<div class="grid cards{columns}" markdown>'
    return ["", opening, "", *_inside(element, path), "", "</div>", ""]


def _proof(element: Element, path: str) -> list[str]:
    return ["", '<div class="proof" markdown>', "", *_inside(element, path), "", "</div>", ""]


def _card(element: Element, path: str) -> list[str]:
    name, title, href = (element.attributes.get(key, "") for key in ("icon", "title", "href"))
    if name and name not in ICONS:
        raise PluginError(
            f"{element.where}: no icon {name!r}; there are {', '.join(sorted(ICONS))}"
        )
    if href.startswith("/"):
        href = relative(href, path)
    icon = f":{ICONS[name]}: " if name else ""
    return _block(
        f"-   {icon}" + (f"**[{title}]({href})**" if href else f"**{title}**"), element, path
    )


Renderer = Callable[[Element, str], list[str]]
RENDERERS: dict[str, Renderer] = {
    **dict.fromkeys(ADMONITIONS, _admonition),
    "Accordion": _accordion,
    "AccordionGroup": _inside,
    "Card": _card,
    "CardGroup": _cards,
    "CodeGroup": _code_group,
    "Proof": _proof,
    "Step": _step,
    "Steps": _inside,
    "Tab": _inside,
    "Tabs": _tabs,
}
