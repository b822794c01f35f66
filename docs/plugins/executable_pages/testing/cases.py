"""Small pages that strangers and readers disagree about, and a table of what became of them.

Each stands below `tests/docs/cases` in a folder named for its kind. A page is either accepted, and
shown exactly as it was checked, or refused with its place and what to write instead.
"""

import json
import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from executable_pages import reader
from executable_pages.testing.account import account
from executable_pages.testing.events import differing
from executable_pages.testing.scanner import ROOT
from executable_pages.tree import Document, PageError

CASES = ROOT / "tests" / "docs" / "cases"
_REFUSAL = re.compile(r"(?P<page>[\w./-]+\.md):\d+(:\d+)?: .{12,}")


@dataclass(frozen=True)
class Outcome:
    """What became of a page: its tree, or the refusal, and how what it shows differs."""

    document: Document | None
    refusal: str = ""
    difference: str = ""


def every_case() -> list[Path]:
    """Every small page."""
    return sorted(CASES.glob("*/*.md"))


def try_out(path: Path) -> Outcome:
    """Read and show a page.

    Raises:
        Exception: What is neither a tree nor a refusal.
    """
    # Every run of pytest here imports this module, and only these tests read HTML.
    from executable_pages.testing.shown import render, shown

    try:
        document = reader.read(path)
    except PageError as error:
        return Outcome(None, refusal=str(error))
    has_to_show = account(document, "page.md", lambda component: [])
    shows = shown(render(document), "page.md")
    return Outcome(document, difference=differing(has_to_show, shows))


def says_where_and_what(refusal: str) -> bool:
    """Whether a refusal names page and line, and says more than a word."""
    return _REFUSAL.fullmatch(refusal) is not None


def verdicts() -> dict[str, list[Any] | None]:
    """The outline that the compiler of MDX sees of each page; None of a page that is no MDX."""
    found: dict[str, list[Any] | None] = json.loads((CASES / "mdx.json").read_text("utf-8"))[
        "pages"
    ]
    return found


class Table:
    """Counts outcomes by kind and prints them at the end of the run."""

    def __init__(self) -> None:
        self._counts: defaultdict[str, Counter[str]] = defaultdict(Counter)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take the outcome of a page that a test tried out."""
        for key, said in report.user_properties:
            if key == "case" and report.when == "call":
                kind, _, outcome = str(said).partition(" ")
                self._counts[kind][outcome if report.passed else "wrong"] += 1

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print the table."""
        if not self._counts:
            return
        terminalreporter.section("pages that readers disagree about")
        head = ("inputs", "accepted", "refused", "wrong")
        terminalreporter.write_line(f"{'kind':<14}" + "".join(f"{each:>10}" for each in head))
        every: Counter[str] = sum(self._counts.values(), Counter())
        for kind, counts in [*sorted(self._counts.items()), ("all", every)]:
            numbers = (counts.total(), *(counts[each] for each in head[1:]))
            terminalreporter.write_line(f"{kind:<14}" + "".join(f"{each:>10}" for each in numbers))
