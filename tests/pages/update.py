"""Writes the output of blocks back into their pages: `--update-examples`.

Edits byte ranges and nothing else. A page is written once, after all its blocks have run, from
its end to its beginning, so that every offset stays true.
"""

import re
from pathlib import Path

import pytest

from tests.pages.scanner import Block, PageError, name, scan

_EDITS = pytest.StashKey[dict[Path, list[tuple[Block, str]]]]()
_OUTPUT = re.compile(r"^ *#> ?.*$")


def later(config: pytest.Config, block: Block, actual: str) -> None:
    """Remember what a block prints; `write` puts it on the page at the end of the run."""
    config.stash.setdefault(_EDITS, {}).setdefault(block.page, []).append((block, actual))


def write(config: pytest.Config) -> list[str]:
    """Write all that was remembered and say which blocks changed."""
    changed = []
    for page, edits in config.stash.get(_EDITS, {}).items():
        changed += rewrite(page, edits)
    return changed


def rewrite(page: Path, edits: list[tuple[Block, str]]) -> list[str]:
    """Put new contents into blocks of a page and return the places of those that changed.

    Raises:
        PageError: A block is no longer where it was, or more than its output would change;
            nothing is written then.
    """
    raw = page.read_bytes()
    here = {block.start: block for block in scan(page).blocks}
    changed = []
    for block, actual in sorted(edits, key=lambda edit: edit[0].start, reverse=True):
        now = here.get(block.start)
        if now is None or now.text != block.text:
            raise PageError(f"{block.where}: the block changed while it ran; nothing was written")
        if actual.splitlines() == block.text.splitlines():
            continue
        if code(actual) != code(block.text):
            raise PageError(
                f"{block.where}: more than its `#>` lines would change; mend the block by hand"
            )
        old = raw[block.start : block.end]
        new = _lines(block, old, actual)
        raw = raw[: block.start] + new + raw[block.end :]
        changed.append(block.where)
    if changed:
        page.write_bytes(raw)
    return changed


def code(text: str) -> list[str]:
    """A block's lines without its output."""
    return [line.rstrip() for line in text.splitlines() if not _OUTPUT.match(line)]


def _lines(block: Block, old: bytes, actual: str) -> bytes:
    """The new content, each unchanged line as it was, byte by byte."""
    before = old.splitlines(keepends=True)
    ending = b"\r\n" if before and before[0].endswith(b"\r\n") else b"\n"
    texts = block.text.splitlines()
    if len(texts) != len(before):
        raise PageError(f"{block.where}: its lines cannot be told apart ({name(block.page)})")
    kept = [
        (text, line) for text, line in zip(texts, before, strict=True) if not _OUTPUT.match(text)
    ]
    result, position = [], 0
    for line in actual.splitlines():
        if _OUTPUT.match(line):
            result.append((block.indent + line).rstrip().encode() + ending)
        else:
            result.append(kept[position][1])
            position += 1
    return b"".join(result)
