"""A sequence diagram as a tree: who sends what to whom, when, and on which line."""

from collections.abc import Iterator
from dataclasses import dataclass, field


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
    """An arrow; `arrow` is Mermaid's name for its kind, such as `SOLID` or `DOTTED_CROSS`."""

    source: str
    target: str
    arrow: str
    text: str
    line: int

    @property
    def is_reply(self) -> bool:
        """Whether the arrow is dotted."""
        return "DOTTED" in self.arrow

    @property
    def is_mutual(self) -> bool:
        """Whether the arrow points both ways."""
        return self.arrow.startswith("BIDIRECTIONAL")


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
