"""Reads a sequence diagram: Mermaid says what is drawn, and rules of our own what is understood.

A diagram here is performed, so nothing stands in its source that Mermaid draws otherwise or not at
all.
"""

import re
from collections.abc import Iterator
from typing import Any

from executable_pages.testing.diagrams.mermaid import Reading, Refused, drawn, lines_of, read
from executable_pages.testing.diagrams.tree import (
    Block,
    Change,
    Diagram,
    DiagramError,
    Message,
    Note,
    Participant,
    Statement,
    walk,
)

# What Mermaid calls the beginning of a frame, its next section and its end, and where each has its
# text.
_BEGIN = {
    "altStart": "altText",
    "breakStart": "breakText",
    "criticalStart": "criticalText",
    "loopStart": "loopText",
    "optStart": "optText",
    "parStart": "parText",
    "rectStart": "color",
}
_NEXT = {"and": "parText", "else": "altText", "option": "optionText"}
_END = {begin.replace("Start", "End") for begin in _BEGIN}
_CHANGES = {"createParticipant": "create", "destroyParticipant": "destroy"}
# What Mermaid draws a participant as; it leaves out one that is anything else.
TYPES = (
    *("actor", "boundary", "collections", "control", "database", "entity"),
    *("participant", "queue"),
)
# What has to stand on a line of its own, so that a line says whether it holds.
_OWN = {"addMessage", "addNote", *_BEGIN, *_NEXT, *_END, *_CHANGES}

_ARROW = r"<<--?>>|--?(?:>>?|x|\))|--?(?:\|[\\/]|\\\\|//)|(?:[\\/]\||\\\\|//)--?"
_JOINED = re.compile(rf"\w\s*(?:{_ARROW})\s*[+-]?\s*\w[\w-]*\s*:")
_QUOTED = re.compile(r'"(?:\\.|[^"\\])*"|' + r"'(?:\\.|[^'\\])*'")
_LINE_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_WORDS = (
    "activate|actor|alt|and|autonumber|box|break|create|critical|deactivate|destroy|details|else|end"
    "|links?|loop|note|opt|option|over|par|par_over|participant|properties|rect|title"
)
# What to write in place of a line that Mermaid refuses; the first that fits it and Mermaid's words.
_HINTS = (
    (r"\Aend\s*\n", "`end` closes one frame or box, and all are closed"),
    (r"got '1'", "the diagram ends before its last frame; close each with `end`"),
    (r"\A.*[#;]", "in a text, write `#35;` for `#` and `#59;` for `;`"),
    (r"No diagram type", "begin with `sequenceDiagram`"),
    (
        r"(?:created|destroyed) participant",
        "the next message is one of the participant that comes or goes",
    ),
    (
        rf"got '(?-i:{_WORDS}|participant_actor|legacy_title)'|\A(?:{_WORDS})\s*(?:{_ARROW})|"
        rf"\A(?:create\s+)?(?:participant|actor)\s+(?:{_WORDS})\b",
        "a word of Mermaid's is no name, in capitals neither; give the participant another",
    ),
    (r"actors with the same id", "a participant is created before its first message, and once"),
    (r"inactive participant", "only what `activate` or `+` began can end"),
    (r"\A.*%%\{", "a directive, `%%{...}%%`, stands on a line of its own, above"),
    (r"\A(?:create\s+)?(?:participant|actor)\b", "write `participant A as Title`"),
    (r"\Anote\b", "a note is one line, `Note over A: text`"),
    (rf"\A\w+-[\w-]*\s*(?:{_ARROW})", "a name is letters, digits and `_`"),
    (
        r"'destroy', got 'ACTOR'",
        "a box holds participants alone; end it before",
    ),
    (rf"{_ARROW}", "a message is `A->>B: text`, and its names are no words of Mermaid's"),
    (r"", "see Mermaid's syntax of sequence diagrams"),
)


