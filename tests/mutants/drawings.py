"""The lies that are told to how a diagram is drawn: Mermaid refuses it, or draws another one."""

import dataclasses
import re
from collections.abc import Callable, Iterator

from executable_pages.testing.scanner import Page
from tests.mutants.retold import Kinds, Told, place
from tests.subject.project import SUBJECT

Change = Callable[[list[str], int], tuple[list[str], str]]
# Words that Mermaid takes for its own wherever they stand.
_OWN = ("Loop", "Note", "Alt", "Box", "Link", "Opt", "Par", "Rect", "Critical", "End")
_ARROW = re.compile(r"^\s*\w+\s*-{1,2}>>\s*\w+:")
_PARTICIPANT = re.compile(r"^\s*(?:participant|actor) (?P<name>\w+)")


def _drawn(change: Change) -> Callable[[str, list[Page]], Iterator[Told]]:
    """Each diagram with other lines; `change` is given its lines and its first arrow."""

    def tell(kind: str, every: list[Page]) -> Iterator[Told]:
        for page in every:
            for block in page.blocks:
                if SUBJECT.kind_of(block) == "diagram":
                    lines = block.text.splitlines()
                    first = next(n for n, line in enumerate(lines) if _ARROW.match(line))
                    changed, text = change(lines, first)
                    lied = dataclasses.replace(block, text="\n".join(changed) + "\n")
                    yield Told(kind, place(page.path, block.line + first), text, lied)

    return tell


def _renamed(lines: list[str], first: int) -> tuple[list[str], str]:
    name = next(found["name"] for line in lines if (found := _PARTICIPANT.match(line)))
    other = _OWN[len(lines) % len(_OWN)]
    renamed = [re.sub(rf"\b{name}\b", other, line) for line in lines]
    return renamed, f"{name} is called {other}"


def _created(lines: list[str], first: int) -> tuple[list[str], str]:
    added = "    create participant Late"
    return [*lines[: first + 1], added, *lines[first + 1 :]], f"{added.strip()}, and no message"


def _destroyed(lines: list[str], first: int) -> tuple[list[str], str]:
    name = re.split(r"\W+", lines[first].strip())[0]
    added = f"    destroy {name}"
    return [*lines, added], f"{added.strip()}, and no message"


def _boxed(lines: list[str], first: int) -> tuple[list[str], str]:
    arrow = lines[first]
    boxed = [*lines[:first], "    box a box", arrow, "    end", *lines[first + 1 :]]
    return boxed, f"{arrow.strip()} in a box"


KINDS: Kinds = {
    "participant with a keyword's name": _drawn(_renamed),
    "created without its message": _drawn(_created),
    "destroyed without its message": _drawn(_destroyed),
    "message in a box": _drawn(_boxed),
}
