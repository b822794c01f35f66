"""Which test accounts for a block: every kind of block has exactly one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tests.pages.scanner import Block, PageError


def _any(block: Block) -> bool:
    return True


@dataclass(frozen=True)
class Kind:
    """A kind of blocks: their languages, and the pages on which they stand if not on all.

    `pages` are the beginnings of the names of those pages; a kind with such pages goes before
    one without. `holds` may look at the block itself. A kind that is not `on_each` target is
    checked once, on the `target` with that name or on the first.
    """

    languages: tuple[str, ...]
    pages: tuple[str, ...] = ()
    holds: Callable[[Block], bool] = _any
    on_each: bool = True
    target: str = ""


def is_sequence(block: Block) -> bool:
    """Whether a Mermaid block is a sequence diagram."""
    return "sequenceDiagram" in (line.strip() for line in block.text.splitlines())


def is_tree(block: Block) -> bool:
    """Whether a block of text lists a directory."""
    return "├" in block.text or "└" in block.text


KINDS: dict[str, Kind] = {
    "snippet": Kind(("python",)),
    "diagram": Kind(("mermaid",), holds=is_sequence),
    "json": Kind(("json",)),
    "tree": Kind(("text",), holds=is_tree),
    "shell": Kind(("bash", "console"), on_each=False),
    "markup": Kind(("markdown", "mdx"), on_each=False),
}


def kind_in(kinds: Mapping[str, Kind], block: Block, page: str) -> str:
    """The kind of a block that stands on the page with this name.

    Raises:
        PageError: No test knows what to do with it.
    """
    for name, kind in sorted(kinds.items(), key=lambda item: not item[1].pages):
        is_here = not kind.pages or page.startswith(kind.pages)
        if is_here and block.language in kind.languages and kind.holds(block):
            return name
    raise PageError(f"{block.where}: no test accounts for a {block.language!r} block like this one")


def says_new_process(block: Block) -> bool:
    """Whether a comment in the block asks for a process of its own."""
    return any(
        "a new process" in line for line in block.text.splitlines() if line.lstrip().startswith("#")
    )
