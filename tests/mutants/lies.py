"""The lies that are told to pages: each is one block, table or link that says something else."""

import ast
import dataclasses
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from executable_pages.testing.scanner import ROOT, Block, Page, Table, name, pages
from executable_pages.testing.tables import PROSE
from reference_impl.agent import Agent
from reference_impl.bots import BotSessionManager
from reference_impl.protocol import SessionStoreProtocol
from reference_impl.store import DefaultSessionStore
from tests.mutants import layouts
from tests.subject.project import SUBJECT

METHODS = frozenset(
    name
    for owner in (DefaultSessionStore, SessionStoreProtocol, Agent, BotSessionManager)
    for name in vars(owner)
    if not name.startswith("_")
)
_ARROW = re.compile(r"^\s*\w+\s*-{1,2}>>\s*\w+: (?P<text>.*)$")
_OUTPUT = re.compile(r"^ *#> ?(?P<text>.*)$")
_KEY = re.compile(r'"(?P<key>\w+)":')
# The links of a free cell are told of as links.
_FREE = (
    "Why",
    "What processes do",
    "What it does",
    "Meaning",
    "Effect",
    "What it is",
    "What happens to it",
    "Default ids",
)


@dataclass(frozen=True)
class Lie:
    """A lie: `thing` is a block, table or link as the liar wants it."""

    kind: str
    where: str
    text: str
    thing: Any
    line: int


def all_lies(docs: Path = ROOT / "docs") -> list[Lie]:
    """Every lie about every page: to its parts in the order of the pages, and to its text."""
    parts = [lie for page in pages(docs) for lie in _page(page)]
    texts = [
        Lie(each.kind, each.where, each.text, each.thing, int(each.where.rpartition(":")[2]))
        for each in layouts.told(pages(docs))
    ]
    return parts + texts


def _page(page: Page) -> Iterator[Lie]:
    for block in page.blocks:
        match SUBJECT.kind_of(block):
            case "diagram":
                yield from _diagram(block)
            case "snippet" | "difference" | "recipe" as kind:
                yield from _python(block, kind)
            case "json":
                yield from _keys(block)
    for table in page.tables:
        if not table.comment.startswith(PROSE):
            yield from _cells(table)
    for link in page.links:
        if lied := _altered(link.target):
            text = f"{link.target} becomes {lied}"
            yield Lie("link", link.where, text, dataclasses.replace(link, target=lied), link.line)


def _block(kind: str, block: Block, index: int, text: str, lines: list[str]) -> Lie:
    where = f"{name(block.page)}:{block.line + index}"
    lied = dataclasses.replace(block, text="\n".join(lines) + "\n")
    return Lie(kind, where, text, lied, block.line + index)


def _diagram(block: Block) -> Iterator[Lie]:
    lines = block.text.splitlines()
    arrows = [index for index, line in enumerate(lines) if _ARROW.match(line)]
    for index, after in zip(arrows, [*arrows[1:], None], strict=True):
        shown = lines[index].strip()
        left = lines[:index] + lines[index + 1 :]
        yield _block("arrow deleted", block, index, f"without {shown}", left)
        if after is not None and shown != lines[after].strip():
            swapped = list(lines)
            swapped[index], swapped[after] = lines[after], lines[index]
            text = f"{shown} swapped with {lines[after].strip()}"
            yield _block("arrow swapped", block, index, text, swapped)
        for lied in _said_otherwise(shown):
            kind = "reply changed" if "-->>" in shown else "arrow renamed"
            changed = [*lines[:index], lied, *lines[index + 1 :]]
            yield _block(kind, block, index, f"{shown} becomes {lied}", changed)


def _said_otherwise(arrow: str) -> Iterator[str]:
    head, _, said = arrow.partition(": ")
    # Mermaid draws no text behind `#`, and each of two arrows on a line.
    yield f"{head}: {said[:1]}#{said[1:]}"
    yield f"{arrow}; {arrow}"
    yield f"{arrow} {arrow}"
    if "-->>" not in arrow:
        yield f"{head}: {_misspelt(said)}"
        if said in STEPS:
            yield f"{head}: {STEPS[said]}"
    elif said in ("True", "False"):
        yield f"{head}: {said == 'False'}"
    elif said.startswith("raises "):
        yield f"{head}: raises KeyError"
        yield f"{head}: True"
    elif said == "[]":
        yield f'{head}: ["first"]'
    elif said.startswith("["):
        yield f"{head}: []"
        told = ast.literal_eval(said)
        yield f"{head}: {told[1:]}".replace("'", '"')
        yield f"{head}: {[*told[:-1], 'other']}".replace("'", '"')
    else:
        yield f'{head}: "something else"'


