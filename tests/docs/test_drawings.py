"""The drawings of the diagrams say what the pages say, and in the same order."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from executable_pages import drawings
from executable_pages.drawings import SVG, Drawing
from executable_pages.testing.diagrams import parse
from executable_pages.testing.diagrams.tree import Block, Diagram, Message, Note, Statement
from executable_pages.testing.drawings import diagrams, draw, main
from executable_pages.testing.scanner import ROOT

DOCS = ROOT / "docs"
EVERY = {block.digest: block for block in diagrams(DOCS)}
KINDS = """sequenceDiagram
    actor Alice
    participant A as Store A
    participant B as Store B
    box rgb(200, 220, 255) Disk
    participant F as Session file
    end
    Note over A,B: two clients of one file,<br/>and a note that is longer than one line is
    loop 100 times
        A->>+F: add_user_message("first", "with a text that is longer than its arrow is")
        F-->>-A: True
    end
    critical the disk has room
        B-xA: get("#35;<>&")
    option the disk is full
        B->>B: wait
    end
    Alice->>A: bye
"""


def said(diagram: Diagram) -> list[tuple[str, ...]]:
    """What a drawing of a diagram has to say, from top to bottom."""
    return [event for statement in diagram.statements for event in _said(statement)]


def _said(statement: Statement) -> list[tuple[str, ...]]:
    match statement:
        case Message():
            return [(statement.source, statement.target, statement.text)]
        case Note():
            return [(statement.text,)]
        case Block():
            found: list[tuple[str, ...]] = [(statement.kind,)]
            for condition, inside in statement.sections:
                found += [(f"[{condition}]",)] if condition else []
                found += [event for each in inside for event in _said(each)]
            return found
    return []


def words(events: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Events without the places at which a line was broken."""
    return [tuple(re.sub(r"\s+|<br/>", "", text) for text in event) for event in events]


def differing(drawing: Drawing, text: str) -> bool:
    """Whether a drawing says something else than its source, or in another order."""
    diagram = parse(text)
    heads = {name: each.alias for name, each in diagram.participants.items()}
    return (list(heads.items()), words(said(diagram))) != (
        list(drawing.participants.items()),
        words(drawing.said),
    )


@pytest.mark.pages
@pytest.mark.parametrize("digest", EVERY, ids=[block.where for block in EVERY.values()])
def test_drawing_says_what_the_page_says(digest: str) -> None:
    """Each diagram of a page is drawn, with its participants, messages, notes and frames."""
    drawing = drawings.load(DOCS, digest)
    assert drawing is not None, f"{EVERY[digest].where} has no drawing: say `make diagrams`"
    assert drawing.root.get("id") == f"diagram-{digest}"
    assert not differing(drawing, EVERY[digest].text)


@pytest.mark.pages
def test_no_drawing_is_left_over() -> None:
    """Every drawing is of a diagram that stands on a page."""
    assert {path.stem for path in (DOCS / drawings.PLACE).iterdir()} == set(EVERY)


def test_every_kind_of_line_is_drawn() -> None:
    """Notes, frames, boxes, long texts and signs are drawn as Mermaid reads them, uncolored."""
    svg = draw(KINDS, "0")
    drawing = Drawing(ElementTree.fromstring(svg))
    assert not differing(drawing, KINDS)
    assert differing(drawing, KINDS.replace("bye", "hello"))
    assert differing(drawing, KINDS.replace("100", "99"))
    colored = [each.get("fill") for each in drawing.root.iter() if each.get("fill")]
    assert colored == ["rgb(200, 220, 255)"]
    assert not re.search(r"style|my-svg|stroke=|#[0-9a-f]{3}\b", svg)


def test_drawing_can_be_heard() -> None:
    """A drawing has a title with its participants, and its steps as a description and a list."""
    digest, block = next(iter(EVERY.items()))
    drawing = drawings.load(DOCS, digest)
    assert drawing is not None
    shown, listed = ElementTree.fromstring(f"<div>{drawing.shown('Two stores')}</div>")
    names = ", ".join(each.alias for each in parse(block.text).participants.values())
    assert shown.get("aria-label") == f"Two stores. Participants: {names}."
    [about] = shown.findall(f"{SVG}desc")
    assert about.get("id") == shown.get("aria-describedby")
    steps = [event[-1] for event in drawing.said]
    places = [(about.text or "").find(step) for step in steps]
    assert -1 not in places
    items = ["".join(item.itertext()) for item in listed]
    assert [item.rpartition(step)[1] for item, step in zip(items, steps, strict=True)] == steps


def test_only_what_has_no_drawing_is_drawn(tmp_path: Path) -> None:
    """`make diagrams` draws what is new, and removes what no page has any more."""
    (tmp_path / drawings.PLACE).mkdir()
    text = "sequenceDiagram\n    A->>B: hello\n"
    (tmp_path / "page.md").write_text(f"---\ntitle: x\n---\n\n```mermaid\n{text}```\n", "utf-8")
    [block] = diagrams(tmp_path)
    kept = drawings.file(tmp_path, block.digest)
    kept.write_text("here already", "utf-8")
    gone = drawings.file(tmp_path, "0" * 16)
    gone.write_text("", "utf-8")
    main(tmp_path)
    assert kept.read_text("utf-8") == "here already"
    assert not gone.exists()
    assert drawings.load(tmp_path, "1" * 16) is None
