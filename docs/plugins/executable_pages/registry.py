"""The components that pages may use, as data: attributes, and what stands in what."""

import difflib
import re
from dataclasses import dataclass

from executable_pages.tree import Component, Fence, Node

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
    "Failover",
    "Field",
    "Matrix",
    "Mutants",
    "Outages",
    "PowerCuts",
    "Survivors",
    "Upstream",
)

# What a note may say of itself as `type`, and the box that it is shown in.
TYPES = {
    **{each.lower(): each.lower() for each in ADMONITIONS},
    "check": "success",
    "success": "success",
    "error": "danger",
    "caution": "warning",
}
# What says how something looks or behaves on another site: carried into the HTML as `data-...`.
LOOKS = frozenset(
    [
        "arrow",
        "borderBottom",
        "color",
        "cols",
        "disabled",
        "dropdown",
        "hidden",
        "horizontal",
        "icon",
        "iconType",
        "rss",
        "shape",
        "size",
        "stroke",
        "sync",
        "titleSize",
    ]
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
    **dict.fromkeys(ADMONITIONS, _kind("title icon id type")),
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
    "Expandable": _kind("defaultOpen id", "title"),
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
_HTML = "className class id style title lang dir role hidden tabIndex"
_PLAIN = """
    abbr address article aside b bdi bdo center cite code dd details dfn div dl dt em
    figcaption figure footer h1 h2 h3 h4 h5 h6 header hgroup i kbd main map mark menu nav p
    picture rp rt ruby s samp search section small span strong sub summary sup u ul var
"""
_TIMED = "cite dateTime"
_MEDIA = f"{_HTML} src controls autoPlay loop muted"
_DRAWN = "fill stroke strokeWidth strokeLinecap strokeLinejoin fillRule clipRule transform opacity"
# What a drawing is made of. Its words would be shown and not checked, so it has none.
_SHAPES = {
    "circle": "cx cy r",
    "ellipse": "cx cy rx ry",
    "g": "",
    "line": "x1 y1 x2 y2",
    "path": "d",
    "polygon": "points",
    "polyline": "points",
    "rect": "x y width height rx ry",
}
# Elements of HTML, written as MDX has them: `className` for `class`, and each one closed.
ELEMENTS: dict[str, Kind] = {
    **{each: _kind(_HTML) for each in re.findall(r"\w+", _PLAIN)},
    **{each: _kind(f"{_HTML} {takes} {_DRAWN}") for each, takes in _SHAPES.items()},
    **dict.fromkeys(("br", "hr", "wbr"), _kind(_HTML, is_empty=True)),
    **dict.fromkeys(("blockquote", "q"), _kind(f"{_HTML} cite")),
    **dict.fromkeys(("del", "ins"), _kind(f"{_HTML} {_TIMED}")),
    "a": _kind(f"{_HTML} href name target rel download"),
    "area": _kind(f"{_HTML} href alt shape coords target rel", is_empty=True),
    "audio": _kind(f"{_MEDIA} preload"),
    "data": _kind(f"{_HTML} value"),
    "iframe": _kind(
        f"{_HTML} width height allow allowFullScreen frameBorder loading scrolling referrerPolicy",
        "src",
    ),
    "img": _kind(
        f"{_HTML} alt width height loading noZoom align srcSet sizes useMap", "src", is_empty=True
    ),
    "li": _kind(f"{_HTML} value"),
    "ol": _kind(f"{_HTML} start type"),
    "source": _kind(f"{_HTML} type src srcSet media sizes", is_empty=True),
    "svg": _kind(f"{_HTML} xmlns viewBox width height {_DRAWN}"),
    "time": _kind(f"{_HTML} dateTime"),
    "track": _kind(f"{_HTML} kind srcLang label default", "src", is_empty=True),
    "video": _kind(f"{_MEDIA} playsInline preload width height poster"),
}
# What shows code or a table to readers, and nothing to tests; what runs; what is not the page's.
REFUSED = {
    "pre": "write a fence of three backticks",
    **dict.fromkeys(
        ["caption", "col", "colgroup", "table", "tbody", "td", "tfoot", "th", "thead", "tr"],
        "write a table with pipes",
    ),
    **dict.fromkeys(
        [
            "button",
            "canvas",
            "datalist",
            "dialog",
            "fieldset",
            "form",
            "input",
            "label",
            "legend",
            "noscript",
            "optgroup",
            "option",
            "output",
            "script",
            "select",
            "slot",
            "style",
            "template",
            "textarea",
        ],
        "a page runs nothing",
    ),
    **dict.fromkeys(("meter", "progress"), "write the number in words"),
    **dict.fromkeys(("embed", "object"), "write an image, a link or an <iframe>"),
    **dict.fromkeys(("base", "body", "head", "html", "link", "meta"), "the site writes it"),
    **dict.fromkeys(("text", "tspan"), "write the words of a drawing into the prose"),
    "Snippet": "a page holds all that it shows; put the text of that file here",
}


def unknown(name: str) -> str:
    """What is wrong with a name that no component has."""
    if hint := REFUSED.get(name):
        return f"<{name}> is not for pages; {hint}"
    known = {**COMPONENTS, **ELEMENTS} if name[:1].islower() else COMPONENTS
    near = difflib.get_close_matches(name, known, 1, 0.7)
    hint = f"did you mean <{near[0]}>?" if near else "put what is no component in backticks"
    return f"unknown component <{name}>; {hint}"


def kind_of(name: str) -> Kind | None:
    """What is known of a component or element; None for nothing. `""` is a fragment."""
    return COMPONENTS.get(name) or ELEMENTS.get(name) or (Kind() if not name else None)


def wrong_attribute(name: str, attribute: str) -> str:
    """What to write instead of an attribute that a component does not take; empty when it does."""
    kind = kind_of(name)
    assert kind is not None
    if attribute in kind.takes:
        return ""
    if name in ELEMENTS:
        # HTML does not tell small letters from capitals.
        is_known = attribute.lower() in map(str.lower, kind.takes)
        if is_known or attribute.startswith(("data-", "aria-")):
            return ""
    known = sorted(kind.takes)
    near = difflib.get_close_matches(attribute, known, 1, 0.5)
    hint = f"did you mean {near[0]}?" if near else f"it takes {', '.join(known) or 'none'}"
    return f"<{name}> takes no {attribute}; {hint}"


def misplaced(component: Component, parent: str) -> str:
    """What is wrong with the place or the content of a component; empty for nothing."""
    name, kind = component.name, kind_of(component.name)
    if kind is None:
        return ""
    if kind.inside and parent not in kind.inside:
        return f"<{name}> stands inside <{'> or <'.join(kind.inside)}>"
    for needed in kind.needs:
        if not component.string(needed):
            return f'<{name}> needs {needed}="..."'
    if name == "a" and not any(component.string(each) for each in ("href", "id", "name")):
        return '<a> needs href="...", or id="..." for a place that links lead to'
    said = component.string("type").lower()
    if said and said not in TYPES and name in (*ADMONITIONS, "Callout"):
        return f"type={said!r} is no kind of note; write one of {', '.join(TYPES)}"
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
