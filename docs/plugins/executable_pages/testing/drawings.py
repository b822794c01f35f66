"""Draws the sequence diagrams of the pages that have no drawing yet: `make diagrams`.

The wheel `mermaidx` runs Mermaid itself in QuickJS and measures text in DejaVu Sans, one of the
widest fonts: what fits there fits in a reader's font. Colors are taken out; the site's style sheet
gives them, in both schemes.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from executable_pages.drawings import PLACE, SVG, file
from executable_pages.testing.kinds import is_sequence
from executable_pages.testing.scanner import ROOT, Block, pages

# Long messages take two lines, and a diagram that is still too wide scrolls: shrunk, nobody could
# read it on a phone.
SETTINGS = {
    "fontFamily": "DejaVu Sans",
    "fontSize": 14,
    "sequence": {
        **dict.fromkeys(("messageFontSize", "noteFontSize", "actorFontSize"), 14),
        "useMaxWidth": False,
        "wrap": True,
        "width": 110,
        "actorMargin": 130,
        "diagramMarginX": 8,
    },
}
_KEPT = {
    *("class", "d", "points", "transform", "viewBox", "width", "height", "text-anchor", "dy"),
    *("x", "y", "x1", "y1", "x2", "y2", "cx", "cy", "r", "rx", "ry", "dominant-baseline"),
    *("data-from", "data-to", "marker-start", "marker-end", "orient"),
    # A panel of links is hidden until a script of Mermaid's opens it.
    "display",
    *("markerHeight", "markerUnits", "markerWidth", "refX", "refY"),
}
_DASHES = re.compile(r"stroke-dasharray:\s*([\d, ]+)")


def diagrams(docs: Path) -> Iterator[Block]:
    """Each sequence diagram of a page."""
    for page in pages(docs):
        for block in page.blocks:
            if block.language == "mermaid" and is_sequence(block):
                yield block


def draw(text: str, digest: str) -> str:
    """Let Mermaid draw a diagram, as SVG without a color."""
    # Most runs that import this module draw nothing.
    import mermaidx  # type: ignore[import-untyped]

    svg: str = mermaidx.render(text, config=SETTINGS, theme="base").svg()
    name = f"diagram-{digest}"
    root = ElementTree.fromstring(svg.replace("my-svg", name))
    used = set(re.findall(r"url\(#([\w-]+)\)", svg.replace("my-svg", name)))
    made = Element(f"{SVG}svg", id=name)
    made.attrib |= {key: root.get(key, "") for key in ("viewBox", "width", "height")}
    for part in root:
        if part.tag == f"{SVG}style":
            continue
        if part.tag == f"{SVG}defs":
            marks = [each for each in part if each.get("id") in used]
            if marks:
                kept = [_plain(each) for each in marks]
                for each, mark in zip(kept, marks, strict=True):
                    each.set("id", mark.get("id", ""))
                    made.append(each)
            continue
        plain = _plain(part)
        if len(plain) or plain.tag != f"{SVG}g":
            made.append(plain)
    ElementTree.register_namespace("", SVG[1:-1])
    text = ElementTree.tostring(made, encoding="unicode")
    return re.sub(r"(/>|</\w+>|<g[^>]*>|<svg[^>]*>)(?=<)", r"\1\n", text) + "\n"


def _plain(part: Element) -> Element:
    """An element of a drawing without colors and names, and its text in no element of its own."""
    attributes = {key: value for key, value in part.attrib.items() if key in _KEPT}
    if part.get("data-et") == "participant":
        attributes["data-id"] = part.get("data-id", "")
    style = part.get("style", "")
    if dashes := _DASHES.search(style):
        attributes["stroke-dasharray"] = dashes[1].strip()
    if "text-anchor: middle" in style:
        attributes["text-anchor"] = "middle"
    if part.get("class") == "rect":
        # A background has the color that its author gave it.
        attributes["fill"] = part.get("fill", "none")
    made = Element(part.tag, attributes)
    texts = [f"{SVG}{each}" for each in ("text", "tspan", "title", "desc")]
    made.text = part.text if part.tag in texts else None
    children = list(part)
    if part.tag == f"{SVG}text" and len(children) == 1:
        made.text = children[0].text
        made.attrib |= {key: value for key, value in children[0].items() if key in ("x", "dy")}
        children = []
    made.extend(_plain(child) for child in children)
    return made


def main(docs: Path = ROOT / "docs") -> int:
    """Draw what has no drawing, and remove the drawings of diagrams that are gone."""
    wanted = {block.digest: block for block in diagrams(docs)}
    (docs / PLACE).mkdir(exist_ok=True)
    left = {path.stem: path for path in (docs / PLACE).glob("*.svg")}
    for digest in left.keys() - wanted.keys():
        left[digest].unlink()
        print(f"{PLACE}: {digest} is of no page any more")
    for digest in wanted.keys() - left.keys():
        path = file(docs, digest)
        path.write_text(draw(wanted[digest].text, digest), "utf-8")
        print(f"{PLACE}: {digest} drawn, {path.stat().st_size / 1000:.0f} kB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
