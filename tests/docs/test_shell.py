"""Shell blocks: each command of a page runs, and prints what the page shows."""

from pathlib import Path

import pytest

from executable_pages.testing.sandbox import Sandbox
from executable_pages.testing.scanner import PageError, scan
from executable_pages.testing.shell import commands, run
from executable_pages.testing.suite import Shell
from executable_pages.testing.wrong import Wrong
from tests.subject.programs import PROGRAMS
from tests.subject.project import SUBJECT
from tests.subject.targets import Target

CONTRACT = "reference_impl.contract"


class TestShell(Shell):
    """Blocks of this project that need no server."""

    subject = SUBJECT


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
        run(commands(scan(page).blocks[0]), Target.REFERENCE, sandbox, programs=PROGRAMS)


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
        command.compare("one\ntwo\nthree\n")
    else:
        with pytest.raises(Wrong, match=rf"page\.md:{where}: "):
            command.compare("one\ntwo\nthree\n")


@pytest.mark.parametrize("printed", ["", "\n", " \n\n"])
def test_session_may_print_nothing(printed: str, tmp_path: Path) -> None:
    """A command of a session that prints nothing shows nothing."""
    page = tmp_path / "page.md"
    page.write_text("```console\n$ count\n```\n", "utf-8")
    commands(scan(page).blocks[0])[0].compare(printed)


@pytest.mark.parametrize("block", ["$ count\n", "$ count\n$ echo a\na\n", "$ count\n\n$ echo\n"])
def test_session_leaves_nothing_out(block: str, tmp_path: Path) -> None:
    """A command of a session shows what it prints, or `...`; one of `bash` shows nothing."""
    page = tmp_path / "page.md"
    page.write_text(f"```console\n{block}```\n\n```bash\ncount\n```\n", "utf-8")
    session, script = scan(page).blocks
    with pytest.raises(Wrong, match=r"page\.md:2: the page leaves out 'one'; show it, or `...`"):
        commands(session)[0].compare("one\n")
    commands(script)[0].compare("one\n")


@pytest.mark.parametrize("text", ["", "output\n$ command\n"])
def test_block_without_a_command_is_an_error(text: str, tmp_path: Path) -> None:
    """A block that shows output of no command, or has none, is an error at page and line."""
    page = tmp_path / "page.md"
    page.write_text(f"```console\n{text}```\n", "utf-8")
    with pytest.raises(PageError, match=r"page\.md:[12]: "):
        commands(scan(page).blocks[0])
