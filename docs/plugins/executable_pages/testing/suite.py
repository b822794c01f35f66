"""The tests of a project's pages. A project has them all by naming its subject:

    from executable_pages.testing.suite import PageSuite

    class TestPages(PageSuite):
        subject = SUBJECT

or some of them, with a class for each kind.
"""

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import pytest

from executable_pages.digests import of_text
from executable_pages.recording import DETAIL
from executable_pages.testing import block_checks, checks, snippets, update
from executable_pages.testing.diagrams import MODES, Mismatch
from executable_pages.testing.evidence import claim
from executable_pages.testing.kinds import KINDS
from executable_pages.testing.links import check_link
from executable_pages.testing.sandbox import Sandbox
from executable_pages.testing.scanner import Block, Guarantee, Page, PageError, Table, scan
from executable_pages.testing.snippets import PageRun, Style
from executable_pages.testing.subject import Subject
from executable_pages.testing.tables import PROSE, check_table, claimed
from executable_pages.testing.target import Target
from executable_pages.testing.wrong import Wrong

Start = Callable[[Block, Target], PageRun]
Request = pytest.FixtureRequest


@dataclass(frozen=True)
class Checked:
    """A block of a kind that a project adds, on a target."""

    kind: str
    block: Block
    target: Target

    @property
    def page(self) -> Path:
        """The page on which it stands."""
        return self.block.page

    @property
    def where(self) -> str:
        """The page and the line of the block."""
        return self.block.where

    def __str__(self) -> str:
        return f"{self.kind}-{self.target}"


def _added(subject: Subject) -> list[Checked]:
    return [
        Checked(name, block, target)
        for name, kind in subject.kinds.items()
        if kind.check is not None and name not in KINDS
        for block in subject.here(name)
        for target in subject.targets_of(name)
    ]


# What the tests of a project are about, by the name of their parameter.
CASES: dict[str, Callable[[Subject], Sequence[Any]]] = {
    "target": lambda subject: subject.targets,
    "snippet": lambda subject: subject.here("snippet"),
    "style": lambda subject: [each for each in [subject.style] if each],
    "diagram": lambda subject: subject.here("diagram"),
    "shell": lambda subject: subject.here("shell"),
    "json": lambda subject: subject.here("json"),
    "tree": lambda subject: subject.here("tree"),
    "checked": _added,
    "table": lambda subject: [each for each in tables(subject) if not _is_prose(each)],
    "file": lambda subject: subject.files(),
    "page": lambda subject: subject.pages(),
    "promise": lambda subject: [each for page in subject.pages() for each in page.guarantees],
    "counted": lambda subject: subject.counted(),
    "mode": lambda subject: MODES,
}


def tables(subject: Subject) -> list[Table]:
    """Every table of a project."""
    return [table for page in subject.pages() for table in page.tables]


