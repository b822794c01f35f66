"""What stands for the components that show what was measured: `<Matrix />`, `<Evidence />`, ..."""

from collections.abc import Callable
from pathlib import Path

from docs.reports import (
    costs,
    durability,
    failover,
    field,
    matrix,
    mutants,
    outages,
    performance,
    powercuts,
    upstream,
)
from executable_pages import evidence, reader, recording
from executable_pages.evidence import UNKNOWN
from executable_pages.marks import spoken
from executable_pages.recording import Recording
from executable_pages.tree import Component, Node, Place, Text

_NOWHERE = Place(1, 1, 0, 0)


class Measured:
    """What the last test run, and the last reports, say of the project at `root`."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.evidence = evidence.latest(root)
        self.is_current = self.evidence.is_current(root)
        self._lines: dict[str, Callable[[], list[str]]] = {
            "Field": lambda: field.lines(root),
            "Breaks": lambda: durability.breaks(root),
            "Costs": lambda: costs.lines(root),
            "Crossing": lambda: performance.crossing(root),
            "Durability": lambda: durability.table(root, self.evidence),
            "Failover": lambda: failover.table(root),
            "Matrix": self._matrix,
            "Mutants": lambda: mutants.table(mutants.load(root), root),
            "Outages": lambda: outages.table(root, self.evidence),
            "PowerCuts": lambda: powercuts.table(root),
            "Survivors": lambda: mutants.survivors(mutants.load(root)),
            "Upstream": lambda: upstream.lines(root),
        }

    def nodes(self, component: Component) -> list[Node]:
        """What is to be shown in the place of a component."""
        if component.name == "Benchmark":
            return performance.nodes(self.root)
        if component.name == "Evidence":
            return self._number(component.string("count"))
        text = "\n".join(self._lines[component.name]()) + "\n"
        return reader.read(Path(f"<{component.name} />"), text.encode()).children

    def text(self, component: Component) -> str:
        """The same as Markdown; "" for a component that shows nothing measured."""
        if component.name == "Benchmark":
            return "\n".join(performance.lines(self.root))
        if component.name == "Evidence":
            number, late = self._count(component.string("count"))
            said = f"**{number:,}**" if number else f"*{UNKNOWN}*"
            return f"{said} *({late})*" if number and late else said
        found = self._lines.get(component.name)
        return "\n".join(found()) if found else ""

    def recording(self, page: str, digest: str) -> Recording | None:
        """What a test saw of a diagram, if the code is still the one that was run."""
        return recording.found(self.evidence, page, digest) if self.is_current else None

    def _matrix(self) -> list[str]:
        found = matrix.outcomes(self.evidence, self.root) if self._is_shown else {}
        late = [] if self.is_current or not found else ["", f"Measured {self._late}."]
        return [*matrix.table(found, matrix.promises(self.root)), *late]

    @property
    def _is_shown(self) -> bool:
        # A proof that came with the pages says its day; evidence of other code would say nothing.
        return self.is_current or self.evidence.is_committed

    @property
    def _late(self) -> str:
        return f"on {spoken(self.evidence.day)}, before the last change of the code"

    def _count(self, kind: str) -> tuple[int, str]:
        """How many of a kind were proven, and whether that was of earlier code."""
        if kind == "mutant":
            report = mutants.load(self.root)
            # The page about lies says what has changed; a counter has room for a word.
            return mutants.caught(report), "earlier" if mutants.stale(report, self.root) else ""
        return self.evidence.count(kind) if self._is_shown else 0, ""

    def _number(self, kind: str) -> list[Node]:
        number, late = self._count(kind)
        if not number:
            return [_said("em", UNKNOWN)]
        why = [_text(" "), Component(_NOWHERE, [_text(f"({late})")], "em", {}, False)]
        return [_said("strong", f"{number:,}"), *(why if late else [])]


def _said(name: str, text: str) -> Node:
    return Component(_NOWHERE, [_text(text)], name, {"className": "number"}, is_block=False)


def _text(text: str) -> Text:
    return Text(_NOWHERE, text=text)
