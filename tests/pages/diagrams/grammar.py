"""Mermaid's sequence grammar, as far as it has meaning: who sends what to whom, and when."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

# Each frame, and the word that begins its next section.
BLOCKS = {
    "alt": "else",
    "break": "",
    "critical": "option",
    "loop": "",
    "opt": "",
    "par": "and",
    "par_over": "and",
    "rect": "",
    "box": "",
}
# Longest first, so that no arrow is read as the beginning of another.
ARROWS = ("<<-->>", "<<->>", "-->>", "->>", "--x", "--)", "-->", "-x", "-)", "->")

_ARROW = "|".join(map(re.escape, ARROWS))
_DECLARED = re.compile(
    r"^(?P<create>create\s+)?(?P<kind>participant|actor)\s+(?P<name>[\w-]+)"
    r"(?:\s+as\s+(?P<alias>.+))?$",
    re.IGNORECASE,
)
_MESSAGE = re.compile(
    rf"^(?P<source>\w[\w-]*?)\s*(?P<arrow>{_ARROW})\s*(?P<sign>[+-]?)\s*(?P<target>\w[\w-]*)"
    r"\s*:\s*(?P<text>.*)$"
)
_NOTE = re.compile(
    r"^note\s+(?:left of|right of|over)\s+(?P<over>[\w-]+(?:\s*,\s*[\w-]+)?)\s*:\s*(?P<text>.*)$",
    re.IGNORECASE,
)
_ACTIVATION = re.compile(r"^(?P<kind>activate|deactivate|destroy)\s+(?P<name>[\w-]+)$", re.I)
_LINK = re.compile(r"^(?:links?|properties|details)\s+(?P<name>[\w-]+)\s*:", re.IGNORECASE)
_QUIET = re.compile(r"^(?:autonumber\b.*|title\b.*|acc(?:title|descr)\s*:.*)$", re.IGNORECASE)
_JOINED = re.compile(rf"\w\s*(?:{_ARROW})\s*[+-]?\s*\w[\w-]*\s*:")
_QUOTED = re.compile(r'"(?:\\.|[^"\\])*"' + r"|'(?:\\.|[^'\\])*'")


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


@dataclass(frozen=True)
class Change:
    """A participant that begins (`create`) or is about to end (`destroy`)."""

    kind: str
    name: str
    line: int


@dataclass
class Block:
    """A frame such as `alt`, with one section for each of its conditions."""

    kind: str
    line: int
    sections: "list[tuple[str, list[Statement]]]" = field(default_factory=list)


Statement = Message | Note | Change | Block


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

    @property
    def created(self) -> set[str]:
        """The participants that begin on the way."""
        found = (s for s in walk(self.statements) if isinstance(s, Change))
        return {change.name for change in found if change.kind == "create"}


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
    reader = _Reader(Diagram(text, page, line, {}, []))
    has_begun = False
    for number, raw in enumerate(text.splitlines(), line):
        stripped = raw.strip()
        if not stripped or stripped.startswith("%%"):
            continue
        if has_begun:
            reader.read(stripped, number)
        elif stripped != "sequenceDiagram":
            raise DiagramError(f"{page}:{number}: no `sequenceDiagram` before this line")
        has_begun = True
    return reader.end()


class _Reader:
    """What has been read of a diagram so far."""

    def __init__(self, diagram: Diagram) -> None:
        self.diagram = diagram
        self.stack = [Block("", diagram.line, [("", diagram.statements)])]
        self.mentioned: dict[str, int] = {}
        self.active: dict[str, int] = {}

    def read(self, text: str, line: int) -> None:
        where = self.diagram.where(line)
        first, _, rest = text.partition(" ")
        word, label = first.lower(), rest.strip()
        if declared := _DECLARED.match(text):
            self._declare(declared, line)
        elif word == "end" and not label:
            if len(self.stack) == 1:
                raise DiagramError(f"{where}: `end` without a block")
            self.stack.pop()
        elif word in BLOCKS:
            block = Block(word.removesuffix("_over"), line, [(label, [])])
            self._add(block)
            self.stack.append(block)
        elif word and word == BLOCKS.get(self.stack[-1].kind):
            self.stack[-1].sections.append((label, []))
        elif message := _MESSAGE.match(text):
            self._message(message, line)
        elif note := _NOTE.match(text):
            over = tuple(re.split(r"\s*,\s*", note["over"]))
            self._mention(line, *over)
            self._plain(note["text"], where)
            self._add(Note(over, note["text"].strip(), line))
        elif changed := _ACTIVATION.match(text):
            self._mention(line, changed["name"])
            if (kind := changed["kind"].lower()) == "destroy":
                self._add(Change("destroy", changed["name"], line))
            else:
                self._activate(changed["name"], 1 if kind == "activate" else -1, where)
        elif link := _LINK.match(text):
            self._mention(line, link["name"])
        elif not _QUIET.match(text):
            raise DiagramError(f"{where}: Mermaid's sequence grammar has no such line: {text}")

    def end(self) -> Diagram:
        """The diagram, if nothing in it is left open, undeclared or dead."""
        diagram = self.diagram
        if len(self.stack) > 1:
            open_block = self.stack[-1]
            where = diagram.where(open_block.line)
            raise DiagramError(f"{where}: `{open_block.kind}` without its `end`")
        for name, line in self.mentioned.items():
            if name not in diagram.participants:
                raise DiagramError(f"{diagram.where(line)}: {name} is not declared")
        messages = [s for s in walk(diagram.statements) if isinstance(s, Message)]
        speaking = {name for message in messages for name in (message.source, message.target)}
        for participant in diagram.participants.values():
            if participant.name not in speaking:
                where = diagram.where(participant.line)
                raise DiagramError(f"{where}: {participant.name} takes part in no message")
        return diagram

    def _add(self, statement: Statement) -> None:
        self.stack[-1].sections[-1][1].append(statement)

    def _declare(self, found: re.Match[str], line: int) -> None:
        name, where = found["name"], self.diagram.where(line)
        if name in self.diagram.participants:
            raise DiagramError(f"{where}: {name} is declared twice")
        if name.lower() == "end":
            raise DiagramError(f"{where}: Mermaid takes {name!r} for the end of a block")
        is_actor = found["kind"].lower() == "actor"
        alias = (found["alias"] or name).strip()
        self.diagram.participants[name] = Participant(name, alias, is_actor, line)
        if found["create"]:
            self._add(Change("create", name, line))

    def _message(self, found: re.Match[str], line: int) -> None:
        where, said = self.diagram.where(line), found["text"].strip()
        # A literal may hold an arrow; outside of quotes it is a second message.
        if _JOINED.search(_QUOTED.sub('""', said)):
            raise DiagramError(f"{where}: two messages on one line")
        if not said:
            raise DiagramError(f"{where}: a message without a text says nothing")
        self._plain(said, where)
        source, target = found["source"], found["target"]
        self._mention(line, source, target)
        if found["sign"]:
            # As in Mermaid: `+` activates who is called, `-` ends the activation of who answers.
            name, step = (target, 1) if found["sign"] == "+" else (source, -1)
            self._activate(name, step, where)
        self._add(Message(source, target, found["arrow"], said, line))

    def _mention(self, line: int, *names: str) -> None:
        for name in names:
            self.mentioned.setdefault(name, line)

    def _activate(self, name: str, step: int, where: str) -> None:
        self.active[name] = self.active.get(name, 0) + step
        if self.active[name] < 0:
            raise DiagramError(f"{where}: {name} is not active, so nothing can end that")

    @staticmethod
    def _plain(text: str, where: str) -> None:
        if ";" in text:
            raise DiagramError(f"{where}: Mermaid ends a text at its first `;`")