STEPS = {
    "FileLock acquire": "FileLock release",
    "FileLock release": "FileLock acquire",
    "reload": "atomic write",
    "atomic write": "reload",
}


def _misspelt(word: str) -> str:
    return word[:2] + word[3:]


def _python(block: Block, kind: str) -> Iterator[Lie]:
    lines = block.text.splitlines()
    for index, line in enumerate(lines):
        if match := _OUTPUT.match(line):
            told = match["text"]
            lied = line[: match.start("text")] + _otherwise(told)
            text = f"{told} becomes {_otherwise(told)}"
            yield _block("output", block, index, text, [*lines[:index], lied, *lines[index + 1 :]])
    if kind == "recipe":
        return
    for node in ast.walk(ast.parse(block.text)):
        if isinstance(node, ast.Assert):
            yield _negated(block, node, lines)
        elif isinstance(node, ast.Attribute) and node.attr in METHODS:
            # A snippet is wrong about a method where it calls it.
            assert node.end_lineno is not None
            assert node.end_col_offset is not None
            index, end = node.end_lineno - 1, node.end_col_offset
            raw = lines[index].encode()
            start = end - len(node.attr)
            lied = (raw[:start] + _misspelt(node.attr).encode() + raw[end:]).decode()
            text = f"{node.attr} becomes {_misspelt(node.attr)}"
            changed = [*lines[:index], lied, *lines[index + 1 :]]
            yield _block(f"method in a {kind}", block, index, text, changed)


def _negated(block: Block, node: ast.Assert, lines: list[str]) -> Lie:
    test = node.test
    assert test.end_lineno is not None
    first, last = test.lineno - 1, test.end_lineno - 1
    assert first == last, f"{block.where}: an assertion over several lines"
    raw = lines[first].encode()
    start, end = test.col_offset, test.end_col_offset
    inside = raw[start:end].decode()
    lied = raw[:start].decode() + f"not ({inside})" + raw[end:].decode()
    changed = [*lines[:first], lied, *lines[first + 1 :]]
    return _block("assertion", block, first, f"not ({inside})", changed)


def _otherwise(text: str) -> str:
    """The text with a digit or a letter changed."""
    if match := re.search(r"\d", text):
        return text[: match.start()] + str((int(match[0]) + 1) % 10) + text[match.end() :]
    if text in ("True", "False", "None"):
        return {"True": "False", "False": "True", "None": "True"}[text]
    return text[:-1] + ("x" if text[-1:] != "x" else "y")


def _keys(block: Block) -> Iterator[Lie]:
    lines = block.text.splitlines()
    for index, line in enumerate(lines):
        for match in _KEY.finditer(line):
            key = match["key"]
            lied = line[: match.start("key")] + key + "x" + line[match.end("key") :]
            changed = [*lines[:index], lied, *lines[index + 1 :]]
            yield _block("JSON key", block, index, f"{key} becomes {key}x", changed)


def _cells(table: Table) -> Iterator[Lie]:
    for number, row in enumerate(table.rows):
        for column, cell in enumerate(row):
            if table.header[column] in _FREE and "absent" not in cell:
                continue
            lied = _cell(cell)
            rows = list(table.rows)
            rows[number] = (*row[:column], lied, *row[column + 1 :])
            where = table.row_where(number)
            text = f"{table.header[column]}: {cell} becomes {lied}"
            thing = dataclasses.replace(table, rows=tuple(rows))
            yield Lie("table cell", where, text, thing, table.line + 2 + number)


def _cell(cell: str) -> str:
    others = {"yes": "no", "no": "yes", "required": "`None`", "`None`": "`1`"}
    if cell in others:
        return others[cell]
    if "absent" in cell:
        return cell.replace("absent", "there")
    if match := re.search(r"`(?P<word>[^`]+)`", cell):
        start, end = match.span("word")
        return cell[:start] + _otherwise(match["word"]) + cell[end:]
    return _otherwise(cell)


def _altered(target: str) -> str | None:
    if target.startswith("http"):
        return None
    if "#" in target:
        return target + "-x"
    return target + "x"
