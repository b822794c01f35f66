"""The components that pages may use, as data: attributes, and what stands in what."""

import difflib
import re
from dataclasses import dataclass

from docs.plugins.tree import Component, Fence, Node

ADMONITIONS = ("Note", "Tip", "Warning", "Info", "Check", "Danger")
# These belong into prose, also when a paragraph holds nothing else.
IN_PROSE = frozenset({"Badge", "Evidence", "Guarantee", "Icon", "Tooltip"})
# In these, evidence is put when the site is built.
MEASURED = (
    "Benchmark",
    "Breaks",
    "Costs",
    "Crossing",
    "Durability",
    "Evidence",
    "Field",
    "Matrix",
    "Mutants",
    "Survivors",
)

_FIELD = "type required optional default placeholder deprecated hidden pre post"


@dataclass(frozen=True)
class Kind:
    """The attributes that a component takes and needs, where it stands, and what it holds."""

    takes: frozenset[str] = frozenset()
    needs: tuple[str, ...] = ()
    inside: tuple[str, ...] = ()
    holds: tuple[str, ...] = ()
    is_empty: bool = False


def _kind(
    takes: str = "", needs: str = "", inside: str = "", holds: str = "", is_empty: bool = False
) -> Kind:
    names = frozenset(f"{takes} {needs}".split())
    return Kind(names, tuple(needs.split()), tuple(inside.split()), tuple(holds.split()), is_empty)


COMPONENTS: dict[str, Kind] = {
    **dict.fromkeys(ADMONITIONS, _kind("title icon id")),
    **dict.fromkeys(MEASURED, _kind(is_empty=True)),
    "Accordion": _kind("defaultOpen icon iconType description id", "title"),
    "AccordionGroup": _kind(),
    "ApiReference": _kind("members", "of", is_empty=True),
    "Badge": _kind("color icon size shape stroke disabled"),
    "Callout": _kind("type title icon color iconType"),
    "Card": _kind("title icon iconType href color cta arrow horizontal img disabled"),
    "CardGroup": _kind("cols"),
    "CodeGroup": _kind("dropdown", holds="Fence"),
    "Columns": _kind("cols"),
    "Evidence": _kind("", "count", is_empty=True),
    "Expandable": _kind("defaultOpen", "title"),
    "Frame": _kind("caption hint"),
    "Guarantee": _kind("", "id"),
    "Icon": _kind("size color iconType className", "icon", is_empty=True),
    "ParamField": _kind(f"query path body header {_FIELD}"),
    "Proof": _kind(),
    "ResponseExample": _kind("dropdown", holds="Fence"),
    "ResponseField": _kind(_FIELD, "name"),
    "RequestExample": _kind("dropdown", holds="Fence"),
    "Step": _kind("title icon iconType titleSize stepNumber id", inside="Steps"),
    "Steps": _kind("titleSize", holds="Step"),
    "Tab": _kind("icon iconType id", "title", inside="Tabs"),
    "Tabs": _kind("sync borderBottom", holds="Tab"),
    "Tooltip": _kind("headline cta href", "tip"),
    "Update": _kind("description tags rss", "label"),
}
_HTML = "className id style title lang dir role hidden tabIndex"
_PLAIN = """
    abbr b blockquote center cite code dd del details div dl dt em figcaption figure footer h1
    h2 h3 h4 h5 h6 header i ins kbd li mark ol p q s samp section small span strong sub
    summary sup u ul var
"""
# Elements of HTML, written as MDX has them: `className` for `class`, and each one closed.
ELEMENTS: dict[str, Kind] = {
    **{each: _kind(_HTML) for each in re.findall(r"\w+", _PLAIN)},
    "a": _kind(f"{_HTML} target rel", "href"),
    "br": _kind(_HTML, is_empty=True),
    "hr": _kind(_HTML, is_empty=True),
    "iframe": _kind(
        f"{_HTML} width height allow allowFullScreen frameBorder loading scrolling referrerPolicy",
        "src",
    ),
    "img": _kind(f"{_HTML} alt width height loading noZoom", "src", is_empty=True),
    "path": _kind(
        f"{_HTML} fill stroke strokeWidth strokeLinecap strokeLinejoin fillRule clipRule", "d"
    ),
    "source": _kind(f"{_HTML} type", "src", is_empty=True),
    "svg": _kind(f"{_HTML} xmlns fill stroke viewBox width height strokeWidth"),
    "video": _kind(f"{_HTML} src controls autoPlay loop muted playsInline width height poster"),
}
# What shows code or a table to readers, and nothing to tests.
REFUSED = {
    "pre": "write a fence of three backticks",
    **dict.fromkeys(("table", "thead", "tbody", "tr", "th", "td"), "write a table with pipes"),
    **dict.fromkeys(("script", "style", "form", "input", "button"), "a page runs nothing"),
}


def unknown(name: str) -> str:
    """What is wrong with a name that no component has."""
    if hint := REFUSED.get(name):
        return f"<{name}> is not for pages; {hint}"
    known = {**COMPONENTS, **ELEMENTS} if name[:1].islower() else COMPONENTS
    near = difflib.get_close_matches(name, known, 1, 0.5)
    hint = f"did you mean <{near[0]}>?" if near else "put what is no component in backticks"
    return f"unknown component <{name}>; {hint}"


def kind_of(name: str) -> Kind | None:
    """What is known of a component or element; None for nothing. `""` is a fragment."""
    return COMPONENTS.get(name) or ELEMENTS.get(name) or (Kind() if not name else None)


def wrong_attribute(name: str, attribute: str) -> str:
    """What to write instead of an attribute that a component does not take; empty when it does."""
    kind = kind_of(name)
    assert kind is not None
    if attribute in kind.takes or (name in ELEMENTS and attribute.startswith(("data-", "aria-"))):
        return ""
    known = sorted(kind.takes)
    near = difflib.get_close_matches(attribute, known, 1, 0.5)
    hint = f"did you mean {near[0]}?" if near else f"it takes {', '.join(known) or 'none'}"
    return f"<{name}> takes no {attribute}; {hint}"


def misplaced(component: Component, parent: str) -> str:
    """What is wrong with the place or the content of a component; empty for nothing."""
    name, kind = component.name, kind_of(component.name)
    assert kind is not None
    if kind.inside and parent not in kind.inside:
        return f"<{name}> stands inside <{'> or <'.join(kind.inside)}>"
    for needed in kind.needs:
        if not component.string(needed):
            return f'<{name}> needs {needed}="..."'
    if name == "ParamField" and not _named(component):
        return '<ParamField> needs a name, such as query="..." or path="..."'
    if kind.is_empty and component.children:
        return f"<{name}> holds nothing; write <{name} ... />"
    return ""


def _named(component: Component) -> bool:
    return any(component.string(each) for each in ("query", "path", "body", "header"))


def strays(component: Component) -> list[Node]:
    """What stands in a component that holds only certain others."""
    kind = kind_of(component.name)
    if kind is None or not kind.holds:
        return []
    return [child for child in component.children if _what(child) not in ("", *kind.holds)]


def _what(node: Node) -> str:
    if isinstance(node, Component):
        return node.name or "a fragment"
    if isinstance(node, Fence):
        return "Fence"
    return "" if type(node).__name__ == "Comment" else "prose"
