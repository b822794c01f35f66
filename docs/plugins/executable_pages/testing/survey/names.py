"""Names that Python blocks use and never define, as ruff sees them."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path

from executable_pages.testing.survey import report
from executable_pages.testing.survey.page import Snippet
from executable_pages.testing.survey.report import Finding

_RUFF = ("check", "--isolated", "--no-cache", "--ignore-noqa", "--select", "F821", "--exit-zero")
_FORM = ("--output-format", "json", "--target-version", "py311", "--quiet")


def undefined(snippets: Iterable[Snippet]) -> list[Finding]:
    """Uses of undefined names: in a block by itself, and in one behind those above it on its page.

    `snippets` are in the order of their pages, and each compiles.
    """
    alone, behind, places = [], [], list[list[tuple[int, Snippet]]]()
    for _, group in groupby(snippets, lambda snippet: snippet.page):
        page = list(group)
        alone += page
        text, starts = "", []
        for snippet in page:
            starts.append((text.count("\n"), snippet))
            text += snippet.text.rstrip("\n") + "\n"
        behind.append(text)
        places.append(starts)
    found = [
        _finding(report.UNDEFINED, alone[number], row, column, what)
        for number, row, column, what in _uses([snippet.text for snippet in alone])
    ]
    for number, row, column, what in _uses(behind):
        start, snippet = [each for each in places[number] if each[0] < row][-1]
        found.append(_finding(report.UNDEFINED_ABOVE, snippet, row - start, column, what))
    return found


def _finding(cause: str, snippet: Snippet, row: int, column: int, what: str) -> Finding:
    line = snippet.line + row - 1
    return Finding(cause, snippet.page, line, column, what, snippet.line - 1)


def _uses(texts: list[str]) -> Iterator[tuple[int, int, int, str]]:
    """The number of a text, row and column from 1, and what ruff says of it."""
    with tempfile.TemporaryDirectory() as directory:
        for number, text in enumerate(texts):
            Path(directory, f"{number}.py").write_text(text, "utf-8")
        command = [sys.executable, "-m", "ruff", *_RUFF, *_FORM, directory]
        done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=True)
    for each in json.loads(done.stdout or "[]"):
        if each["code"] == "F821":
            at = each["location"]
            yield int(Path(each["filename"]).stem), at["row"], at["column"], each["message"]
