"""The page about taking page testing along shows the files of the other project."""

from pathlib import Path

import pytest

from executable_pages.testing.evidence import claim
from executable_pages.testing.scanner import ROOT, Block, scan
from executable_pages.testing.wrong import Wrong
from tests.subject.kinds import OWN_PROJECT
from tests.subject.project import SUBJECT

BLOCKS = SUBJECT.blocks("file")


def check_file(block: Block, root: Path = ROOT) -> None:
    """Hold a block against the file that its title names: all of it, or lines that follow.

    Raises:
        Wrong: There is no such file, or it says something else.
    """
    path = root / block.info
    if not block.info or not path.is_file():
        raise Wrong(f"{block.where}: there is no file {block.info!r}; name one behind the language")
    if f"\n{block.text}" not in f"\n{path.read_text('utf-8')}":
        raise Wrong(f"{block.where}: {block.info} says something else")


@pytest.mark.pages
@pytest.mark.parametrize("block", BLOCKS, ids=[f"{b.info}-{b.line}" for b in BLOCKS])
def test_shown_file_is_the_file(block: Block, request: pytest.FixtureRequest) -> None:
    """What the page shows of a file stands in it, word for word."""
    claim(
        request.node,
        kind="file",
        where=block.where,
        digest=block.digest,
        target=str(SUBJECT.targets[0]),
    )
    check_file(block)


@pytest.mark.pages
def test_files_are_shown_whole() -> None:
    """Pieces of one file are all of it, in its order, so that a reader can put it together."""
    for name in {block.info for block in BLOCKS}:
        shown = [line for b in BLOCKS if b.info == name for line in b.text.splitlines() if line]
        lines = (ROOT / name).read_text("utf-8").splitlines()
        assert shown == [line for line in lines if line], name


@pytest.mark.pages
def test_every_file_of_a_project_is_shown() -> None:
    """All that a project writes for page testing is on the page."""
    shown = {block.info for block in BLOCKS}
    pages = {path.relative_to(ROOT).as_posix() for path in (ROOT / "tests/bank").rglob("*.md")}
    modules = {f"tests/bank/{each}.py" for each in ("subject", "bank_stage", "conftest")}
    assert shown >= pages | modules


@pytest.mark.parametrize(
    ("old", "new"), [("L-->>B: 30", "L-->>B: 29"), ("docs/tellers.md", "docs/clerks.md")]
)
def test_other_text_is_found(old: str, new: str, tmp_path: Path) -> None:
    """A line that its file does not have, or a file that is not there, fails at page and line."""
    page = tmp_path / "page.md"
    text = (ROOT / OWN_PROJECT).read_text("utf-8")
    assert old in text
    page.write_text(text.replace(old, new), "utf-8")
    blocks = scan(page).blocks
    with pytest.raises(Wrong, match=r"page\.md:\d+: "):
        list(map(check_file, blocks))
