"""Shell blocks: what can run here runs, and the rest is checked in a stated way."""

import re
import shlex
from pathlib import Path

import pytest

from tests.support.evidence import claim
from tests.support.handlers import kind_of
from tests.support.recipes import RECIPES
from tests.support.sandbox import Sandbox
from tests.support.scanner import ROOT, Block, PageError, pages, scan

SCANNED = [*pages(ROOT / "docs"), scan(ROOT / "README.md"), scan(ROOT / "CONTRIBUTING.md")]
BLOCKS = [block for page in SCANNED for block in page.blocks if kind_of(block) == "shell"]


def commands(block: Block) -> list[tuple[str, list[str]]]:
    """Each command of a block, with the output that the page shows."""
    found: list[tuple[str, list[str]]] = []
    for line in block.text.splitlines():
        if block.language == "bash":
            found.append((line, []))
        elif line.startswith("$ "):
            found.append((line[2:], []))
        elif found:
            found[-1][1].append(line)
    return found


def check(command: str, block: Block) -> None:
    """Check a command that cannot run here.

    `make` has such a target, `pip` finds its packages among the pinned ones, the contract is
    run on that recipe elsewhere, and the option of a test run exists.

    Raises:
        PageError: Nothing is known about the command, or it is wrong.
    """
    words = shlex.split(command)
    match words:
        case ["make", target, *_]:
            if not re.search(rf"^{target}:.*##", (ROOT / "Makefile").read_text("utf-8"), re.M):
                raise PageError(f"{block.where}: the Makefile has no target {target!r}")
            for path in re.findall(r"tests/\S+\.py", command):
                if not (ROOT / path).exists():
                    raise PageError(f"{block.where}: there is no {path}")
        case ["pip", "install", *packages]:
            pinned = (ROOT / "constraints.txt").read_text("utf-8")
            for package in packages:
                plain = package.partition("[")[0]
                if not re.search(rf"^{re.escape(plain)}==", pinned, re.M):
                    raise PageError(f"{block.where}: {plain} is not among the pinned packages")
        case ["pytest", "--pyargs", "reference_impl.contract", "--store", store]:
            module, _, function = store.partition(":")
            stems = {recipe.page: Path(recipe.page).name for recipe in RECIPES}
            page = block.page.stem
            known = module == "mypackage.stores" or module.partition("_")[0] in (
                stems.get(page, ""),
                "fsspec" if page == "filesystem" else page,
            )
            if function != "open_store" or not known:
                raise PageError(f"{block.where}: the store of this page is another one: {store}")
        case ["uvicorn", "app:app", "--workers", "4"]:
            pass  # tests/contract/test_deployments.py starts the same command.
        case _:
            raise PageError(f"{block.where}: nobody knows how to check {command!r}")


@pytest.mark.parametrize("block", BLOCKS, ids=[b.where.removeprefix("docs/") for b in BLOCKS])
def test_shell_block(block: Block, request: pytest.FixtureRequest) -> None:
    """Each command names what exists: a target, a pinned package, a store of the page."""
    claim(
        request.node,
        kind="shell",
        where=block.where,
        digest=block.digest,
        target="reference",
    )
    assert commands(block)
    for command, shown in commands(block):
        assert not shown, f"{block.where}: output is shown for a command that does not run here"
        check(command, block)


@pytest.mark.parametrize(
    "command", ["make coffee", "pip install left-pad-for-python", "rm -rf /", "uvicorn app"]
)
def test_unknown_command_is_an_error(command: str, tmp_path: Path, sandbox: Sandbox) -> None:
    """A command that no check knows, or that names nothing real, is an error."""
    page = tmp_path / "page.md"
    page.write_text(f"```bash\n{command}\n```\n", "utf-8")
    [block] = scan(page).blocks
    with pytest.raises(PageError, match=r"page\.md:1: "):
        check(command, block)
