"""What a diagram says is what Mermaid draws, or it is refused at its line."""

import html
import json
import re
from pathlib import Path
from xml.etree import ElementTree

import mermaidx  # type: ignore[import-untyped]
import pytest

from executable_pages.drawings import Drawing
from executable_pages.testing.diagrams import (
    Diagram,
    DiagramError,
    Mismatch,
    grammar,
    mermaid,
    parse,
)
from executable_pages.testing.diagrams.mermaid import Refused, drawn, lines_of, read
from executable_pages.testing.diagrams.tree import Block, Message, Note, Statement, walk
from executable_pages.testing.drawings import draw
from executable_pages.testing.sandbox import Sandbox
from tests.subject.diagrams import check, perform
from tests.subject.targets import Target

CASES = Path(__file__).with_name("cases") / "mermaid"
# The line that is refused, what Mermaid or a rule of ours says, and what to write instead.
REFUSED = {
    "activate-in-nobody": (7, "Reader is nobody; activate a participant"),
    "activate-nobody": (5, "Cache is nobody; activate a participant"),
    "blanks": (4, "draws several blanks as one; write one"),
    "blanks-note": (5, "draws several blanks as one; write one"),
    "blanks-tab": (4, "draws several blanks as one; write one"),
    "box-message": (5, "got 'ACTOR'; a box holds participants alone"),
    "br-message": (4, "write it without `<br/>`"),
    "comment-inline": (4, "draws a comment .*; give the comment a line of its own"),
    "create-no-message": (7, "does not have an associated creating message.*the next message is"),
    "create-sends-first": (7, "does not have an associated creating message.*the next message is"),
    "deactivate-idle": (6, "inactive participant .Disk.; only what `activate` or `.` began"),
    "destroy-last": (6, "draws no `destroy` of A before a message"),
    "destroy-other": (5, "does not have an associated destroying message.*the next message is"),
    "directive-behind": (4, "reads 'A->>Disk: .*a directive, .* stands on a line of its own"),
    "empty": (1, "begin with `sequenceDiagram`"),
    "end-message": (7, "two statements on one line; give each a line of its own"),
    "flowchart": (1, "a flowchart-v2 diagram is no sequence diagram"),
    "hash-alias": (2, "'#1' is not drawn; in a text, write `#35;`"),
    "hash-label": (4, "'#fff' is not drawn; in a text, write `#35;`"),
    "hash-message": (4, "'# a remark' is not drawn; in a text, write `#35;`"),
    "hash-title": (4, "'# twice' is not drawn; in a text, write `#35;`"),
    "header-only": (1, "a diagram without a message"),
    "joined": (4, "two messages on one line; give each a line of its own"),
    "joined-half": (4, "two messages on one line; give each a line of its own"),
    "joined-label": (4, "two messages on one line; give each a line of its own"),
    "katex": (4, "as a formula; write `#36;`"),
    "keyword-loop": (5, "got 'loop'; a word of Mermaid's is no name"),
    "keyword-note": (4, "a word of Mermaid's is no name"),
    "link-hash": (4, "'#part' is not drawn; in a text, write `#35;`"),
    "literal-percent-brace": (4, 'it reads .*add_user_message."".. instead; a directive'),
    "lower-diagram": (1, "begin with `sequenceDiagram`"),
    "name-dash-x": (4, "a name is letters, digits and `_`"),
    "no-colon": (4, "a message is `A->>B: text`"),
    "no-text": (4, "a message without a text"),
    "note-end-block": (6, "a note is one line"),
    "reverse-arrow": (5, "write it from its other end"),
    "semi-alias": (4, "give that a line of its own, or write `#59;`"),
    "semi-autonumber2": (4, "in a text, write `#35;` for `#` and `#59;` for `;`"),
    "semi-end": (7, "give that a line of its own, or write `#59;`"),
    "semi-links": (4, "give that a line of its own, or write `#59;`"),
    "semi-note": (6, "give that a line of its own, or write `#59;`"),
    "semi-par": (5, "give that a line of its own, or write `#59;`"),
    "semi-properties": (4, "give that a line of its own, or write `#59;`"),
    "semi-rect": (4, "give that a line of its own, or write `#59;`"),
    "semi-text": (4, "in a text, write `#35;` for `#` and `#59;` for `;`"),
    "silent": (4, "B takes part in no message"),
    "type-in-capitals": (3, "draws no participant of type 'Database'; write one of actor, bound"),
    "type-unknown": (3, "draws no participant of type 'vault'; write one of actor, boundary"),
    "twice": (4, "A is declared twice"),
    "undeclared": (6, "Reader is not declared; write `participant Reader as"),
}
# What is understood as it is drawn, and is nothing that can be performed.
UNBOUND = {
    "create-destroy": (7, "A cannot call B; store calls file"),
    "entities": (4, "its arguments are not literals.*write strings in quotes"),
    "self": (6, "A cannot call A; store calls file"),
    "tag-quotes": (4, "its arguments are not literals.*write strings in quotes"),
}
# Where a text goes through more than Mermaid's model before it is seen.
DRAWN = ("entities", "entity-no-semicolon", "entity-of-entity", "gt-lt", "tag-quotes")
# What a line is cut at, continued with, or hidden by, somewhere.
CUTS = (";", "#", "#35;", "%%", "%%{x}%%", "<br/>", "\t", "\r\n", "\u2028", "$$", "->>", " ")
WORDS = """activate actor alt and as autonumber box break create critical deactivate destroy details
else end left link links loop note opt option over par participant properties rect right title"""
SAMPLE = """sequenceDiagram
    participant A as Store A
    actor B as User
    title: Saved
    B->>+A: add_user_message("first")
    Note over A,B: a remark
    alt the lock is held
        A-->>-B: raises OSError
    else the lock is free
        A-->>B: True
    end
"""


