"""Shell blocks: each command of a page runs, and prints what the page shows."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.pages.evidence import claim
from tests.pages.kinds import RECIPES, kind_of
from tests.pages.sandbox import Sandbox
from tests.pages.scanner import ROOT, Block, PageError, pages, scan
from tests.pages.shell import Command, commands, compare, run, write_module
from tests.pages.wrong import Wrong
from tests.subject.programs import PROGRAMS
from tests.subject.targets import Target

SCANNED = [*pages(ROOT / "docs"), scan(ROOT / "README.md"), scan(ROOT / "CONTRIBUTING.md")]
BLOCKS = [block for page in SCANNED for block in page.blocks if kind_of(block) == "shell"]
# Those need the recipe's server: tests/contract/test_recipes.py and test_deployments.py run them.
NEED_SERVER = ("pytest", "uvicorn")
STORES = """
from reference_impl import DefaultSessionStore

def open_store():
    return DefaultSessionStore("sessions")
"""
# The whole contract on this store is in tests/contract/test_conformance.py.
PART = {"PYTEST_ADDOPTS": "-k fresh-reads -p no:cacheprovider"}
WHOLE = {"PYTEST_ADDOPTS": "-p no:cacheprovider"}
PROTOCOL = ROOT / "docs" / "features" / "session-protocol.md"
CONTRACT = "reference_impl.contract"


def run_here(block: Sequence[Command], sandbox: Sandbox) -> None:
    """Run the commands of a block that needs no server."""
    extra = PART
    for command in block:
        if command.words[:1] == ["pytest"]:
            module = command.words[-1].partition(":")[0]
            if command.block.page == PROTOCOL:
                write_module(sandbox.work, module, whole_store())
                extra = WHOLE
            else:
                write_module(sandbox.work, module, STORES)
    run(block, sandbox, programs=PROGRAMS, extra=extra)


def whole_store() -> str:
    """The store that the page about the protocol writes."""
    [block] = [each for each in scan(PROTOCOL).blocks if "def open_store" in each.text]
    return block.text


def needs_server(block: Block) -> bool:
    """Whether a recipe's own test runs the block."""
    is_recipe = block.where.startswith(RECIPES)
    return is_recipe and commands(block)[0].words[0] in NEED_SERVER


HERE = [block for block in BLOCKS if not needs_server(block)]


@pytest.mark.parametrize("block", HERE, ids=[b.where.removeprefix("docs/") for b in HERE])
def test_shell_block(block: Block, sandbox: Sandbox, request: pytest.FixtureRequest) -> None:
    """Each command of a block runs in a sandbox and prints what the page shows."""
    claim(
        request.node,
        kind="shell",
        where=block.where,
        digest=block.digest,
        target=str(Target.REFERENCE),
    )
    run_here(commands(block), sandbox)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("make coffee", "exit code 2"),
        ("pip install left-pad-for-python", "exit code 1"),
        ("serve-coffee --hot", "there is no command 'serve-coffee'"),
        (f"pytest --pyargs {CONTRACT} --session-store nowhere:open_store", "exit code 4"),
    ],
)
def test_command_that_fails_is_an_error(
    line: str, words: str, tmp_path: Path, sandbox: Sandbox
) -> None:
    """A command that fails or does not exist is an error at its page and line."""
    page = tmp_path / "page.md"
    page.write_text(f"# Title\n\n```bash\n{line}\n```\n", "utf-8")
    with pytest.raises(Wrong, match=rf"page\.md:4: {words}"):
        run(commands(scan(page).blocks[0]), sandbox, programs=PROGRAMS)


@pytest.mark.parametrize(
    ("shown", "where"),
    [
        ("one\ntwo\nthree", None),
        ("...\nthree", None),
        ("one\n...", None),
        ("one\n...\nthree", None),
        ("one\n...\ntwo\nthree", None),
        ("one\ntwo", 4),
        ("two\nthree", 5),
        ("one\n...\ntwo", 4),
        ("one\nthree", 6),
        ("...\nthree\n...\ntwo", 8),
    ],
)
def test_output_is_compared(shown: str, where: int | None, tmp_path: Path) -> None:
    """Shown lines are printed in this order, and only `...` leaves others out."""
    page = tmp_path / "page.md"
    page.write_text(f"# Title\n\n```console\n$ count\n{shown}\n```\n", "utf-8")
    [command] = commands(scan(page).blocks[0])
    if where is None:
        compare(command, "one\ntwo\nthree\n")
    else:
        with pytest.raises(Wrong, match=rf"page\.md:{where}: "):
            compare(command, "one\ntwo\nthree\n")


@pytest.mark.parametrize("text", ["", "output\n$ command\n"])
def test_block_without_a_command_is_an_error(text: str, tmp_path: Path) -> None:
    """A block that shows output of no command, or has none, is an error at page and line."""
    page = tmp_path / "page.md"
    page.write_text(f"```console\n{text}```\n", "utf-8")
    with pytest.raises(PageError, match=r"page\.md:[12]: "):
        commands(scan(page).blocks[0])