def parse(text: str, page: str = "diagram", line: int = 1) -> Diagram:
    """Read a diagram whose first line stands at `page:line`.

    Raises:
        DiagramError: Mermaid refuses it; a line is drawn otherwise than it stands there; two
            statements share one; or a participant is declared and silent, or speaks undeclared.
    """
    diagram = Diagram(text, page, line, {}, [])
    try:
        reading = read(text)
    except Refused as refused:
        raise _refusal(diagram, refused) from None
    if reading.kind != "sequence":
        raise DiagramError(f"{page}:{line}: a {reading.kind} diagram is no sequence diagram")
    for number, why in cuts(reading):
        raise DiagramError(f"{diagram.where(line + number)}: {why}")
    _Builder(diagram, reading).build()
    return diagram


def joined(text: str) -> bool:
    """Whether a text holds a second message; a literal in quotes may hold an arrow."""
    return bool(_JOINED.search(_QUOTED.sub('""', text)))


def _refusal(diagram: Diagram, refused: Refused) -> DiagramError:
    at = max(refused.line, 0)
    source = lines_of(diagram.text)[at].strip()
    fits = f"{source}\n{refused.words}"
    hint = next(hint for pattern, hint in _HINTS if re.search(pattern, fits, re.IGNORECASE))
    where = diagram.where(diagram.line + at)
    return DiagramError(f"{where}: Mermaid refuses {source!r}: {refused.brief}; {hint}")


def cuts(reading: Reading) -> Iterator[tuple[int, str]]:
    """Where Mermaid reads a line not to its end, or as two statements, and what to write."""
    for each in reading.breaks:
        after = each.after.strip()
        if each.text.startswith("#") and each.before.strip():
            yield (
                each.line,
                f"Mermaid reads no line beyond `#`, so {each.text!r} is not drawn; "
                "in a text, write `#35;` for `#`",
            )
        if each.text == ";" and after and not after.startswith("%%"):
            yield (
                each.line,
                f"Mermaid ends a statement at `;` and reads {after!r} as another; give that a "
                "line of its own, or write `#59;` for a `;` in a text",
            )


def joined_lines(reading: Reading) -> list[int]:
    """The lines, from 0, on which the text of a message holds a second message."""
    messages = (each for each in reading.statements if each["type"] == "addMessage")
    return [each["line"] for each in messages if joined(each["msg"]["text"] or "")]


