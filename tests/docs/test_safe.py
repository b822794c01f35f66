"""The short list of rules before the table of what is safe."""

import re

import pytest

from executable_pages.testing.scanner import ROOT, scan

PAGE = scan(ROOT / "docs" / "features" / "sharing-sessions.md")


@pytest.mark.pages
def test_program_keeps_every_rule() -> None:
    """The rules stand before the table, and the program under them names the part of each."""
    source = PAGE.source
    rules = source.partition("\n## So it is safe\n")[2].partition("\n## ")[0]
    assert source.index("## So it is safe") < source.index("{/* table: safe */}")
    numbers = re.findall(r"^(\d)\. \*\*", rules, re.MULTILINE)
    assert numbers == list("12345")
    [program] = [block.text for block in PAGE.blocks if "# 1. One directory." in block.text]
    assert program in rules
    assert sorted(re.findall(r"^# (\d)\. ", program, re.MULTILINE)) == numbers
