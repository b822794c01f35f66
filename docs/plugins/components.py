"""Renders the MDX components of the pages as Material's own: admonitions, tabs, grids, details.

A component's tags stand alone on their lines, and its content is not indented, as in MDX.
Material wants four spaces there, so the pages are read as a tree and written again.
"""

import posixpath
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page

ADMONITIONS = {
    "Note": "note",
    "Tip": "tip",
    "Warning": "warning",
    "Info": "info",
    "Check": "success",
}
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

_FENCE = re.compile(r"^[ \t]*(?P<mark>`{3,}|~{3,})")
_TAG = re.compile(r"^<(?P<close>/?)(?P<name>[A-Z]\w*)(?P<attributes>[^>]*?)(?P<empty>/?)>$")
_ATTRIBUTE = re.compile(r"""(?P<name>[A-Za-z]\w*)=(?:"(?P<text>[^"]*)"|\{(?P<number>\d+)\})""")
_COMMENT = re.compile(r"^\{/\*.*\*/\}$")
_GUARANTEE = re.compile(r'<Guarantee id="(?P<id>[a-z0-9-]+)">(?P<text>.*?)</Guarantee>')
_LINK = re.compile(r"\]\((?P<path>/[^)\s#]*)(?P<anchor>#[^)\s]*)?\)")
_CODE = re.compile(r"(`+)(?!`).*?(?<!`)\1(?!`)")


@dataclass
class Element:
    """A component with its content, lines and elements in turn."""

    name: str
    attributes: dict[str, str]
    line: int
    content: "list[str | Element]" = field(default_factory=list)