def _source(case: str) -> str:
    with CASES.joinpath(f"{case}.mmd").open(encoding="utf-8", newline="") as file:
        return file.read()


def _cases() -> list[str]:
    return sorted(path.stem for path in CASES.glob("*.mmd"))


def _flat(statements: list[Statement]) -> list[object]:
    """Messages, notes and frames in the form in which Mermaid's model lists them."""
    found: list[object] = []
    for each in statements:
        match each:
            case Message():
                found.append((each.source, each.arrow, each.target, each.text))
            case Note():
                text = each.text.replace("\n", "<br/>")
                found.append((each.over[0], "NOTE", each.over[-1], text))
            case Block():
                for label, inside in each.sections:
                    found += [*filter(None, [label.replace("\n", "<br/>")]), *_flat(inside)]
            case _:
                pass
    return found


def _drawn(text: str) -> list[object]:
    """The same of Mermaid's model, which its drawing is made from."""
    reading = read(text)
    names = {number: name for name, number in reading.linetypes.items()}
    found: list[object] = []
    for each in reading.messages:
        name, said = names[each["type"]], each["message"]
        if "from" in each and "to" in each:
            found.append((each["from"], name, each["to"], drawn(said)))
        elif isinstance(said, str) and said and not name.endswith("_END"):
            found.append(drawn(said))
    return found


def _is_understood(diagram: Diagram) -> None:
    assert _flat(diagram.statements) == _drawn(diagram.text)
    actors = {actor["name"]: actor for actor in read(diagram.text).actors}
    assert list(diagram.participants) == [name for name in actors if name in diagram.participants]
    for name, participant in diagram.participants.items():
        assert participant.alias == " ".join(drawn(actors[name]["alias"]).split())
        assert participant.is_actor == (actors[name]["type"] == "actor")
    lines = lines_of(diagram.text)
    for message in walk(diagram.statements):
        if isinstance(message, Message):
            ends, _, text = lines[message.line - diagram.line].partition(":")
            assert re.search(rf"{message.source}.*{message.target}", ends)
            assert message.text.partition("(")[0] in text


@pytest.mark.parametrize("case", _cases())
def test_diagram_is_understood_as_drawn_or_refused(case: str) -> None:
    """A diagram's messages, notes, frames and titles are those of Mermaid, or its line is named."""
    if case in REFUSED:
        line, words = REFUSED[case]
        with pytest.raises(DiagramError, match=rf"^docs/page\.md:{line + 9}: .*{words}"):
            parse(_source(case), "docs/page.md", 10)
        return
    diagram = parse(_source(case), "docs/page.md", 10)
    _is_understood(diagram)
    if case in UNBOUND:
        line, words = UNBOUND[case]
        with pytest.raises(DiagramError, match=rf"^docs/page\.md:{line + 9}: .*{words}"):
            check(diagram)
    else:
        check(diagram)


@pytest.mark.parametrize("case", DRAWN)
def test_text_is_the_one_in_the_drawing(case: str) -> None:
    """Entities, tags and signs in a message are read as the characters that the drawing shows."""
    svg = mermaidx.render(_source(case)).svg()
    shown = re.findall(r'<text[^>]*class="messageText"[^>]*>(.*?)</text>', svg, re.DOTALL)
    texts = [html.unescape(re.sub(r"<[^>]+>", "", each)) for each in shown]
    messages = walk(parse(_source(case)).statements)
    assert texts == [message.text for message in messages if isinstance(message, Message)]


@pytest.mark.parametrize("kind", grammar.TYPES)
def test_participant_of_each_type_is_drawn(kind: str) -> None:
    """A participant of each type that a diagram may name stands in its drawing, with its title."""
    text = (
        f'sequenceDiagram\n    participant A@{{ "type": "{kind}" }} as Store A\n'
        "    participant B as Reader\n    B->>A: x\n"
    )
    drawing = Drawing(ElementTree.fromstring(draw(text, "0")))
    assert drawing.participants == {"A": "Store A", "B": "Reader"}


