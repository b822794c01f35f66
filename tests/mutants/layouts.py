"""The lies that are told to the text of a page: where a line stands, and what a reader makes of it.

Each is told where a reader of Markdown, of MDX or of a shell could see something else than the
tests do. A kind that has no place on the pages is told to a small page of its own.
"""

import re
from collections.abc import Callable, Iterator

from executable_pages.testing.scanner import ROOT, Page, Table
from executable_pages.testing.tables import PROSE
from tests.mutants import contents, drawings
from tests.mutants.retold import Kinds, Retold, Told, outputs, place, rewritten
from tests.subject.project import SUBJECT

# Of each kind, since some lies take seconds to be found out.
MOST = 6
_LINKED = re.compile(r"^- .*\]\((?P<target>/[\w/-]+)")
_TINY = ROOT / "docs" / "tiny.md"


def told(every: list[Page]) -> list[Told]:
    """At most `MOST` lies of each kind, spread over the pages."""
    found: list[Told] = []
    for kind, tell in KINDS.items():
        lies = list(tell(kind, every))
        step = max(1, -(-len(lies) // MOST))
        found += lies[::step]
    return found


def _below(above: str, below: str) -> Callable[[str, list[Page]], Iterator[Told]]:
    """Tables and lists with a wrong word, right below a line."""

    def tell(kind: str, every: list[Page]) -> Iterator[Told]:
        for page in every:
            lines = page.source.splitlines()
            for table in page.tables:
                if not table.comment.startswith((PROSE, "table: behaviour")):
                    yield from _table_below(kind, page, table, lines)
            linked = [n for n, line in enumerate(lines) if _LINKED.match(line)]
            for first in linked[:1]:
                top, end = first, first
                while lines[top - 1].startswith(("- ", "  ")):
                    top -= 1
                while end < len(lines) and lines[end].startswith(("- ", "  ")):
                    end += 1
                lied = re.sub(r"\]\(/", "](/x", lines[first], count=1)
                inside = [*lines[top:first], lied, *lines[first + 1 : end]]
                text = f"{lied} right below {above}"
                retold = [*lines[:top], above, *inside, *_closed(below), *lines[end:]]
                yield rewritten(kind, page, first + 1, text, retold)

    def _table_below(kind: str, page: Page, table: Table, lines: list[str]) -> Iterator[Told]:
        # The comment that says what the table is about moves with it.
        start, head = table.line - 3, table.line - 1
        rows = head + 2
        lied = _wrong(lines[rows])
        end = rows + len(table.rows)
        if not lines[start].startswith("{/* table:"):
            return
        inside = [lines[start], lines[head], lines[head + 1], lied, *lines[rows + 1 : end]]
        retold = [*lines[:start], above, *inside, *_closed(below), *lines[end:]]
        yield rewritten(kind, page, rows + 1, f"{lied} in a table right below {above}", retold)

    return tell


def _closed(below: str) -> list[str]:
    return [below] if below else []


def _wrong(row: str) -> str:
    """A row of a table with another word in its first cell."""
    return re.sub(r"`(?=\S)", "`x", row, count=1)


def _within(first: str, rest: str) -> Callable[[str, list[Page]], Iterator[Told]]:
    """Fences in a container, with a wrong line of output."""

    def tell(kind: str, every: list[Page]) -> Iterator[Told]:
        for page, block, index, output in outputs(every):
            if not block.indent:
                lines = page.source.splitlines()
                start, end = block.fence_line - 1, block.line + block.text.count("\n")
                lines[block.line - 1 + index] += "x"
                inside = [(rest + line).rstrip() for line in lines[start:end]]
                inside[0] = first + lines[start]
                lines[start:end] = inside
                line = block.line + index
                yield rewritten(kind, page, line, f"{output} becomes {output}x", lines)

    return tell


def _indented(kind: str, every: list[Page]) -> Iterator[Told]:
    """Fences and tables in a component, indented, where Markdown would see code."""
    for page in every:
        lines = page.source.splitlines()
        for table in page.tables:
            start, rows = table.line - 3, table.line + 1
            end = rows + len(table.rows)
            if table.comment.startswith((PROSE, "table: behaviour")) or not lines[start].startswith(
                "{/* table:"
            ):
                continue
            lied = _wrong(lines[rows])
            inside = [*lines[start:rows], lied, *lines[rows + 1 : end]]
            text = f"{lied} in an indented table"
            yield rewritten(kind, page, rows + 3, text, _in_a_note(lines, start, end, inside))
    for page, block, index, output in outputs(every):
        if not block.indent:
            lines = page.source.splitlines()
            start, end = block.fence_line - 1, block.line + block.text.count("\n")
            lines[block.line - 1 + index] += "x"
            text = f"{output} becomes {output}x in an indented block"
            changed = _in_a_note(lines, start, end, lines[start:end])
            yield rewritten(kind, page, block.line + index + 2, text, changed)


def _in_a_note(lines: list[str], start: int, end: int, inside: list[str]) -> list[str]:
    indented = [f"    {line}".rstrip() for line in inside]
    return [*lines[:start], "<Note>", "", *indented, "", "</Note>", *lines[end:]]


def _hidden(page: Page, start: int, end: int) -> list[str]:
    lines = page.source.splitlines()
    return [*lines[:start], "{/*", *lines[start:end], "*/}", *lines[end:]]


def _hidden_block(kind: str, every: list[Page]) -> Iterator[Told]:
    for page in every:
        for block in page.blocks:
            if SUBJECT.kind_of(block) == "typed" and block.language == "python":
                end = block.line + block.text.count("\n")
                text = f"{block.info} in a comment"
                lines = _hidden(page, block.fence_line - 1, end)
                yield rewritten(kind, page, block.fence_line, text, lines)


def _hidden_promise(kind: str, every: list[Page]) -> Iterator[Told]:
    for page in every:
        lines = page.source.splitlines()
        for promise in page.guarantees:
            start = end = promise.line - 1
            while "</Guarantee>" not in lines[end]:
                end += 1
            link = _leading_to(every, page, promise.id)
            text = f"the promise {promise.id} of {place(page.path, promise.line)} in a comment"
            # A comment between the lines of a list would be refused at its own place.
            if link and lines[start].startswith("<Guarantee"):
                thing = Retold(page.path, "\n".join(_hidden(page, start, end + 1)) + "\n")
                yield Told(kind, link, text, thing)


def _leading_to(every: list[Page], page: Page, anchor: str) -> str:
    """The first place with a link to a heading or a promise; empty without one."""
    address = "/" + page.path.relative_to(ROOT / "docs").with_suffix("").as_posix()
    for other in every:
        for link in other.links:
            if link.target == f"{address}#{anchor}" or (
                other is page and link.target == f"#{anchor}"
            ):
                return link.where
    return ""


def _renamed_anchor(kind: str, every: list[Page]) -> Iterator[Told]:
    for page in every:
        lines = page.source.splitlines()
        for _, line, said in page.headings:
            anchor = re.sub(r"[^\w -]", "", said.lower()).replace(" ", "-")
            if link := _leading_to(every, page, anchor):
                changed = [*lines[: line - 1], f"{lines[line - 1]} too", *lines[line:]]
                text = f"{said} of {place(page.path, line)} becomes {said} too"
                yield Told(kind, link, text, Retold(page.path, "\n".join(changed) + "\n"))


def _renamed_title(kind: str, every: list[Page]) -> Iterator[Told]:
    for page in every:
        lines = page.source.splitlines()
        for block in page.blocks:
            if SUBJECT.kind_of(block) == "typed" and block.info.endswith(".py"):
                changed = list(lines)
                changed[block.fence_line - 1] += "x.py"
                text = f"{block.info} becomes {block.info}x.py"
                yield rewritten(kind, page, block.fence_line, text, changed)


def _escaped_bar(kind: str, every: list[Page]) -> Iterator[Told]:
    """Cells with a bar in code: as a name that is none, and as the start of another cell."""
    head = ["{/* table: options contract */}", "", "| Option | Meaning |", "|---|---|"]
    for cell in ("`--session-store\\|x`", "`--session-store|x`", "`a \\| b`"):
        thing = Retold(_TINY, "\n".join(["# Tiny", "", *head, f"| {cell} | which store |", ""]))
        yield Told(kind, place(_TINY, 7), f"a table says {cell}", thing)


KINDS: Kinds = (
    {
        "right below a tag": _below("<Note>", "</Note>"),
        "right below prose": _below("This is so:", ""),
        "fence in a quote": _within("> ", "> "),
        "fence in a list": _within("- ", "  "),
        "indented in a component": _indented,
        "block in a comment": _hidden_block,
        "promise in a comment": _hidden_promise,
        "another file's name": _renamed_title,
        "anchor renamed": _renamed_anchor,
        "bar in a cell": _escaped_bar,
    }
    | contents.KINDS
    | drawings.KINDS
)
