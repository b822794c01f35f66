"""No block on any page goes missing."""

from pathlib import Path

import pytest

from executable_pages.testing.kinds import kind_in
from executable_pages.testing.scanner import PageError, scan
from tests.subject.kinds import KINDS
from tests.subject.project import SUBJECT


def test_every_kind_is_there() -> None:
    """There are blocks of every kind that is tested."""
    assert {SUBJECT.kind_of(block) for block in SUBJECT.blocks()} >= set(KINDS) - {"markup"}


def test_unknown_block_is_an_error(tmp_path: Path) -> None:
    """A block that no test accounts for is an error at page and line."""
    page = tmp_path / "page.md"
    page.write_text("text\n\n```toml\na = 1\n```\n", "utf-8")
    with pytest.raises(PageError, match=r"page\.md:3: no test accounts for"):
        kind_in(KINDS, scan(page).blocks[0], "docs/page.md")