class Suite:
    """What the tests of every kind share: each runs for each thing of its kind, on each target."""

    subject: ClassVar[Subject]
    pytestmark: ClassVar = pytest.mark.pages

    def __init_subclass__(cls) -> None:
        """Leave out the tests of what the project does not have, where pytest would skip them."""
        super().__init_subclass__()
        if not hasattr(cls, "subject"):
            return
        for name, test in inspect.getmembers(cls, inspect.isfunction):
            wanted = set(inspect.signature(test).parameters) & set(CASES)
            if name.startswith("test_") and not all(CASES[each](cls.subject) for each in wanted):
                setattr(cls, name, None)

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Run each test for everything that it is about."""
        for parameter, cases in CASES.items():
            if parameter in metafunc.fixturenames:
                metafunc.parametrize(parameter, cases(self.subject), ids=self._id)

    def _id(self, case: Any) -> str:
        if isinstance(case, Guarantee):
            return case.id
        if isinstance(case, Path):
            return self._page(case)
        if isinstance(case, Page):
            return self._page(case.path)
        if not hasattr(case, "where"):
            return str(case)
        return f"{self._page(case.page)}:{case.where.rpartition(':')[2]}"

    def _page(self, path: Path) -> str:
        return self.subject.name(path).removeprefix(f"{self.subject.docs}/")

    @pytest.fixture(scope="class")
    @classmethod
    def beside(cls) -> Iterator[Mapping[str, str]]:
        """What runs beside the programs of pages, as variables for them."""
        with cls.subject.beside() as variables:
            yield variables

    @pytest.fixture(autouse=True)
    def is_there(self, request: Request) -> None:
        """Let the project skip or fail where a target is not installed."""
        if "target" in request.fixturenames:
            self.subject.require(request.getfixturevalue("target"))

    @pytest.fixture
    def sandbox(self, tmp_path: Path, beside: Mapping[str, str]) -> Sandbox:
        """A home and a working directory of the test's own."""
        return Sandbox(tmp_path / "sandbox", beside)

    def claim(
        self, request: Request, kind: str, case: Block | Table, target: Target, **details: str
    ) -> dict[str, str]:
        """Say what a test is about, for the evidence; it may add to the details."""
        return claim(
            request.node,
            root=self.subject.root,
            kind=kind,
            where=case.where,
            digest=case.digest,
            target=str(target),
            **details,
        )


class Snippets(Suite):
    """Python blocks."""

    @pytest.fixture(scope="class")
    @classmethod
    def page_run(
        cls, tmp_path_factory: pytest.TempPathFactory, beside: Mapping[str, str]
    ) -> Iterator[Start]:
        """The run of a page on a target, started once."""
        runs: dict[tuple[Path, Target], PageRun] = {}

        def start(block: Block, target: Target) -> PageRun:
            key = block.page, target
            if key not in runs:
                sandbox = Sandbox(tmp_path_factory.mktemp(block.page.stem), beside)
                runs[key] = PageRun(cls.subject.beside_it(block), target, sandbox)
            return runs[key]

        yield start
        for each in runs.values():
            each.close()

    def test_block_in_page_order(
        self, snippet: Block, target: Target, page_run: Start, request: Request
    ) -> None:
        """A block prints what its page says, after the blocks before it."""
        self.claim(request, "snippet", snippet, target)
        is_update = request.config.getoption("--update-examples")
        is_first = target is self.subject.targets[0]
        try:
            actual = page_run(snippet, target).result(snippet)
        except Wrong:
            if is_update and is_first:
                update.leave(request.config, snippet)
            raise
        if is_update and is_first:
            update.later(request.config, snippet, actual)
        elif not is_update:
            snippets.compare(snippet, actual, target)

    def test_block_alone(
        self, snippet: Block, target: Target, sandbox: Sandbox, request: Request
    ) -> None:
        """A block that is pasted into a file of its own runs and prints the same."""
        if request.config.getoption("--update-examples"):
            return
        self.claim(request, "alone", snippet, target)
        checks.alone(self.subject, snippet, target, sandbox)

    def test_block_style(self, snippet: Block, style: Style, tmp_path: Path) -> None:
        """A block is written as its project writes Python."""
        snippets.lint(snippet, tmp_path, style)


class Diagrams(Suite):
    """Sequence diagrams."""

    def test_diagram(
        self, diagram: Block, mode: str, target: Target, sandbox: Sandbox, request: Request
    ) -> None:
        """Each arrow of the diagram holds, whether participants are instances or processes."""
        details = self.claim(request, "diagram", diagram, target, mode=mode)
        if diagram.comment.startswith(f"{target}: differs"):
            reason = f"{diagram.where}: mended?"
            mark = pytest.mark.xfail(raises=Mismatch, strict=True, reason=reason)
            request.applymarker(mark)
        recording = checks.diagram(self.subject, diagram, mode, target, sandbox)
        # One recording is what readers step through: of the first target, in processes.
        if target == self.subject.targets[0] and mode == "processes":
            details[DETAIL] = recording.text()


