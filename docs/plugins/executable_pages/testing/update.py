"""Writes the output of blocks back into their pages: `--update-examples`.

Edits byte ranges and nothing else. A page is written once, after all its blocks have run, from
its end to its beginning, so that every offset stays true. A page with a block that failed, or that
would become another page, stays as it is, and the others are written all the same.
"""

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from executable_pages import reader
from executable_pages.testing.output import code_lines, output_lines
from executable_pages.testing.scanner import Block, PageError, name, scan
from executable_pages.tree import Fence


@dataclass
class Edits:
    """What a run found out about one page: new texts of blocks, and blocks that have none."""

    blocks: list[tuple[Block, str]] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)


_EDITS = pytest.StashKey[dict[Path, Edits]]()


def later(config: pytest.Config, block: Block, actual: str) -> None:
    """Remember what a block prints; `write` puts it on the page at the end of the run."""
    _edits(config, block.page).blocks.append((block, actual))


def leave(config: pytest.Config, block: Block) -> None:
    """Remember that a block has no output to write, so that its page stays as it is."""
    _edits(config, block.page).failed.append(block.where)


def _edits(config: pytest.Config, page: Path) -> Edits:
    return config.stash.setdefault(_EDITS, {}).setdefault(page, Edits())


def write(config: pytest.Config) -> tuple[list[str], list[str]]:
    """Write all that was remembered: which blocks changed, and which pages were left, and why."""
    changed, left = list[str](), list[str]()
    for page, edits in config.stash.get(_EDITS, {}).items():
        if edits.failed:
            left.append(f"{name(page)}: left as it is, since {edits.failed[0]} failed")
            continue
        try:
            changed += rewrite(page, edits.blocks)
        except PageError as error:
            left.append(str(error))
    return changed, left


def rewrite(page: Path, edits: list[tuple[Block, str]]) -> list[str]:
    """Put new contents into blocks of a page and return the places of those that changed.

    Raises:
        PageError: A block is no longer where it was, or more than its output would change;
            nothing is written then.
    """
    raw = page.read_bytes()
    here = {block.start: block for block in scan(page).blocks}
    changed: dict[int, str] = {}
    places = []
    for block, actual in sorted(edits, key=lambda edit: edit[0].start, reverse=True):
        now = here.get(block.start)
        if now is None or now.text != block.text:
            raise PageError(f"{block.where}: the block changed while it ran; nothing was written")
        if actual == block.text:
            continue
        if code_lines(actual) != code_lines(block.text):
            raise PageError(
                f"{block.where}: more than its `#>` lines would change; mend the block by hand"
            )
        raw = raw[: block.start] + _content(block, raw, actual) + raw[block.end :]
        changed[block.start] = actual
        places.append(block.where)
    if changed:
        wanted = [changed.get(start, block.text) for start, block in here.items()]
        if _blocks(page, raw) != wanted:
            raise PageError(
                f"{places[-1]}: the page would be read otherwise with this output; write it by hand"
            )
        page.write_bytes(raw)
    return places


def _blocks(page: Path, raw: bytes) -> list[str]:
    try:
        return [fence.text for fence in reader.read(page, raw).every(Fence)]
    except PageError:
        return []


def _content(block: Block, raw: bytes, actual: str) -> bytes:
    """The new content, each unchanged line as it was, byte by byte."""
    before = raw[block.start : block.end].splitlines(keepends=True)
    ending = b"\r\n" if before and before[0].endswith(b"\r\n") else b"\n"
    old, shown = output_lines(block.text), output_lines(actual)
    kept = (line for number, line in enumerate(before, 1) if number not in old)
    result = []
    for number, line in enumerate(actual.removesuffix("\n").split("\n"), 1):
        if number in shown:
            result.append((block.indent + line).rstrip().encode() + ending)
        else:
            result.append(next(kept))
    return b"".join(result)
