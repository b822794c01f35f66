"""Holds a page that a liar has written anew against what the tests of pages hold pages against.

Only what differs from the true page is checked, since the rest of it is proven already.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from executable_pages.testing import block_checks
from executable_pages.testing.links import problem
from executable_pages.testing.output import code_lines, output_lines
from executable_pages.testing.sandbox import Sandbox
from executable_pages.testing.scanner import Block, Page, Table, name, pages, scan
from executable_pages.testing.snippets import PageRun, compare, run_alone
from executable_pages.testing.tables import check_table
from executable_pages.testing.typed import Reader
from executable_pages.testing.wrong import Wrong
from tests.subject.programs import PROGRAMS
from tests.subject.project import SUBJECT
from tests.subject.targets import Target

REFERENCE = Target.REFERENCE


@dataclass(frozen=True)
class Retold:
    """A page as the liar wants it; there may be no such page."""

    path: Path
    text: str


def check(retold: Retold, sandbox: Sandbox) -> None:
    """Check whatever differs from the true page.

    Raises:
        PageError: The page is refused.
        AssertionError: It says what is not so; the message begins with `page:line`.
    """
    told = scan(retold.path, retold.text.encode())
    true = scan(retold.path) if retold.path.exists() else Page(retold.path, "")
    _links(told, true)
    kinds = {SUBJECT.kind_of(block) for block in told.blocks}
    known = [(block.text, block.info) for block in true.blocks]
    if "typed" in kinds:
        if [(block.text, block.info) for block in told.blocks] != known:
            with Reader(sandbox, REFERENCE, PROGRAMS) as reader:
                reader.follow(told)
        return
    for block in told.blocks:
        if (block.text, block.info) not in known:
            _block(block, told, true, sandbox)
    said = [(table.comment, table.header, table.rows) for table in true.tables]
    for table in told.tables:
        if (table.comment, table.header, table.rows) not in said:
            _table(table, sandbox)


def _block(block: Block, told: Page, true: Page, sandbox: Sandbox) -> None:
    match SUBJECT.kind_of(block):
        case "shell":
            block_checks.shell(SUBJECT, block, REFERENCE, sandbox)
        case "json":
            block_checks.json(SUBJECT, block, REFERENCE, sandbox)
        case "snippet" if original := _same_code(block, true):
            with PageRun(_snippets(true), REFERENCE, sandbox) as run:
                # Its lines are those of the true one: only what it says that it prints differs.
                compare(block, run.result(original), REFERENCE)
        case "snippet":
            run_alone(_snippets(told), block, REFERENCE, sandbox)


def _same_code(block: Block, page: Page) -> Block | None:
    wanted = code_lines(block.text)
    return next((each for each in _snippets(page) if code_lines(each.text) == wanted), None)


def _snippets(page: Page) -> list[Block]:
    return [block for block in page.blocks if SUBJECT.kind_of(block) == "snippet"]


def _table(table: Table, sandbox: Sandbox) -> None:
    check_table(table, SUBJECT.tables, REFERENCE, sandbox)


def _links(told: Page, true: Page) -> None:
    """Hold the page's own new links, and those of every page that lead to a heading of it."""
    known = {link.target for link in true.links}
    for link in told.links:
        if link.target not in known and (why := problem(link.target, link.page, SUBJECT.site)):
            raise Wrong(f"{link.where}: {link.target}: {why}")
    if lost := true.anchors - told.anchors:
        for page in pages(SUBJECT.site):
            for link in page.links:
                if link.target.partition("#")[2] in lost and (
                    why := problem(link.target, link.page, SUBJECT.site, told)
                ):
                    raise Wrong(f"{link.where}: {link.target}: {why}")


def place(path: Path, line: int) -> str:
    """A line of a page, as tests name it."""
    return f"{name(path)}:{line}"


@dataclass(frozen=True)
class Told:
    """A lie to a page's text, and the place that it is found out at."""

    kind: str
    where: str
    text: str
    thing: Retold | Block


Kinds = dict[str, Callable[[str, list[Page]], Iterator[Told]]]


def rewritten(kind: str, page: Page, line: int, text: str, lines: list[str]) -> Told:
    """A page of other lines, and the line of it that lies."""
    thing = Retold(page.path, "\n".join(lines) + "\n")
    return Told(kind, place(page.path, line), text, thing)


def outputs(every: list[Page]) -> Iterator[tuple[Page, Block, int, str]]:
    """The first line of output of each snippet, with its index."""
    for page in every:
        for block in page.blocks:
            if SUBJECT.kind_of(block) == "snippet" and (shown := output_lines(block.text)):
                number = min(shown)
                yield page, block, number - 1, shown[number]
