"""Surveys one page: what the reader, Mermaid, JSON and Python say of it. Nothing is run."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from executable_pages import reader
from executable_pages.testing import notebook
from executable_pages.testing.account import account
from executable_pages.testing.diagrams.grammar import cuts, joined_lines
from executable_pages.testing.diagrams.mermaid import Refused, read
from executable_pages.testing.events import differing
from executable_pages.testing.shown import render, shown
from executable_pages.testing.survey import report
from executable_pages.testing.survey.report import Finding
from executable_pages.testing.survey.script import refuses
from executable_pages.tree import Component, Document, Fence, Image, Link, Node, PageError


@dataclass(frozen=True)
class Snippet:
    """A block of Python that compiles, its first line at `line`, without what is a notebook's."""

    page: str
    line: int
    text: str
    written: str = ""


@dataclass(frozen=True)
class Target:
    """What a link leads to, and where it stands."""

    line: int
    column: int
    target: str


@dataclass
class Surveyed:
    """What was found on one page."""

    page: str
    findings: list[Finding] = field(default_factory=list)
    blocks: Counter[str] = field(default_factory=Counter)
    diagrams: Counter[str] = field(default_factory=Counter)
    snippets: list[Snippet] = field(default_factory=list)
    targets: list[Target] = field(default_factory=list)
    anchors: frozenset[str] = frozenset()


def survey(root: Path, path: Path, *, is_shown: bool = False) -> Surveyed:
    """Survey one page below `root`; `is_shown` also holds what it shows against what was read."""
    found = Surveyed(path.relative_to(root).as_posix())
    refusals: list[PageError] = []
    try:
        document = reader.read(path, is_lenient=True, refusals=refusals)
    except PageError as error:
        found.findings += _refusals(found.page, [*refusals, error])
        return found
    except (OSError, RecursionError) as error:
        why = f"it cannot be read: {type(error).__name__}"
        found.findings.append(Finding(report.REFUSED, found.page, 1, 0, why))
        return found
    found.anchors = frozenset(document.anchors)
    found.findings += _refusals(found.page, refusals)
    if is_shown and not refusals:
        found.findings += _shown_otherwise(found.page, document)
    for node in document.walk():
        if isinstance(node, Fence):
            found.blocks[node.language] += 1
            found.findings += _block(found, node)
        found.targets += [
            Target(node.place.line, node.place.column, target) for target in _targets(node)
        ]
    return found


def _refusals(page: str, errors: list[PageError]) -> list[Finding]:
    """The first place of each kind: a page may have a thousand of one."""
    first: dict[tuple[str, str], Finding] = {}
    for each in errors:
        found = _refusal(page, each)
        first.setdefault((found.cause, report.kind(found.what)), found)
    return list(first.values())


def _refusal(page: str, error: PageError) -> Finding:
    place = re.match(r".*?:(\d+)(?::(\d+))?: (.*)", str(error), re.DOTALL)
    line, column, what = place.groups() if place else (1, 0, str(error))
    cause = report.MDX_REFUSED if refuses(error) else report.REFUSED
    return Finding(cause, page, int(line), int(column or 0), what)


def _shown_otherwise(page: str, document: Document) -> Iterator[Finding]:
    try:
        html = render(document, page)
        difference = differing(account(document, page, lambda _: []), shown(html, page))
    except Exception as error:
        # One page is not worth those that come behind it.
        difference = f"it cannot be shown: {type(error).__name__}: {error}"
    if difference:
        yield Finding(report.SHOWN_OTHERWISE, page, 1, 0, difference)


def _targets(node: Node) -> Iterator[str]:
    if isinstance(node, Link | Image):
        yield node.target
    elif isinstance(node, Component):
        yield from filter(None, (node.string("href"), node.string("src")))


def _block(found: Surveyed, fence: Fence) -> Iterator[Finding]:
    first = fence.place.line + 1

    def finding(cause: str, line: int, what: str, column: int = 0) -> Finding:
        return Finding(cause, found.page, first + line, column, what, fence.place.line)

    match fence.language:
        case "mermaid":
            try:
                reading = read(fence.text)
            except Refused as refused:
                yield finding(report.DIAGRAM_REFUSED, max(refused.line, 0), refused.brief)
                return
            found.diagrams[reading.kind] += 1
            for line in joined_lines(reading):
                yield finding(report.DIAGRAM_JOINED, line, fence.text.split("\n")[line].strip())
            for line, why in cuts(reading):
                yield finding(report.DIAGRAM_CUT, line, why)
        case "json":
            try:
                json.loads(fence.text, object_pairs_hook=_unique)
            except json.JSONDecodeError as error:
                yield finding(report.JSON_BROKEN, error.lineno - 1, error.msg, error.colno)
            except (ValueError, RecursionError) as error:
                yield finding(report.JSON_BROKEN, 0, str(error))
        case "python" | "py":
            try:
                notebook.compiled(fence.text, is_notebook=True)
            except (SyntaxError, ValueError, RecursionError) as error:
                line = (getattr(error, "lineno", None) or 1) - 1
                yield finding(report.PYTHON_BROKEN, line, getattr(error, "msg", str(error)))
                return
            for line, why in notebook.marks(fence.text)[:1]:
                yield finding(report.NOTEBOOK, line - 1, why)
            found.snippets.append(
                Snippet(found.page, first, notebook.plain(fence.text), fence.text)
            )


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object, each of whose keys is written once."""
    made: dict[str, Any] = {}
    for key, value in pairs:
        if key in made:
            raise ValueError(f"the key {key!r} is written twice")
        made[key] = value
    return made
