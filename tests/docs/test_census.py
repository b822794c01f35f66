"""No block on any page goes missing."""

from pathlib import Path

import pytest

from tests.pages.census import blocks, fences
from tests.pages.kinds import kind_of
from tests.pages.scanner import ROOT, PageError, scan

PAGES = [*sorted((ROOT / "docs").rglob("*.md")), ROOT / "README.md", ROOT / "CONTRIBUTING.md"]


@pytest.mark.parametrize("path", PAGES, ids=[path.name for path in PAGES])
def test_scanner_finds_every_fence(path: Path) -> None:
    """The parser finds as many blocks as a count of lines does."""
    assert len(scan(path).blocks) == fences(path)


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
