"""Every sequence diagram on every page is performed, in one process and in several."""

import pytest

from docs.plugins.recording import DETAIL, Run
from tests.pages.diagrams import MODES, Mismatch, parse, recording_of
from tests.pages.evidence import claim
from tests.pages.kinds import kind_of
from tests.pages.sandbox import Sandbox
from tests.pages.scanner import ROOT, Block, name, pages
from tests.subject.diagrams import check, perform
from tests.subject.targets import Target

BLOCKS = [
    block
    for page in pages(ROOT / "docs")
    for block in page.blocks
    if block.language == "mermaid" and kind_of(block) == "diagram"
    # Those of recipes are performed by the recipe's store: tests/contract/test_recipes.py.
    if page.path.parent.name != "recipes"
]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("block", BLOCKS, ids=[b.where.removeprefix("docs/") for b in BLOCKS])
def test_diagram(
    block: Block,
    mode: str,
    target: Target,
    sandbox: Sandbox,
    request: pytest.FixtureRequest,
) -> None:
    """Each arrow of the diagram holds, whether participants are instances or processes."""
    details = claim(
        request.node,
        kind="diagram",
        where=block.where,
        digest=block.digest,
        target=str(target),
        mode=mode,
    )
    if block.comment.startswith("release: differs") and target is Target.RELEASE:
        mark = pytest.mark.xfail(raises=Mismatch, strict=True, reason=f"{block.where}: mended?")
        request.applymarker(mark)
    diagram = parse(block.text, name(block.page), block.line)
    runs: list[Run] = []
    perform(diagram, target, mode, sandbox, runs=runs)
    if target is Target.REFERENCE and mode == "processes":
        details[DETAIL] = recording_of(check(diagram), runs).text()
