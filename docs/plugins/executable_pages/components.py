"""Shows components: admonitions, tabs, cards and steps as the theme's own, the rest plainly.

No attribute that a component takes is left out: words are shown, and what says how it looks on
another site is carried as `data-...`, where a style can see it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

from executable_pages import elements, icons
from executable_pages.markup import Piece, element
from executable_pages.registry import ADMONITIONS, ELEMENTS, LOOKS, MEASURED, TYPES
from executable_pages.tree import Component, Fence

if TYPE_CHECKING:
    from executable_pages.html import Renderer

Show = Callable[["Renderer", Component], "list[Piece]"]
_KINDS = {"Check": "success", "Callout": "note"}


def show(renderer: Renderer, node: Component) -> list[Piece]:
    """A component between paragraphs."""
    if node.name in MEASURED and node.name != "Evidence":
        return renderer.blocks(renderer.measured(node))
    if node.name == "ApiReference":
        return [*renderer.reference(node)]
    if not node.name:
        return renderer.blocks(node.children)
    if node.name in ELEMENTS:
        return [elements.show(renderer, node, renderer.mixed(node.children))]
    if shown := BLOCKS.get(node.name):
        return _named(node, shown(renderer, node))
    if node.prose is None:
        return show_inline(renderer, node)
    return [element("p", *show_inline(renderer, node))]


def show_inline(renderer: Renderer, node: Component) -> list[Piece]:
    """A component in a line of prose."""
    if node.name in MEASURED:
        return renderer.prose(renderer.measured(node))
    if not node.name:
        return renderer.prose(node.children)
    if node.name in ELEMENTS:
        return [elements.show(renderer, node, renderer.mixed(node.children))]
    if shown := INLINES.get(node.name):
        return _named(node, shown(renderer, node))
    if node.name not in BLOCKS:
        raise NotImplementedError(f"add <{node.name}> to BLOCKS or INLINES in {__name__}")
    # A component that is meant to be a block is one, also in the middle of a paragraph.
    return show(renderer, node)


def _named(node: Component, pieces: list[Piece]) -> list[Piece]:
    """What shows a component, with its id, and with what it says about looks."""
    first = next((piece for piece in pieces if isinstance(piece, Element)), None)
    if first is not None:
        for name, value in _about(node).items():
            first.set(name, value)
    return pieces


def _about(node: Component) -> dict[str, str]:
    found = {"id": node.string("id")} if node.string("id") and node.name != "Guarantee" else {}
    for name in sorted(LOOKS & set(node.attributes)):
        found[f"data-{re.sub('[A-Z]', lambda match: f'-{match[0].lower()}', name)}"] = node.string(
            name
        )
    return found


def _titled(renderer: Renderer, node: Component, default: str = "") -> list[Piece]:
    icon = icons.svg(node.string("icon"))
    title = node.string("title") or default
    return [renderer.raw(icon, class_="twemoji"), " ", title] if icon else [title]


def _admonition(renderer: Renderer, node: Component) -> list[Piece]:
    said = node.string("type").lower()
    kind = TYPES[said] if said else _KINDS.get(node.name, node.name.lower())
    default = "" if node.name == "Callout" else said.capitalize() or node.name
    head: list[Piece] = []
    if node.string("title") or default:
        title = _titled(renderer, node, default)
        head = [element("p", *title, class_="admonition-title"), "\n"]
    body = renderer.blocks(node.children)
    return [element("div", "\n", *head, *body, class_=f"admonition {kind}")]


def _details(renderer: Renderer, node: Component) -> list[Piece]:
    opened = {"open": "open"} if node.string("defaultOpen") not in ("", "false") else {}
    summary = element("summary", *_titled(renderer, node))
    said = node.string("description")
    body: list[Piece] = [element("p", element("em", said)), "\n"] if said else []
    body += renderer.blocks(node.children)
    return [element("details", summary, "\n", *body, class_="note", **opened)]


_Tab = tuple[list[Piece], list[Piece], dict[str, str]]


def _tab_set(renderer: Renderer, tabs: list[_Tab]) -> list[Piece]:
    renderer.tab_sets += 1
    name = f"__tabbed_{renderer.tab_sets}"
    made = element("div", class_="tabbed-set tabbed-alternate")
    made.set("data-tabs", f"{renderer.tab_sets}:{len(tabs)}")
    labels, blocks = (element("div", class_=f"tabbed-{part}") for part in ("labels", "content"))
    for number, (title, content, about) in enumerate(tabs, 1):
        button = element("input", id=f"{name}_{number}", name=name, type="radio")
        if number == 1:
            button.set("checked", "checked")
        made.append(button)
        labels.append(element("label", *title, for_=f"{name}_{number}"))
        blocks.append(element("div", "\n", *content, class_="tabbed-block", **about))
    made.extend([labels, blocks])
    return [made]


def _tabs(renderer: Renderer, node: Component) -> list[Piece]:
    tabs = [child for child in node.children if isinstance(child, Component)]
    return _tab_set(
        renderer,
        [(_titled(renderer, tab), renderer.blocks(tab.children), _about(tab)) for tab in tabs],
    )


def _code_group(renderer: Renderer, node: Component) -> list[Piece]:
    fences = [child for child in node.children if isinstance(child, Fence)]
    return _tab_set(
        renderer,
        [
            ([each.title or each.language], renderer.fence(each, titled=False), {})
            for each in fences
        ],
    )


def _steps(renderer: Renderer, node: Component) -> list[Piece]:
    made = element("ol", "\n")
    for step in node.children:
        if isinstance(step, Component):
            title = element("p", element("strong", *_titled(renderer, step)))
            head: list[Piece] = [title, "\n"] if step.string("title") else []
            number = {"value": said} if (said := step.string("stepNumber")) else {}
            content = renderer.blocks(step.children)
            made.append(element("li", *head, *content, **number, **_about(step)))
    return [made]


def _grid(renderer: Renderer, node: Component) -> list[Piece]:
    made = element("ul", "\n")
    for child in node.children:
        if isinstance(child, Component) and child.name == "Card":
            made.append(_card_item(renderer, child))
        elif content := renderer.blocks([child]):
            made.append(element("li", *content))
    columns = node.string("cols")
    return [element("div", made, class_="grid cards" + (f" cards--{columns}" if columns else ""))]


def _card(renderer: Renderer, node: Component) -> list[Piece]:
    alone = Component(node.place, [node], "CardGroup", {"cols": 1})
    return _grid(renderer, alone)


def _card_item(renderer: Renderer, node: Component) -> Element:
    title, href = node.string("title"), node.string("href")
    icon = icons.svg(node.string("icon"))
    head: list[Piece] = [renderer.raw(icon, class_="twemoji"), " "] if icon else []
    if href:
        head.append(element("strong", element("a", title or href, href=renderer.href(href))))
    elif title:
        head.append(element("strong", title))
    body: list[Piece] = [element("p", *head), "\n"] if head else []
    if image := node.string("img"):
        body.insert(0, element("img", src=renderer.href(image), alt=""))
    body += renderer.blocks(node.children)
    if cta := node.string("cta"):
        body.append(element("p", element("a", cta, href=renderer.href(href)) if href else cta))
    return element("li", *body, **_about(node))


def _columns(renderer: Renderer, node: Component) -> list[Piece]:
    if any(isinstance(child, Component) and child.name == "Card" for child in node.children):
        return _grid(renderer, node)
    return [element("div", *renderer.blocks(node.children), class_="grid")]


def _plain(renderer: Renderer, node: Component) -> list[Piece]:
    return renderer.blocks(node.children)


def _proof(renderer: Renderer, node: Component) -> list[Piece]:
    return [element("div", *renderer.blocks(node.children), class_="proof")]


def _frame(renderer: Renderer, node: Component) -> list[Piece]:
    hint = [element("p", said)] if (said := node.string("hint")) else []
    caption = [element("figcaption", said)] if (said := node.string("caption")) else []
    return [element("figure", *hint, *renderer.mixed(node.children), *caption)]


def _field(renderer: Renderer, node: Component) -> list[Piece]:
    named = ("name", "query", "path", "body", "header")
    head: list[Piece] = [*node.strings("pre")]
    head = [piece for said in head for piece in (said, " ")]
    head.append(element("code", next(filter(None, map(node.string, named)), "")))
    head += [piece for said in node.strings("post") for piece in (" ", said)]
    if said := node.string("type"):
        head += [" ", element("span", said, class_="field-type")]
    for word in ("required", "optional", "deprecated"):
        if node.string(word) not in ("", "false"):
            head += [" ", element("em", word)]
    for word in ("default", "placeholder"):
        if word in node.attributes:
            head += [f" {word} ", element("code", node.string(word))]
    body = renderer.blocks(node.children)
    return [element("div", element("p", *head), "\n", *body, class_="field")]


def _update(renderer: Renderer, node: Component) -> list[Piece]:
    head: list[Piece] = [element("strong", node.string("label"))]
    if said := node.string("description"):
        head += [" ", said]
    for tag in node.strings("tags"):
        head += [" ", element("span", tag, class_="badge")]
    body = renderer.blocks(node.children)
    return [element("div", element("p", *head), "\n", *body, class_="update")]


def _promise(renderer: Renderer, node: Component) -> list[Piece]:
    own = node.string("id")
    title = f"Guarantee {own}: see what proves it"
    link = element(
        "a",
        renderer.raw(icons.svg("shield"), class_="twemoji"),
        class_="guarantee",
        id=own,
        href=renderer.href(f"/verification/guarantees#{own}"),
        title=title,
        aria_label=title,
    )
    return [*renderer.prose(node.prose or []), " ", link]


def _badge(renderer: Renderer, node: Component) -> list[Piece]:
    color = node.string("color")
    shade = f" badge--{color}" if color.isalpha() else ""
    icon = icons.svg(node.string("icon"))
    head: list[Piece] = [renderer.raw(icon, class_="twemoji")] if icon else []
    return [_around(renderer, node, "span", *head, class_=f"badge{shade}")]


def _around(
    renderer: Renderer, node: Component, tag: str, *head: Piece, **attributes: str
) -> Element:
    """An element of a line around prose; around blocks, a `div`."""
    if node.prose is None:
        return element("div", *head, *renderer.blocks(node.children), **attributes)
    return element(tag, *head, *renderer.prose(node.prose), **attributes)


def _icon(renderer: Renderer, node: Component) -> list[Piece]:
    svg = icons.svg(node.string("icon"))
    color, size = node.string("color"), node.string("size")
    # An icon is as large as the letters around it, and has their color.
    size = f"{size}px" if size.isdigit() else size
    parts = {"color": color, "font-size": size}
    style = "; ".join(f"{name}: {value}" for name, value in parts.items() if value)
    return [
        renderer.raw(
            svg,
            class_=f"twemoji {node.string('className')}".strip(),
            **({"style": style} if style else {}),
        )
    ]


def _tooltip(renderer: Renderer, node: Component) -> list[Piece]:
    said = [node.string(each) for each in ("headline", "tip", "cta")]
    shown = _around(renderer, node, "abbr", title=". ".join(filter(None, said)))
    href = node.string("href")
    return [element("a", shown, href=renderer.href(href)) if href else shown]


BLOCKS: dict[str, Show] = {
    **dict.fromkeys((*ADMONITIONS, "Callout"), _admonition),
    **dict.fromkeys(("Accordion", "Expandable"), _details),
    **dict.fromkeys(("AccordionGroup", "Step", "Tab"), _plain),
    **dict.fromkeys(("CodeGroup", "RequestExample", "ResponseExample"), _code_group),
    **dict.fromkeys(("ParamField", "ResponseField"), _field),
    "Card": _card,
    "CardGroup": _grid,
    "Columns": _columns,
    "Frame": _frame,
    "Proof": _proof,
    "Steps": _steps,
    "Tabs": _tabs,
    "Update": _update,
}
INLINES: dict[str, Show] = {
    "Badge": _badge,
    "Guarantee": _promise,
    "Icon": _icon,
    "Tooltip": _tooltip,
}
