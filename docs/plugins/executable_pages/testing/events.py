"""Events that tell what a page shows: `("heading", "2", "an-anchor")`, `("text", "words")`, ..."""

import posixpath
import re
from collections.abc import Iterator

Event = tuple[str, ...]
_FLOWING = ("em", "strong", "del", "link", "inline", "br", "image", "promise", "element")
_SAYING = ("text", "inline", "image", "promise")
# Elements of HTML that stand on lines of their own.
_BLOCKS = [
    "address",
    "article",
    "aside",
    "audio",
    "blockquote",
    "center",
    "dd",
    "details",
    "div",
    "dl",
    "dt",
    "figcaption",
    "figure",
    "footer",
    "header",
    "hgroup",
    "main",
    "menu",
    "nav",
    "search",
    "section",
    "video",
]
_SPACE = re.compile(r"[ \t\n]+")


def tidy(events: Iterator[Event]) -> list[Event]:
    """Events with white space as a browser shows it: one space, and none where a line begins."""
    found: list[Event] = []
    for event in events:
        if event[0] == "text" and found and found[-1][0] == "text":
            found[-1] = ("text", found[-1][1] + event[1])
        else:
            found.append(event)
    ends = _line_ends(found)
    tidied: list[Event] = []
    for index, event in enumerate(found):
        if event[0] != "text":
            tidied.append(event)
            continue
        text = _SPACE.sub(" ", event[1])
        if index in ends:
            text = text.lstrip(" ")
        if index + 1 in ends:
            text = text.rstrip(" ")
        if text:
            tidied.append(("text", text))
    return tidied


def _line_ends(events: list[Event]) -> set[int]:
    """The numbers of the events before which a line ends, or has had nothing to show yet."""
    ends = {0, len(events)}
    is_new = True
    elements: list[str] = []
    for number, event in enumerate(events):
        name = event[0].removeprefix("/")
        flows = name in (*_FLOWING, "text") and name != "br"
        if event[0] == "element":
            elements.append(event[1])
        if name == "element" and elements[-1] in _BLOCKS:
            flows = False
        if event[0] == "/element":
            elements.pop()
        if event[0] in _SAYING and (name != "text" or event[1].strip()):
            is_new = False
        elif not flows:
            ends.add(number)
            is_new = True
        if is_new:
            ends.add(number + 1)
    return ends


def leads(target: str, path: str) -> str:
    """The page and the place to which a link on a page leads, however it is written."""
    if re.match(r"[a-z][a-z0-9+.-]*:|//", target, re.IGNORECASE):
        return target
    place = re.split("[?#]", target, maxsplit=1)[0]
    if not place:
        return target
    found = posixpath.normpath(posixpath.join("/" + posixpath.dirname(path), place))
    return (found.removesuffix(".md").removesuffix("/index") or "/") + target[len(place) :]


def differing(has_to_show: list[Event], shows: list[Event]) -> str:
    """The first place at which a page shows something else than was checked; empty for none."""
    for number, (wanted, found) in enumerate(zip(has_to_show, shows, strict=False)):
        if wanted != found:
            return f"event {number}: {wanted} was checked, {found} is shown"
    if len(has_to_show) > len(shows):
        return f"{has_to_show[len(shows)]} was checked and is not shown"
    if len(shows) > len(has_to_show):
        return f"{shows[len(has_to_show)]} is shown and was not checked"
    return ""


def label(text: str) -> Iterator[Event]:
    """A title; nothing for none."""
    return nested(text, "label") if text else iter(())


def nested(text: str, *names: str) -> Iterator[Event]:
    """Text inside elements, the outer ones first."""
    yield from ((name,) for name in names)
    yield ("text", text)
    yield from ((f"/{name}",) for name in reversed(names))
