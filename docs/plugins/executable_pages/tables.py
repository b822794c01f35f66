"""Reads the rows and cells of a table, with the place of each cell."""

import itertools
import re
from collections.abc import Callable

from markdown_it.token import Token

from executable_pages.prose import Prose
from executable_pages.source import Source
from executable_pages.tree import Cell, Row, TableBlock


def read_table(
    source: Source,
    prose: Prose,
    tokens: list[Token],
    section: str,
    begin_of: Callable[[int], int],
) -> TableBlock:
    """The table whose tokens come first, below the heading `section`.

    `begin_of` says where the text of a line begins, behind the marks of quotes and lists.

    Raises:
        PageError: A tag in a cell is malformed, unknown or without its partner.
    """
    assert tokens[0].map is not None
    first, after = tokens[0].map
    table = TableBlock(
        source.place(begin_of(first), source.end(first, after)),
        section=section,
        text="\n".join(source.lines[first:after]) + "\n",
    )
    alignments: list[str] = []
    cells = iter([(0, 0)])
    end = 0
    for index, token in enumerate(tokens):
        if token.type == "table_close":
            break
        if token.type == "tr_open":
            assert token.map is not None
            begin, end = begin_of(token.map[0]), source.end(*token.map)
            if (twice := source.text.find("\\\\|", begin, end)) >= 0:
                source.refuse(twice, "readers split \\\\| in two ways; write \\| for a bar")
            table.children.append(Row(source.place(begin, end)))
            cells = iter(_cells(source, token.map[0], begin))
        elif token.type in ("th_open", "td_open"):
            content = tokens[index + 1].content
            where = next(cells, (end, end))
            nodes = prose.nodes(content, _written(source.text, *where, content))
            table.children[-1].children.append(Cell(source.place(*where), nodes, text=content))
            if token.type == "th_open":
                alignments.append(str(token.attrs.get("style", "")).partition(":")[2])
    table.alignments = tuple(alignments)
    return table


def _cells(source: Source, line: int, begin: int) -> list[tuple[int, int]]:
    """Where the cells of a table's row begin and end."""
    row = source.lines[line][begin - source.start(line) :].rstrip(" \t")
    bars = [match.start() for match in re.finditer(r"(?<!\\)\|", row)]
    edges = [-1, *bars, len(row)]
    found = []
    for left, right in itertools.pairwise(edges):
        inside = row[left + 1 : right]
        blank = len(inside) - len(inside.lstrip(" \t"))
        found.append((begin + left + 1 + blank, begin + left + 1 + len(inside.rstrip(" \t"))))
    if found and found[0][1] <= found[0][0] and row.startswith("|"):
        found.pop(0)
    return found


def _written(text: str, start: int, end: int, content: str) -> Callable[[int], int]:
    """The way from an offset in a cell's content, where `|` stands for `\\|`, to the page."""
    offsets = []
    at = start
    for letter in content:
        if letter == "|" and text[at : at + 2] == "\\|":
            at += 1
        offsets.append(at)
        at += 1
    offsets.append(min(at, end) if content else start)
    return lambda offset: offsets[min(offset, len(offsets) - 1)]
