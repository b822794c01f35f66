"""Every Python block of every page runs, on both targets, in page order and alone."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.pages import update
from tests.pages.evidence import claim
from tests.pages.sandbox import Sandbox
from tests.pages.scanner import ROOT, Block, Page, pages
from tests.pages.snippets import PageRun, compare, lint, run_alone, snippets
from tests.pages.wrong import Wrong
from tests.subject.model_server import ModelServer
from tests.subject.targets import Target

CASES = [(page, block) for page in pages(ROOT / "docs") for block in snippets(page)]
on_each = pytest.mark.parametrize(
    ("page", "block"),
    [pytest.param(page, block, id=block.where.removeprefix("docs/")) for page, block in CASES],
)
Start = Callable[[Page, Target], PageRun]


@pytest.fixture(scope="module")
def page_run(
    tmp_path_factory: pytest.TempPathFactory, model_server: ModelServer
) -> Iterator[Start]:
    """The run of a page on a target, started once."""
    runs: dict[tuple[Path, Target], PageRun] = {}

    def start(page: Page, target: Target) -> PageRun:
        key = page.path, target
        if key not in runs:
            root = tmp_path_factory.mktemp(page.path.stem)
            runs[key] = PageRun(page, target, root, model_server.url)
        return runs[key]

    yield start
    for run in runs.values():
        run.close()


def _claim(request: pytest.FixtureRequest, kind: str, block: Block, target: Target) -> None:
    claim(request.node, kind=kind, where=block.where, digest=block.digest, target=str(target))


@on_each
def test_block_in_page_order(
    page: Page, block: Block, target: Target, page_run: Start, request: pytest.FixtureRequest
) -> None:
    """A block prints what its page says, after the blocks before it."""
    _claim(request, "snippet", block, target)
    is_update = request.config.getoption("--update-examples") and target is Target.REFERENCE
    try:
        actual = page_run(page, target).result(block)
    except Wrong:
        if is_update:
            update.leave(request.config, block)
        raise
    if is_update:
        update.later(request.config, block, actual)
    elif not request.config.getoption("--update-examples"):
        compare(block, actual, target)


@on_each
def test_block_alone(
    page: Page,
    block: Block,
    target: Target,
    sandbox: Sandbox,
    model_server: ModelServer,
    request: pytest.FixtureRequest,
) -> None:
    """A block that is pasted into a file of its own runs and prints the same."""
    if request.config.getoption("--update-examples"):
        return
    _claim(request, "alone", block, target)
    run_alone(page, block, target, sandbox, model_server.url)


@on_each
def test_block_style(page: Page, block: Block, tmp_path: Path) -> None:
    """A block passes ruff and black."""
    lint(block, tmp_path)