def test_drawing_says_what_its_diagram_says_of_itself() -> None:
    """A title and a description for those who hear a diagram are said with its steps."""
    text = _source("title-and-acc")
    drawn = Drawing(ElementTree.fromstring(draw(text, "0"))).shown("D")
    shown, _ = ElementTree.fromstring(f"<div>{drawn}</div>")
    assert "Above" in "".join(shown.itertext())
    assert str(shown.get("aria-label")).startswith("A short name. Participants: Store A")
    [about] = [each for each in shown if each.tag.endswith("desc")]
    assert str(about.text).startswith("What it is about. Store A to Session file: clear_session()")


def test_panel_of_links_hides_no_message() -> None:
    """Links of a participant are drawn in a panel that is hidden until it is asked for."""
    root = ElementTree.fromstring(draw(_source("links"), "0"))
    panels = [each for each in root.iter() if "actorPopupMenu" in each.get("class", "").split()]
    assert panels
    assert {each.get("display") for each in panels} == {"none"}


@pytest.mark.parametrize(
    "text",
    [
        "graph LR\n    A --> B\n    classDef warm fill:#ffeedd,stroke:red;\n    class A warm;\n",
        "graph LR\n    A --> B\n    style A fill:#ddeeff\n    style B fill:#eee,color:#111;\n",
        "flowchart TD\n    A --> B;\n    classDef a fill:#f00;\n    style B fill:#fff; %% c\n",
        "stateDiagram-v2\n    classDef bad fill:#f00,color:red;\n    [*] --> A\n    class A bad\n",
    ],
)
def test_style_with_a_color_is_read(text: str) -> None:
    """A style or a class with a color and a `;` behind it is no other text than stands there."""
    assert read(text).kind
    assert mermaidx.render(text).svg()


@pytest.mark.parametrize("case", ["half-arrow", "hash-entity", "wrap-note"])
def test_understood_diagram_is_performed(case: str, sandbox: Sandbox) -> None:
    """What is drawn in an unusual way happens as it is drawn."""
    diagram = parse(_source(case))
    perform(diagram, Target.REFERENCE, "instances", sandbox)
    lie = parse(_source(case).replace("True", "False"))
    with pytest.raises(Mismatch, match=r"^diagram:5 .* expected False"):
        perform(lie, Target.REFERENCE, "instances", Sandbox(sandbox.root / "lie"))


@pytest.mark.parametrize("cut", CUTS, ids=[repr(cut) for cut in CUTS])
def test_sign_anywhere_is_seen(cut: str) -> None:
    """Wherever such a sign stands, a diagram is what Mermaid reads, or refused at a line of it."""
    places = [match.start() for match in re.finditer(r"\b", SAMPLE)]
    for place in places[::5]:
        text = SAMPLE[:place] + cut + SAMPLE[place:]
        refused = _refused(text)
        if refused is None:
            assert _flat(parse(text).statements) == _drawn(text), text
        else:
            found = re.match(r"diagram:(\d+): .+", refused)
            assert int(found[1] if found else 0) in range(1, len(lines_of(text)) + 1), refused
        if refused is None and cut in ("#", ";"):
            [line] = set(lines_of(text)) - set(lines_of(SAMPLE))
            assert line.strip().startswith(cut) or line.endswith(cut), line


def _refused(text: str) -> str | None:
    try:
        parse(text)
    except DiagramError as error:
        return str(error)
    return None


@pytest.mark.parametrize("word", WORDS.split())
def test_word_of_mermaid_as_a_name(word: str) -> None:
    """A participant called like a word of Mermaid's is drawn, or refused with what to do."""
    for name in (word, word.capitalize(), word.upper()):
        text = f"sequenceDiagram\nparticipant {name} as A\nactor B\nB->>{name}: x\n{name}-->>B: y\n"
        try:
            read(text)
        except Refused:
            with pytest.raises(DiagramError, match=rf"^diagram:[245]: .*{name}.*is no name"):
                parse(text)
        else:
            _is_understood(parse(text))


def test_answer_of_mermaid_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What Mermaid said of a text is not asked again, unless the text or Mermaid is another."""
    monkeypatch.setattr(mermaid, "ANSWERS", tmp_path)
    text = "sequenceDiagram\n    A->>B: said\n"

    def said(text: str) -> str:
        read.cache_clear()
        return str(read(text).messages[-1]["message"])

    assert said(text) == "said"
    [kept] = tmp_path.iterdir()
    answer = json.loads(kept.read_text("utf-8"))
    answer["messages"][-1]["message"] = "kept"
    kept.write_text(json.dumps(answer), "utf-8")
    assert said(text) == "kept"
    assert said(text.replace("said", "another")) == "another"
    monkeypatch.setattr(mermaid, "_version", lambda: "another")
    assert said(text) == "said"
    read.cache_clear()
