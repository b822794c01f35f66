"""Mermaid's sequence grammar, as far as it has meaning: who sends what to whom, and when."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

BLOCKS = {
    "alt": "else",
    "break": "",
    "critical": "option",
    "loop": "",
    "opt": "",
    "par": "and",
    "rect": "",
    "box": "",
}
# Longest first, so that no arrow is read as the beginning of another.
ARROWS = ("<<-->>", "<<->>", "-->>", "->>", "--x", "--)", "-->", "-x", "-)", "->")

_DECLARED = re.compile(
    r"^(?:create\s+)?(?P<kind>participant|actor)\s+(?P<name>[\w-]+)(?:\s+as\s+(?P<alias>.+))?$"
)
_MESSAGE = re.compile(
    r"^(?P<source>\w[\w-]*?)\s*(?P<arrow>" + "|".join(map(re.escape, ARROWS)) + r")"
    r"\s*[+-]?\s*(?P<target>\w[\w-]*)\s*:\s*(?P<text>.*)$"
)
_NOTE = re.compile(
    r"^[Nn]ote\s+(?:left of|right of|over)\s+(?P<over>[\w-]+(?:\s*,\s*[\w-]+)?)\s*:\s*(?P<text>.*)$"
)
_QUIET = re.compile(
    r"^(?:autonumber\b.*|(?:de)?activate\s+\w+|destroy\s+\w+|title\b.*|acc\w+\b.*)$"
)
_JOINED = re.compile(r"\w\s*(?:-->>|->>|--\)|-\)|--x|-x)\s*\w[\w-]*\s*:")


class DiagramError(ValueError):
    """A diagram says what cannot be performed; the message begins with `page:line`."""


@dataclass(frozen=True)
class Participant:
    """Someone in a diagram. `alias` is what the reader sees."""

    name: str
    alias: str
    is_actor: bool
    line: int


@dataclass(frozen=True)
class Message:
    """An arrow."""

    source: str
    target: str
    arrow: str
    text: str
    line: int

    @property
    def is_reply(self) -> bool:
        """Whether the arrow is dotted."""
        return "--" in self.arrow


@dataclass(frozen=True)
class Note:
    """A remark beside or over participants."""

    over: tuple[str, ...]
    text: str
    line: int


@dataclass
class Block:
    """A frame such as `alt`, with one section for each of its conditions."""

    kind: str
    line: int
    sections: "list[tuple[str, list[Statement]]]" = field(default_factory=list)


Statement = Message | Note | Block


@dataclass
class Diagram:
    """A sequence diagram."""

    text: str
    page: str
    line: int
    participants: dict[str, Participant]
    statements: list[Statement]

    def where(self, line: int) -> str:
        """The place of one of its lines."""
        return f"{self.page}:{line}"


def walk(statements: list[Statement]) -> Iterator[Statement]:
    """Every statement, those inside blocks included."""
    for statement in statements:
        yield statement
        if isinstance(statement, Block):
            for _, inside in statement.sections:
                yield from walk(inside)


def parse(text: str, page: str = "diagram", line: int = 1) -> Diagram:
    """Read a diagram whose first line stands at `page:line`.

    Raises:
        DiagramError: A line is not Mermaid's, two messages share one, a block has no end, or a
            participant is declared and silent, or speaks undeclared.
    """
    root = Block("", line, [("", [])])
    participants: dict[str, Participant] = {}
    stack = [root]
    for number, raw in enumerate(text.splitlines(), line):
        where, stripped = f"{page}:{number}", raw.strip()
        if not stripped or stripped.startswith("%%") or stripped == "sequenceDiagram":
            continue
        word, _, rest = stripped.partition(" ")
        if declared := _DECLARED.match(stripped):
            name = declared["name"]
            if name in participants:
                raise DiagramError(f"{where}: {name} is declared twice")
            alias = (declared["alias"] or name).strip()
            participants[name] = Participant(name, alias, declared["kind"] == "actor", number)
        elif word == "end" and not rest:
            if len(stack) == 1:
                raise DiagramError(f"{where}: `end` without a block")
            stack.pop()
        elif word in BLOCKS:
            block = Block(word, number, [(rest.strip(), [])])
            stack[-1].sections[-1][1].append(block)
            stack.append(block)
        elif word and word == BLOCKS.get(stack[-1].kind):
            stack[-1].sections.append((rest.strip(), []))
        elif statement := _statement(stripped, where, number):
            stack[-1].sections[-1][1].append(statement)
        elif not _QUIET.match(stripped):
            raise DiagramError(f"{where}: Mermaid's sequence grammar has no such line: {stripped}")
    if len(stack) > 1:
        raise DiagramError(f"{page}:{stack[-1].line}: `{stack[-1].kind}` without its `end`")
    diagram = Diagram(text, page, line, participants, root.sections[0][1])
    _check_cast(diagram)
    return diagram


def _statement(text: str, where: str, number: int) -> Statement | None:
    if note := _NOTE.match(text):
        return Note(tuple(re.split(r"\s*,\s*", note["over"])), note["text"].strip(), number)
    if message := _MESSAGE.match(text):
        said = message["text"].strip()
        # A literal may hold an arrow; outside of quotes it is a second message.
        if _JOINED.search(re.sub(r'"[^"]*"', "", said)):
            raise DiagramError(f"{where}: two messages on one line")
        if ";" in said or not said:
            raise DiagramError(f"{where}: Mermaid ends a message at `;`, and wants a text")
        return Message(message["source"], message["target"], message["arrow"], said, number)
    return None


def _check_cast(diagram: Diagram) -> None:
    spoken: dict[str, int] = {}
    for statement in walk(diagram.statements):
        if isinstance(statement, Message):
            spoken.setdefault(statement.source, statement.line)
            spoken.setdefault(statement.target, statement.line)
    for name, line in spoken.items():
        if name not in diagram.participants:
            raise DiagramError(f"{diagram.where(line)}: {name} is not declared")
    for participant in diagram.participants.values():
        if participant.name not in spoken:
            where = diagram.where(participant.line)
            raise DiagramError(f"{where}: {participant.name} takes part in no message")
