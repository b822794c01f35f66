"""JSON blocks are session files, and directory trees are directories."""

import dataclasses

import pytest

from tests.pages.evidence import claim
from tests.pages.kinds import kind_of
from tests.pages.sandbox import Sandbox
from tests.pages.scanner import ROOT, Block, pages
from tests.pages.snippets import run_script, snippets
from tests.pages.wrong import Wrong
from tests.subject.model_server import ModelServer
from tests.subject.session_file import check_session_file
from tests.subject.targets import Target

PAGES = pages(ROOT / "docs")
BLOCKS = [block for page in PAGES for block in page.blocks]
JSON = [block for block in BLOCKS if kind_of(block) == "json"]
TREES = [block for block in BLOCKS if kind_of(block) == "tree"]


def _ids(blocks: list[Block]) -> list[str]:
    return [block.where.removeprefix("docs/") for block in blocks]


def _claim(request: pytest.FixtureRequest, kind: str, block: Block, target: Target) -> None:
    claim(request.node, kind=kind, where=block.where, digest=block.digest, target=str(target))


@pytest.mark.parametrize("block", JSON, ids=_ids(JSON))
def test_session_file(
    block: Block, target: Target, sandbox: Sandbox, request: pytest.FixtureRequest
) -> None:
    """A session file on a page is loaded, rewritten unchanged, and has the keys of a real one."""
    _claim(request, "json", block, target)
    check_session_file(block, target, sandbox)


@pytest.mark.parametrize(
    "key", ["agent_name", "content", "arguments", "title", "tokens_before", "archived_messages"]
)
def test_renamed_key_is_found(key: str, sandbox: Sandbox) -> None:
    """A key that no store writes, at any depth, fails at page and line."""
    [block] = JSON
    lied = dataclasses.replace(block, text=block.text.replace(f'"{key}":', f'"{key}x":'))
    assert lied != block
    with pytest.raises(Wrong, match=r"^docs/features/[\w-]+\.md:\d+"):
        check_session_file(lied, Target.REFERENCE, sandbox)


@pytest.mark.parametrize("block", TREES, ids=_ids(TREES))
def test_tree(
    block: Block,
    target: Target,
    sandbox: Sandbox,
    model_server: ModelServer,
    request: pytest.FixtureRequest,
) -> None:
    """A directory tree lists what the blocks before it leave behind, hidden files apart."""
    _claim(request, "tree", block, target)
    page = next(page for page in PAGES if page.path == block.page)
    before = [each for each in snippets(page) if each.line < block.line]
    for each in before:
        run_script(each, sandbox, target, model_server.url)
    top, *lines = block.text.splitlines()
    listed = [line.lstrip("│├└─ ") for line in lines]
    real = sorted(path.name for path in (sandbox.work / top.strip("/")).iterdir())
    assert listed == [name for name in real if not name.startswith(".")], block.where
