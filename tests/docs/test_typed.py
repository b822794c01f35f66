"""Tutorials as a reader follows them: files saved, commands typed into real terminals."""

from pathlib import Path

import pytest

from executable_pages.testing.evidence import claim
from executable_pages.testing.sandbox import Sandbox
from executable_pages.testing.scanner import Page, PageError, scan
from executable_pages.testing.wrong import Wrong
from tests.subject.model_server import ModelServer
from tests.subject.programs import PROGRAMS
from tests.subject.project import SUBJECT
from tests.subject.targets import Target

pytest.importorskip("pexpect", reason="terminals as pexpect has them are those of POSIX")

from executable_pages.testing.typed import Reader, typed

TUTORIALS = [
    page
    for page in SUBJECT.pages()
    if any(SUBJECT.kind_of(block) == "typed" for block in page.blocks)
]


@pytest.mark.pages
@pytest.mark.parametrize("tutorial", TUTORIALS, ids=[page.path.stem for page in TUTORIALS])
def test_tutorial(
    tutorial: Page,
    target: Target,
    sandbox: Sandbox,
    model_server: ModelServer,
    request: pytest.FixtureRequest,
) -> None:
    """Each line of a tutorial, typed into its terminal, prints what the page shows under it."""
    for block in tutorial.blocks:
        claim(
            request.node,
            kind="typed",
            where=block.where,
            digest=block.digest,
            target=str(target),
        )
    sandbox.extra.update(model_server.environment)
    with Reader(sandbox, target, PROGRAMS) as reader:
        reader.follow(tutorial)


@pytest.mark.parametrize(
    ("lines", "complaint"),
    [
        ("$ echo one\ntwo", r"page\.md:4 on reference: the page shows"),
        ("$ echo one\none\n>>> 1", r"page\.md:6: the terminal waits at '\$ ', not '>>> '"),
        ("$ exit", r"page\.md:4: no prompt came back"),
        ("$ true\n$ true && false", r"page\.md:5 on reference: exit code 1"),
        ("$ echo one \\\none", r"page\.md:4: this command has no end"),
        ('$ echo "one\none', r"page\.md:4: this command has no end"),
    ],
    ids=["other-output", "other-prompt", "end", "silent-failure", "continued", "open-quote"],
)
def test_wrong_line_is_named(lines: str, complaint: str, tmp_path: Path, sandbox: Sandbox) -> None:
    """A line that prints something else, or is typed where nothing waits for it, is named."""
    page = tmp_path / "page.md"
    page.write_text(f"# Title\n\n```console\n{lines}\n```\n", "utf-8")
    with Reader(sandbox, Target.REFERENCE, {}) as reader, pytest.raises(Wrong, match=complaint):
        reader.follow(scan(page))


def test_terminals_stand_side_by_side(tmp_path: Path, sandbox: Sandbox) -> None:
    """Blocks with one name share a shell, and those with another have one of their own."""
    page = tmp_path / "page.md"
    blocks = [("A", "$ word=first"), ("B", "$ echo $word\n"), ("A", "$ echo $word\nfirst")]
    page.write_text("\n".join(f"```console {n}\n{t}\n```\n" for n, t in blocks), "utf-8")
    with Reader(sandbox, Target.REFERENCE, {}) as reader:
        reader.follow(scan(page))


@pytest.mark.parametrize("text", ["", "output\n$ command\n"])
def test_block_in_which_nothing_is_typed_is_an_error(text: str, tmp_path: Path) -> None:
    """A block that shows output of nothing, or has no command, is an error at page and line."""
    page = tmp_path / "page.md"
    page.write_text(f"```console\n{text}```\n", "utf-8")
    with pytest.raises(PageError, match=r"page\.md:[12]: "):
        typed(scan(page).blocks[0])
