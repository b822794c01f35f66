"""What accounts for a block: every kind of block is one object, which says all about it.

A new kind is one line: `"toml": Kind(("toml",), check=check_toml)` among the kinds of a subject.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from executable_pages.testing import block_checks
from executable_pages.testing.sandbox import Sandbox
from executable_pages.testing.scanner import Block, PageError
from executable_pages.testing.target import Target

if TYPE_CHECKING:
    from executable_pages.testing.subject import Subject

Check = Callable[["Subject", Block, Target, Sandbox], object]
# What the tests of `executable_pages/testing/suite.py` run in ways of their own.
OWN = ("snippet", "diagram")
# The comment of a block that nobody runs, with its reason, as in {/* shown: it is a sketch */}.
SHOWN = "shown:"


def _any(block: Block) -> bool:
    return True


@dataclass(frozen=True)
class Kind:
    """A kind of blocks: their languages, and the pages on which they stand if not on all.

    `pages` are the beginnings of the names of those pages; a kind with such pages goes before
    one without. `holds` may look at the block itself. A kind that is not `on_each` target is
    checked once, on the `target` with that name or on the first.

    `check` raises what is wrong with a block on a target; where another test runs the blocks, `by`
    names it. `lies` are texts that a block must not pass with, as `checks.uncaught` tells them.
    """

    languages: tuple[str, ...]
    pages: tuple[str, ...] = ()
    holds: Callable[[Block], bool] = _any
    on_each: bool = True
    target: str = ""
    check: Check | None = None
    by: str = ""
    lies: Callable[[str], Iterable[str]] = lambda text: ()


def is_sequence(block: Block) -> bool:
    """Whether a Mermaid block is a sequence diagram."""
    return "sequenceDiagram" in (line.strip() for line in block.text.splitlines())


def is_tree(block: Block) -> bool:
    """Whether a block of text lists a directory."""
    return "├" in block.text or "└" in block.text


KINDS: dict[str, Kind] = {
    "snippet": Kind(("python",)),
    "diagram": Kind(("mermaid",), holds=is_sequence),
    "json": Kind(("json",), check=block_checks.json, lies=block_checks.other_values),
    "tree": Kind(("text",), holds=is_tree, check=block_checks.tree, lies=block_checks.other_files),
    "shell": Kind(
        ("bash", "console"),
        on_each=False,
        check=block_checks.shell,
        lies=block_checks.other_commands,
    ),
    "markup": Kind(("markdown", "mdx"), on_each=False, by="the reader, as it reads every page"),
}


def hold_whole(kinds: Mapping[str, Kind]) -> None:
    """Hold that each kind says what tests its blocks.

    Raises:
        ValueError: One does not.
    """
    for name, kind in kinds.items():
        if kind.check is None and not kind.by and name not in OWN:
            raise ValueError(
                f"nothing tests blocks of the kind {name!r}; give it check=..., or say by=..., "
                f"which names the test that runs them"
            )


def is_shown_only(block: Block) -> bool:
    """Whether the comment above a block gives a reason why nobody runs it.

    Raises:
        PageError: It gives none.
    """
    if not block.comment.startswith(SHOWN):
        return False
    if len(block.comment.removeprefix(SHOWN).split()) < 2:
        why = f"{{/* {SHOWN} ... */}} says why nobody runs the block, in a few words"
        raise PageError(f"{block.where}: {why}")
    return True


def kind_in(kinds: Mapping[str, Kind], block: Block, page: str) -> str:
    """The kind of a block that stands on the page with this name.

    Raises:
        PageError: No test knows what to do with it.
    """
    if is_shown_only(block):
        return "shown"
    for name, kind in sorted(kinds.items(), key=lambda item: not item[1].pages):
        is_here = not kind.pages or page.startswith(kind.pages)
        if is_here and block.language in kind.languages and kind.holds(block):
            return name
    raise PageError(
        f"{block.where}: no test accounts for a {block.language!r} block like this one; "
        f"give the subject a kind for it, or write {{/* {SHOWN} why nobody runs it */}} above"
    )