class Tables(Suite):
    """Tables about code, and those that give a reason why they are not."""

    def test_table(self, table: Table, target: Target, sandbox: Sandbox, request: Request) -> None:
        """Each cell that states a fact about code is what the code says, and no row is missing."""
        self.claim(request, "table", table, target)
        check_table(table, self.subject.tables, target, sandbox)

    def test_prose_tables_have_a_reason(self) -> None:
        """A table that states nothing about code says why."""
        for table in tables(self.subject):
            claimed(table, self.subject.tables)


class Shell(Suite):
    """Commands."""

    def test_shell_block(self, shell: Block, sandbox: Sandbox, request: Request) -> None:
        """Each command of a block runs in a sandbox and prints what the page shows."""
        self.claim(request, "shell", shell, self.subject.targets[0])
        block_checks.shell(self.subject, shell, self.subject.targets[0], sandbox)


class Files(Suite):
    """JSON, and listings of directories."""

    def test_json(self, json: Block, target: Target, sandbox: Sandbox, request: Request) -> None:
        """JSON on a page is what the code reads and writes."""
        self.claim(request, "json", json, target)
        block_checks.json(self.subject, json, target, sandbox)

    def test_tree(self, tree: Block, target: Target, sandbox: Sandbox, request: Request) -> None:
        """A directory tree lists what the blocks before it leave behind, hidden files apart."""
        self.claim(request, "tree", tree, target)
        block_checks.tree(self.subject, tree, target, sandbox)


class Blocks(Suite):
    """Blocks of the kinds that a project adds."""

    def test_block(self, checked: Checked, sandbox: Sandbox, request: Request) -> None:
        """A block passes the check of its kind."""
        self.claim(request, checked.kind, checked.block, checked.target)
        check = self.subject.kinds[checked.kind].check
        assert check is not None
        self.subject.require(checked.target)
        check(self.subject, checked.block, checked.target, sandbox)


class Prose(Suite):
    """Links and promises, and blocks that nothing accounts for."""

    def test_promise(self, promise: Guarantee, request: Request) -> None:
        """A promise stands once, and has a proof that says in a sentence what must hold."""
        claim(
            request.node,
            root=self.subject.root,
            kind="guarantee",
            where=promise.where,
            digest=of_text(promise.text),
            target=str(self.subject.targets[0]),
            guarantee=promise.id,
        )
        checks.promise(self.subject, promise)

    def test_what_is_proven_is_promised(self) -> None:
        """What a test proves is promised by a page."""
        assert checks.unpromised(self.subject) == []

    def test_page_is_read(self, file: Path) -> None:
        """A page is read, and some test accounts for each of its blocks."""
        why = ""
        try:
            for block in scan(file).blocks:
                self.subject.kind_of(block)
        except PageError as error:
            why = str(error)
        if why:
            pytest.fail(why, pytrace=False)

    def test_links_resolve(self, page: Page) -> None:
        """Each link, image and card leads to a page and, where it names one, to a heading."""
        complaints = list[str]()
        for link in page.links:
            try:
                check_link(link, self.subject.site)
            except Wrong as error:
                complaints.append(str(error))
        assert not complaints, "\n".join(complaints)


class Sentences(Suite):
    """Sentences, and what holds them."""

    def test_sentences_are_held(self, counted: Page) -> None:
        """Each sentence is held by something, and a claim names its witness."""
        checks.held(self.subject, counted)

    def test_witnesses_are_there(self, counted: Page) -> None:
        """Each witness of a claim is a test that is not skipped, a clause, a table or a block."""
        checks.witnessed(self.subject, counted)


class PageSuite(Snippets, Diagrams, Tables, Shell, Files, Blocks, Prose, Sentences):
    """The tests of every kind."""


def _is_prose(table: Table) -> bool:
    return table.comment.startswith(PROSE)
