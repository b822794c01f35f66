"""Sequence diagrams as they were drawn beforehand, so that no page loads Mermaid's 3.5 MB.

`make diagrams` lets Mermaid draw each diagram of a page once, into a file that is called by the
digest of its source: a diagram that was changed has no drawing. Until it is drawn, and for the
kinds of diagram that are not drawn beforehand, the reader's browser draws it, with the script that
mkdocs-mermaid2-plugin puts into the page. The text of other kinds is HTML that only a browser can
measure; the text of a sequence diagram fits in a font as wide as DejaVu Sans.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

PLACE = "drawings"
SVG = "{http://www.w3.org/2000/svg}"
_SAID = ("messageText", "noteText", "labelText", "loopText", "sectionTitle")
# What Mermaid draws where a frame says nothing.
_NOTHING = "\u200b"


def file(docs: Path, digest: str) -> Path:
    """Where the drawing of a diagram is, below the directory of all pages."""
    return docs / PLACE / f"{digest}.svg"


@dataclass(frozen=True)
class Drawing:
    """A sequence diagram as it was drawn."""

    root: Element

    @property
    def participants(self) -> dict[str, str]:
        """What stands in the heads of the diagram, by Mermaid's names, from left to right."""
        heads: dict[str, list[tuple[float, str]]] = {}
        for group in self.root.iter(f"{SVG}g"):
            if name := group.get("data-id"):
                texts = [each for each in group if each.tag == f"{SVG}text"]
                heads[name] = [(float(each.get("x", 0)), each.text or "") for each in texts]
        order = sorted(heads, key=lambda name: heads[name][0])
        return {name: " ".join(text for _, text in heads[name]) for name in order}

    @property
    def said(self) -> list[tuple[str, ...]]:
        """What the diagram says, from top to bottom: `(source, target, text)`, or `(text,)`.

        A message stands above its line, in one line of text or several.
        """
        found: list[tuple[float, tuple[str, ...]]] = []
        lines: list[str] = []
        top, before = 0.0, ""
        for each in self.root.iter():
            kind = each.get("class", "").split(" ")[0]
            if each.tag == f"{SVG}text" and kind in _SAID and each.text != _NOTHING:
                if kind == before == "noteText":
                    found[-1] = found[-1][0], (f"{found[-1][1][0]} {each.text}",)
                    continue
                top = top if lines else float(each.get("y", 0))
                lines.append(each.text or "")
                if kind != "messageText":
                    found.append((top, (" ".join(lines),)))
                    lines = []
            elif source := each.get("data-from"):
                found.append((top, (source, each.get("data-to", ""), " ".join(lines))))
                lines = []
            before = kind
        return [event for _, event in sorted(found, key=lambda each: each[0])]

    def shown(self, title: str) -> str:
        """HTML of the drawing, with its title and its steps for those who cannot see it.

        The steps are a list too, which takes the place of the drawing on a narrow screen.
        """
        name = self.participants
        steps = [
            f"{name[event[0]]} to {name[event[1]]}: {event[2]}" if len(event) > 1 else event[0]
            for event in self.said
        ]
        about = ElementTree.Element(f"{SVG}desc", id=f"{self.root.get('id')}-steps")
        # What the diagram says of itself for them comes first.
        own = {tag: self.root.findtext(f"{SVG}{tag}") for tag in ("title", "desc")}
        title = own["title"] or title
        about.text = " ".join(filter(None, [own["desc"], "; ".join(steps) + "."]))
        shown = ElementTree.Element(self.root.tag, self.root.attrib)
        shown.set("role", "img")
        shown.set("aria-label", f"{title}. Participants: {', '.join(name.values())}.")
        shown.set("aria-describedby", about.get("id", ""))
        shown.append(about)
        is_said = (f"{SVG}title", f"{SVG}desc")
        shown.extend(part for part in self.root if part.tag not in is_said)
        ElementTree.register_namespace("", SVG[1:-1])
        return ElementTree.tostring(shown, encoding="unicode") + self._listed(name)

    def _listed(self, name: dict[str, str]) -> str:
        items = []
        for event in self.said:
            if len(event) > 1:
                source, target, text = event
                pair = f"<strong>{escape(name[source])}</strong> to {escape(name[target])}"
                items.append(f"<li>{pair}: {escape(text)}</li>")
            else:
                items.append(f"<li><em>{escape(event[0])}</em></li>")
        return f'<ol class="diagram__steps">{"".join(items)}</ol>'


def load(docs: Path, digest: str) -> Drawing | None:
    """The drawing of the diagram whose source has this digest; nothing if it was not drawn."""
    path = file(docs, digest)
    return Drawing(ElementTree.parse(path).getroot()) if path.is_file() else None