class _Builder:
    """Builds the tree out of Mermaid's statements, which it gives in a flat list."""

    def __init__(self, diagram: Diagram, reading: Reading) -> None:
        self.diagram, self.reading = diagram, reading
        self.arrows = {number: name for name, number in reading.linetypes.items()}
        self.actors = {actor["name"]: actor for actor in reading.actors}
        self.stack = [Block("", diagram.line, [("", diagram.statements)])]
        self.mentioned: dict[str, int] = {}
        self.changed: dict[str, Change] = {}

    def build(self) -> None:
        """Build it, and hold that nothing in it is left undeclared, unsaid or silent."""
        own: set[int] = set()
        for statement in self.reading.statements:
            kind, line = statement["type"], self.diagram.line + statement["line"]
            if kind in _OWN or "draw" in statement:
                if line in own:
                    raise self._error(
                        line, "two statements on one line; give each a line of its own"
                    )
                own.add(line)
            self._read(kind, statement, line)
        diagram = self.diagram
        for name, line in self.mentioned.items():
            if name not in diagram.participants:
                raise self._error(
                    line, f"{name} is not declared; write `participant {name} as ...`"
                )
        messages = [s for s in walk(diagram.statements) if isinstance(s, Message)]
        if not messages:
            raise self._error(diagram.line, "a diagram without a message says nothing")
        speaking = {name for message in messages for name in (message.source, message.target)}
        for participant in diagram.participants.values():
            if participant.name not in speaking:
                raise self._error(participant.line, f"{participant.name} takes part in no message")
        for change in self.changed.values():
            raise self._error(
                change.line,
                f"Mermaid draws no `{change.kind}` of {change.name} before a message of its own",
            )

    def _read(self, kind: str, statement: dict[str, Any], line: int) -> None:
        if kind in ("addParticipant", "createParticipant") and "draw" in statement:
            self._declare(statement["actor"], line)
        elif kind == "addParticipant":
            self.mentioned.setdefault(statement["actor"], line)
        elif kind in ("activeStart", "activeEnd"):
            self._hold_is_drawn(statement["actor"], line)
        elif kind == "addMessage":
            self._message(statement, line)
        elif kind == "addNote":
            over = statement["actor"]
            text = self._text(statement["text"], line)
            self._add(Note(tuple([over] if isinstance(over, str) else over), text, line))
        elif kind in _BEGIN:
            block = Block(
                kind.removesuffix("Start"), line, [(self._label(statement, kind, line), [])]
            )
            self._add(block)
            self.stack.append(block)
        elif kind in _NEXT:
            self.stack[-1].sections.append((self._label(statement, kind, line), []))
        elif kind in _END:
            self.stack.pop()
        if kind in _CHANGES:
            change = Change(_CHANGES[kind], statement["actor"], line)
            self.changed[change.name] = change
            self._add(change)

    def _label(self, statement: dict[str, Any], kind: str, line: int) -> str:
        return self._text(statement[(_BEGIN | _NEXT)[kind]], line)

    def _add(self, statement: Statement) -> None:
        self.stack[-1].sections[-1][1].append(statement)

    def _error(self, line: int, why: str) -> DiagramError:
        return DiagramError(f"{self.diagram.where(line)}: {why}")

    def _declare(self, name: str, line: int) -> None:
        if name in self.diagram.participants:
            raise self._error(line, f"{name} is declared twice")
        actor = self.actors[name]
        alias = " ".join(self._text({"text": actor["alias"]}, line).split())
        if actor["type"] not in TYPES:
            why = f"Mermaid draws no participant of type {actor['type']!r}; write one of "
            raise self._error(line, why + ", ".join(TYPES))
        is_actor = actor["type"] == "actor"
        self.diagram.participants[name] = Participant(name, alias, is_actor, line)

    def _hold_is_drawn(self, name: str, line: int) -> None:
        """Hold that what is activated is somebody, since Mermaid draws nothing at all otherwise."""
        if name not in self.actors:
            why = f"{name} is nobody; activate a participant, or write `participant {name} as ...`"
            raise self._error(line, why)

    def _message(self, statement: dict[str, Any], line: int) -> None:
        text = self._text(statement["msg"], line)
        if not text:
            raise self._error(line, "a message without a text says nothing; write one behind `:`")
        if "\n" in text:
            raise self._error(line, "a message is one line; write it without `<br/>`")
        arrow = self.arrows[statement["signalType"]]
        if "REVERSE" in arrow:
            raise self._error(
                line, "the arrow points backward; write it from its other end, `A->>B`"
            )
        source, target = statement["from"], statement["to"]
        self.changed.pop(source, None)
        self.changed.pop(target, None)
        self._add(Message(source, target, arrow, text, line))

    def _text(self, read: dict[str, Any], line: int) -> str:
        """A text as it is drawn; where `<br/>` stands, a line ends."""
        text = read["text"] or ""
        # A sign that is written as an entity, such as `#36;` for `$`, is that sign and no more.
        if joined(text):
            raise self._error(line, "two messages on one line; give each a line of its own")
        if re.search(r"\s%%", _QUOTED.sub('""', text)):
            why = "Mermaid draws a comment behind a text; give the comment a line of its own"
            raise self._error(line, why)
        if re.search(r"\$\$.*\$\$", text):
            why = "Mermaid draws what stands between `$$` as a formula; write `#36;` for `$`"
            raise self._error(line, why)
        found = drawn(_LINE_BREAK.sub("\n", text))
        if re.search(r"[ \t]{2,}", found.strip()):
            raise self._error(line, "Mermaid draws several blanks as one; write one")
        return found
