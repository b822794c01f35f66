"""No block on any page goes missing."""

from pathlib import Path

import pytest

from tests.pages.census import blocks
from tests.pages.kinds import kind_of
from tests.pages.scanner import PageError, scan


def test_every_block_has_a_kind() -> None:
    """Some test accounts for each block, and known differences, recipes and diagrams are there."""
    kinds = {kind_of(block) for block in blocks()}
    assert {"snippet", "diagram", "difference", "recipe", "json", "tree", "shell"} <= kinds


def test_unknown_block_is_an_error(tmp_path: Path) -> None:
    """A block that no test accounts for is an error at page and line."""
    page = tmp_path / "page.md"
    page.write_text("text\n\n```toml\na = 1\n```\n", "utf-8")
    with pytest.raises(PageError, match=r"page\.md:3: no test accounts for"):
        kind_of(scan(page).blocks[0])
