"""A diagram whose words are bound: what each participant is and each arrow means."""

import enum

from executable_pages.testing.diagrams.bindings import USER, Bindings
from executable_pages.testing.diagrams.texts import (
    NOTHING,
    call_of,
    literal,
    qualifiers_of,
    raised,
    times,
)
from executable_pages.testing.diagrams.tree import (
    Block,
    Change,
    Diagram,
    DiagramError,
    Message,
    Note,
    walk,
)

DRIVEN = ("alt", "opt", "break", "critical")


class Kind(enum.Enum):
    """What an arrow is."""

    CALL = "a call of a part"
    INNER = "a call that a part makes while it answers"
    STEP = "something that a call does"
    REPLY = "an answer"


class Bound:
    """A diagram and the bindings of its project.

    Making one binds every participant, message and condition, and performs none.

    Raises:
        DiagramError: One of them cannot be bound.
    """

    def __init__(self, diagram: Diagram, bindings: Bindings) -> None:
        self.diagram, self.bindings = diagram, bindings
        self.roles = {name: self._role(name) for name in diagram.participants}
        self._check()

    def has_part(self, name: str) -> bool:
        """Whether something real stands behind a participant."""
        return self.roles[name] in self.bindings.parts

    def where(self, statement: Message | Note | Block | Change) -> str:
        """The place of a statement."""
        return self.diagram.where(statement.line)

    def _role(self, name: str) -> str:
        participant = self.diagram.participants[name]
        if participant.is_actor:
            return USER
        for role, words in self.bindings.roles.items():
            if words.search(participant.alias):
                return role
        where = self.diagram.where(participant.line)
        known = ", ".join(self.bindings.roles)
        raise DiagramError(
            f"{where}: nothing real is called {participant.alias!r}; the title of a participant "
            f"says its role: {known}"
        )

    def _check(self) -> None:
        aliases: dict[str, str] = {}
        for name, participant in self.diagram.participants.items():
            if (other := aliases.setdefault(participant.alias, name)) != name:
                where = self.diagram.where(participant.line)
                raise DiagramError(f"{where}: {name} and {other} are both {participant.alias!r}")
        leaving, gone = set[str](), set[str]()
        for statement in walk(self.diagram.statements):
            if isinstance(statement, Message):
                self.kind_of(statement)
                names = {statement.source, statement.target}
                if absent := names & gone:
                    raise DiagramError(f"{self.where(statement)}: {min(absent)} is gone")
                gone |= names & leaving
            elif isinstance(statement, Change) and statement.kind == "destroy":
                leaving.add(statement.name)
            elif isinstance(statement, Note):
                if self.qualifiers_of(statement) and not self.has_part(statement.over[0]):
                    where = self.where(statement)
                    raise DiagramError(f"{where}: a qualifier stands over the one who calls")
            elif isinstance(statement, Block):
                self._frame(statement)

    def _frame(self, block: Block) -> None:
        where, conditions = self.where(block), self.bindings.conditions
        for number, (label, _) in enumerate(block.sections):
            is_action = block.kind == "critical" and number == 0
            if block.kind == "loop" and times(label) is None:
                raise DiagramError(f"{where}: a loop says how often: `loop 9 times`, not {label!r}")
            if block.kind in DRIVEN and not is_action and label not in conditions:
                known = ", ".join(conditions)
                raise DiagramError(f"{where}: nobody can bring about {label!r}; there are {known}")
        if block.kind == "par":
            self._branches(block)

    def _branches(self, block: Block) -> None:
        acting = {source for source, _ in self.bindings.calls} | self.bindings.parts
        busy: dict[str, int] = {}
        for number, (_, inside) in enumerate(block.sections):
            for message in (s for s in walk(inside) if isinstance(s, Message)):
                for name in (message.source, message.target):
                    if self.roles[name] in acting and busy.setdefault(name, number) != number:
                        where = self.where(message)
                        raise DiagramError(f"{where}: {name} is in two branches at the same time")

    def kind_of(self, message: Message) -> Kind:
        """What an arrow is.

        Raises:
            DiagramError: It is nothing that can be performed or observed.
        """
        text, where, known = message.text, self.where(message), self.bindings
        pair = self.roles[message.source], self.roles[message.target]
        if message.is_mutual:
            raise DiagramError(f"{where}: an arrow both ways is neither a call nor a reply")
        if message.is_reply:
            if not (raised(text) or literal(text) is not NOTHING):
                raise DiagramError(f"{where}: a reply is a literal or an error, not {text!r}")
            if (pair[1], pair[0]) not in known.calls | known.inner:
                who, whom = message.source, message.target
                raise DiagramError(f"{where}: {who} answers nobody like {whom}")
            return Kind.REPLY
        if text in known.steps:
            return self._step(message)
        spoken = call_of(text, where)
        if unknown := [each for each in spoken.qualifiers if each not in known.qualifiers]:
            there = ", ".join(known.qualifiers)
            raise DiagramError(f"{where}: nobody observes [{unknown[0]}]; there are {there}")
        if pair not in known.calls | known.inner:
            pairs = ", ".join(f"{one} calls {other}" for one, other in sorted(known.calls))
            raise DiagramError(f"{where}: {message.source} cannot call {message.target}; {pairs}")
        if complaint := known.complaint(*pair, spoken):
            raise DiagramError(f"{where}: {complaint}, not {text!r}")
        return Kind.CALL if pair in known.calls else Kind.INNER

    def _step(self, message: Message) -> Kind:
        where, places = self.where(message), self.bindings.steps[message.text]
        if not self.has_part(message.source):
            raise DiagramError(f"{where}: {message.source} calls nothing, so it takes no step")
        there = set(self.roles.values())
        wanted = next((role for role in places if role in there), places[-1])
        if self.roles[message.target] != wanted:
            raise DiagramError(f"{where}: `{message.text}` happens to the {wanted}")
        return Kind.STEP

    def qualifiers_of(self, note: Note) -> list[str]:
        """The qualifiers in a note."""
        return qualifiers_of(note.text, self.bindings.qualifiers)

    def unseen(self) -> list[str]:
        """What the diagram says and this system cannot observe, each with its place."""
        found = []
        for statement in walk(self.diagram.statements):
            text = statement.text if isinstance(statement, Message | Note) else ""
            for word, why in self.bindings.unseen().items():
                if text == word or f"[{word}]" in text:
                    assert isinstance(statement, Message | Note)
                    found.append(f"{self.where(statement)}: {word} is not observed: {why}")
        return found
