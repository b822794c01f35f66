"""A kind of blocks is one object, and what nobody runs says why."""

import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from executable_pages.testing.checks import complaints, uncaught
from executable_pages.testing.kinds import KINDS, Kind
from executable_pages.testing.sandbox import Sandbox
from executable_pages.testing.scanner import Block
from executable_pages.testing.subject import Subject
from executable_pages.testing.suite import CASES
from executable_pages.testing.target import Target
from executable_pages.testing.wrong import Wrong
from tests.bank.subject import subject
from tests.bank.test_lies import copied


def _settings(subject: Subject, block: Block, target: Target, sandbox: Sandbox) -> None:
    try:
        tomllib.loads(block.text)
    except tomllib.TOMLDecodeError as error:
        raise Wrong(f"{block.where}: {error}") from None


TOML = Kind(("toml",), on_each=False, check=_settings, lies=lambda text: [text.replace("=", "")])


def _with_block(tmp_path: Path, block: str, **kinds: Kind) -> Subject:
    root = copied(tmp_path)
    page = root / "docs" / "settings.md"
    page.write_text(f"# Settings\n\n{block}", "utf-8")
    return replace(subject(root), kinds=KINDS | kinds)


def test_new_kind_is_one_object(tmp_path: Path) -> None:
    """Blocks of a new kind are checked, counted as tests and lied to with nothing else written."""
    project = _with_block(tmp_path, "```toml\nlimit = 1\n```\n", toml=TOML)
    assert complaints(project, tmp_path / "runs", "docs/settings.md") == []
    assert [str(each) for each in CASES["checked"](project)] == ["toml-bank"]
    assert uncaught(project, tmp_path / "lies") == []
    project = _with_block(tmp_path / "other", "```toml\nlimit 1\n```\n", toml=TOML)
    [said] = complaints(project, tmp_path / "again", "docs/settings.md")
    assert said.startswith("settings.md:3: Expected '='")


def test_lie_that_nothing_catches_is_named(tmp_path: Path) -> None:
    """A check that looks at nothing lets the lies of its kind stand, and that is said."""
    blind = replace(TOML, check=lambda *about: None)
    project = _with_block(tmp_path, "```toml\nlimit = 1\n```\n", toml=blind)
    assert uncaught(project, tmp_path / "lies") == ["settings.md:3: nothing catches 'limit  1\\n'"]


def test_kind_without_a_test_is_refused(tmp_path: Path) -> None:
    """A kind that says neither its check nor the test that runs it is an error that says so."""
    project = subject(copied(tmp_path))
    with pytest.raises(ValueError, match=r"kind 'toml'; give it check=.*, or say by="):
        replace(project, kinds=KINDS | {"toml": Kind(("toml",))})
    assert replace(project, kinds=KINDS | {"toml": Kind(("toml",), by="test_toml.py")})


@pytest.mark.parametrize("language", ["toml", "python", "mermaid", "text"])
def test_block_that_nobody_runs_says_why(language: str, tmp_path: Path) -> None:
    """A block below a reason is shown only, and counted; no reason is an error at the block."""
    comment = "{/* shown: a sketch of what comes */}\n\n"
    project = _with_block(tmp_path, f"{comment}```{language}\nx ->\n```\n")
    assert complaints(project, tmp_path / "runs", "docs/settings.md") == []
    assert [block.language for block in project.blocks("shown")] == [language]
    bare = comment.replace(" a sketch of what comes", "")
    project = _with_block(tmp_path / "other", f"{bare}```{language}\nx ->\n```\n")
    [said] = complaints(project, tmp_path / "again", "docs/settings.md")
    assert said.startswith("settings.md:5: {/* shown: ... */} says why nobody runs the block")
