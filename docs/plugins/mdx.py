"""Reads a page as MDX: components with their attributes and content, fences, and lines of prose.

A component's tags stand alone on their lines, and its content is not indented. What does not fit
is an error that names page and line.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from mkdocs.exceptions import PluginError

ADMONITIONS = ("Note", "Tip", "Warning", "Info", "Check")
# The attributes that a component takes; those with a True it cannot do without.
COMPONENTS: dict[str, dict[str, bool]] = {
    **{name: {"title": False} for name in ADMONITIONS},
    "Accordion": {"title": True, "defaultOpen": False},
    "AccordionGroup": {},
    "Card": {"title": True, "icon": False, "href": False},
    "CardGroup": {"cols": False},
    "CodeGroup": {},
    "Proof": {},
    "Step": {"title": True},
    "Steps": {},
    "Tab": {"title": True},
    "Tabs": {},
}
INSIDE = {"Card": "CardGroup", "Step": "Steps", "Tab": "Tabs"}
# Other hooks put evidence in the place of these.
PLACES = frozenset({"Benchmark", "Evidence", "Matrix", "Mutants", "Survivors"})
GUARANTEE = re.compile(r'<Guarantee id="(?P<id>[a-z0-9-]+)">(?P<text>.*?)</Guarantee>')

_VALUE = r"""(?:"[^"]*"|'[^']*'|\{\s*(?:"[^"]*"|'[^']*'|[\w.-]+)\s*\})"""
_TAG = re.compile(
    rf"^<(?P<close>/?)(?P<name>[A-Z]\w*)(?P<attributes>(?:\s+[A-Za-z]\w*(?:={_VALUE})?)*)"
    r"\s*(?P<empty>/?)>$"
)
_ATTRIBUTE = re.compile(rf"(?P<name>[A-Za-z]\w*)(?:=(?P<value>{_VALUE}))?")
_FENCE = re.compile(r"^(?P<indent>[ \t]*)(?P<mark>`{3,}(?=[^`]*$)|~{3,})[ \t]*(?P<info>.*?)[ \t]*$")
_COMMENT = re.compile(r"\{/\*.*?\*/\}")
_CODE = re.compile(r"(`+)(?!`).*?(?<!`)\1(?!`)")
_PLACE = re.compile(rf"<(?:{'|'.join(sorted(PLACES))})\b[^<>]*/>")
_STRAY = re.compile(r"</?(?P<name>[A-Z]\w*)")


@dataclass
class Fence:
    """A fenced block with its opening and closing lines."""

    indent: str
    mark: str
    language: str
    info: str
    lines: list[str] = field(default_factory=list)


@dataclass
class Element:
    """A component with its content: prose, fences and components in turn."""

    name: str
    attributes: dict[str, str]
    where: str
    content: "list[str | Fence | Element]" = field(default_factory=list)


def tree(markdown: str, page: str, before: int = 0) -> Element:
    """Read a page's text; `before` lines stand above it in its file.

    Raises:
        PluginError: A component is unknown, misplaced or not closed, or has an attribute that it
            does not take.
    """
    stack = [Element("", {}, page)]
    fence: Fence | None = None
    in_comment = False
    for number, line in enumerate(markdown.split("\n"), before + 1):
        where = f"{page}:{number}"
        text = line.strip()
        if fence:
            fence.lines.append(line)
            if text.startswith(fence.mark) and not text.strip(fence.mark[0]):
                fence = None
        elif in_comment or (text.startswith("{/*") and "*/}" not in text):
            in_comment = "*/}" not in text
        elif opening := _FENCE.match(line):
            language, _, info = opening["info"].partition(" ")
            fence = Fence(opening["indent"], opening["mark"], language, info.strip())
            stack[-1].content.append(fence)
        elif _COMMENT.sub("", text) == "" != text:
            continue
        elif text[:1] == "<" and (stray := _STRAY.match(text)) and stray["name"] in COMPONENTS:
            _tag(text, stack, where)
        else:
            stack[-1].content.append(_prose(line, where))
    if len(stack) > 1:
        raise PluginError(f"{stack[-1].where}: <{stack[-1].name}> is not closed")
    return stack[0]


def outside_code(change: Callable[[str], str], line: str) -> str:
    """Change a line of prose, and leave its code as it is."""
    codes: list[str] = []

    def hide(match: re.Match[str]) -> str:
        codes.append(match[0])
        return f"\0{len(codes) - 1}\0"

    changed = change(_CODE.sub(hide, line))
    return re.sub(r"\0(\d+)\0", lambda match: codes[int(match[1])], changed)


def _tag(text: str, stack: list[Element], where: str) -> None:
    tag = _TAG.match(text)
    if tag is None:
        raise PluginError(
            f'{where}: a tag is one line, <Name text="text" number={{2}}>, not {text}'
        )
    name = tag["name"]
    if tag["close"]:
        if stack[-1].name != name:
            raise PluginError(f"{where}: </{name}> closes <{stack[-1].name or 'nothing'}>")
        stack.pop()
        return
    if (parent := INSIDE.get(name, stack[-1].name)) != stack[-1].name:
        raise PluginError(f"{where}: <{name}> stands inside <{parent}>")
    attributes = {
        match["name"]: _value(match["value"]) if match["value"] else "true"
        for match in _ATTRIBUTE.finditer(tag["attributes"])
    }
    takes = COMPONENTS[name]
    for attribute in attributes:
        if attribute not in takes:
            known = ", ".join(takes) or "none"
            raise PluginError(f"{where}: <{name}> takes no {attribute}; it takes {known}")
    for attribute, needed in takes.items():
        if needed and not attributes.get(attribute):
            raise PluginError(f"{where}: <{name}> needs {attribute}=")
    element = Element(name, attributes, where)
    stack[-1].content.append(element)
    if not tag["empty"]:
        stack.append(element)


def _value(written: str) -> str:
    inside = written[1:-1].strip()
    return inside[1:-1] if written[0] == "{" and inside[0] in "\"'" else inside


def _prose(line: str, where: str) -> str:
    """A line without its comments, once every component in it is known."""
    line = outside_code(lambda text: _COMMENT.sub("", text), line)
    seen = _PLACE.sub("", GUARANTEE.sub(r"\g<text>", _CODE.sub("", line)))
    if stray := _STRAY.search(seen):
        name = stray["name"]
        if name in COMPONENTS:
            raise PluginError(f"{where}: the tags of <{name}> stand alone on their lines")
        if name == "Guarantee":
            form = '<Guarantee id="...">text</Guarantee>'
            raise PluginError(f"{where}: a promise is {form}, on one line")
        known = ", ".join(sorted({*COMPONENTS, *PLACES, "Guarantee"}))
        raise PluginError(f"{where}: unknown component <{name}>; there are {known}")
    return line