def on_page_markdown(markdown: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Render the components of a page."""
    # The frontmatter is gone by now; line numbers have to be the file's.
    source = page.file.content_string
    before = source[: source.rfind(markdown)].count("\n") if markdown in source else 0
    return render(markdown, page.file.src_uri, before)


def render(markdown: str, source: str, before: int = 0) -> str:
    """Render a page's text; `before` lines stand above it in its file `source`.

    Raises:
        PluginError: A component is unknown, not closed, or has an attribute of another form; the
            message names page and line.
    """
    return "\n".join(_inside(_tree(markdown, source, before), source))


def _tree(markdown: str, source: str, before: int) -> Element:
    root = Element("", {}, 0)
    stack, fence = [root], ""
    for number, line in enumerate(markdown.split("\n"), before + 1):
        where = f"docs/{source}:{number}"
        opening = _FENCE.match(line)
        if fence:
            closing = line.strip()
            if closing.startswith(fence) and not closing.strip(fence[0]):
                fence = ""
            stack[-1].content.append(line)
        elif opening:
            fence = opening["mark"]
            stack[-1].content.append(line)
        elif _COMMENT.match(line.strip()):
            continue
        elif tag := _TAG.match(line.strip()):
            _tag(tag, stack, where, number)
        else:
            stack[-1].content.append(_prose(line, source))
    if len(stack) > 1:
        raise PluginError(f"docs/{source}:{stack[-1].line}: <{stack[-1].name}> is not closed")
    return root


def _tag(tag: re.Match[str], stack: list[Element], where: str, number: int) -> None:
    name = tag["name"]
    if name not in RENDERERS:
        known = ", ".join(sorted(RENDERERS))
        raise PluginError(f"{where}: unknown component <{name}>; there are {known}")
    if tag["close"]:
        if stack[-1].name != name:
            raise PluginError(f"{where}: </{name}> closes <{stack[-1].name or 'nothing'}>")
        stack.pop()
        return
    rest = _ATTRIBUTE.sub("", tag["attributes"]).strip()
    if rest:
        raise PluginError(f"{where}: <{name}> has an attribute of another form: {rest}")
    attributes = {
        match["name"]: match["text"] if match["text"] is not None else match["number"]
        for match in _ATTRIBUTE.finditer(tag["attributes"])
    }
    if missing := [key for key in REQUIRED.get(name, ()) if key not in attributes]:
        raise PluginError(f"{where}: <{name}> needs {missing[0]}=")
    if (icon := attributes.get("icon", "book")) not in ICONS:
        raise PluginError(f"{where}: unknown icon {icon!r}; there are {', '.join(sorted(ICONS))}")
    element = Element(name, attributes, number)
    stack[-1].content.append(element)
    if not tag["empty"]:
        stack.append(element)


def _prose(line: str, source: str) -> str:
    """Rewrite promises and absolute links, and leave code as it is."""
    codes: list[str] = []

    def hide(match: re.Match[str]) -> str:
        codes.append(match[0])
        return f"\0{len(codes) - 1}\0"

    text = _CODE.sub(hide, line)
    text = _GUARANTEE.sub(lambda match: _guarantee(match, source), text)
    text = _LINK.sub(
        lambda match: f"]({relative(match['path'], source)}{match['anchor'] or ''})", text
    )
    return re.sub(r"\0(\d+)\0", lambda match: codes[int(match[1])], text)


def _guarantee(match: re.Match[str], source: str) -> str:
    target = relative("/verification/guarantees", source)
    title = f"Guarantee {match['id']}: see what proves it"
    mark = f'[:material-shield-check-outline:]({target}#{match["id"]} "{title}")'
    return f'{match["text"]} {mark}{{ .guarantee #{match["id"]} aria-label="{title}" }}'


def relative(path: str, source: str) -> str:
    """A site path such as `/features/x` as MkDocs wants it: the way to its Markdown file."""
    target = path.strip("/") + ".md" if path.strip("/") else "index.md"
    return posixpath.relpath(target, posixpath.dirname(source) or ".")


def _inside(element: Element, source: str) -> list[str]:
    lines: list[str] = []
    for item in element.content:
        lines += [item] if isinstance(item, str) else RENDERERS[item.name](item, source)
    return lines


def _indented(lines: list[str]) -> list[str]:
    return [f"    {line}" if line.strip() else "" for line in lines]


def _quoted(title: str) -> str:
    return title.replace('"', "&quot;")


def _admonition(element: Element, source: str) -> list[str]:
    title = element.attributes.get("title")
    head = f"!!! {ADMONITIONS[element.name]}" + (f' "{_quoted(title)}"' if title else "")
    return [head, "", *_indented(_inside(element, source)), ""]


def _accordion(element: Element, source: str) -> list[str]:
    head = f'??? note "{_quoted(element.attributes["title"])}"'
    return [head, "", *_indented(_inside(element, source)), ""]


def _tab(element: Element, source: str) -> list[str]:
    head = f'=== "{_quoted(element.attributes["title"])}"'
    return [head, "", *_indented(_inside(element, source)), ""]


def _step(element: Element, source: str) -> list[str]:
    head = f"1.  **{element.attributes['title']}**"
    return [head, "", *_indented(_inside(element, source)), ""]


def _cards(element: Element, source: str) -> list[str]:
    return ['<div class="grid cards" markdown>', "", *_inside(element, source), "</div>", ""]


def _card(element: Element, source: str) -> list[str]:
    icon = ICONS[element.attributes.get("icon", "book")]
    title, href = element.attributes["title"], element.attributes.get("href")
    if href and href.startswith("/"):
        path, mark, anchor = href.partition("#")
        href = relative(path, source) + mark + anchor
    head = f"-   :{icon}: " + (f"**[{title}]({href})**" if href else f"**{title}**")
    return [head, "", *_indented(_inside(element, source)), ""]


Renderer = Callable[[Element, str], list[str]]
RENDERERS: dict[str, Renderer] = {
    **dict.fromkeys(ADMONITIONS, _admonition),
    "Accordion": _accordion,
    "AccordionGroup": _inside,
    "Card": _card,
    "CardGroup": _cards,
    "Step": _step,
    "Steps": _inside,
    "Tab": _tab,
    "Tabs": _inside,
}
REQUIRED = dict.fromkeys(("Accordion", "Card", "Step", "Tab"), ("title",))
