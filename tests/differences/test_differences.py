"""Every known difference holds, and every one is where a reader would be bitten by it."""

import os
import py_compile
import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from executable_pages.testing.evidence import claim
from executable_pages.testing.sandbox import Sandbox
from tests.differences.entries import PAGE, Departure, Entry, entries
from tests.subject.model_server import ModelServer
from tests.subject.targets import ROOT, Target

ENTRIES = entries()
FEATURES = ROOT / "docs" / "features"
LINK = re.compile(r"/verification/known-differences#([\w-]+)")


@pytest.mark.parametrize("entry", ENTRIES, ids=[entry.anchor for entry in ENTRIES])
def test_difference(
    entry: Entry,
    target: Target,
    sandbox: Sandbox,
    model_server: ModelServer,
    request: pytest.FixtureRequest,
) -> None:
    """The reference keeps the promise, and the release departs from it exactly as the page says."""
    claim(
        request.node,
        kind="difference",
        where=entry.block.where,
        digest=entry.block.digest,
        target=str(target),
        difference=entry.anchor,
    )
    if target is Target.RELEASE:
        reason = f"{entry.block.where}: if the release has mended this, remove the entry"
        request.applymarker(pytest.mark.xfail(raises=Departure, strict=True, reason=reason))
    sandbox.extra.update(model_server.environment)
    entry.run(target, sandbox)


def test_entries_and_pages_agree() -> None:
    """Each entry is linked from a features page, and each such link leads to an entry."""
    linked = {
        anchor
        for page in FEATURES.glob("*.md")
        for anchor in re.findall(
            r"/verification/known-differences#([\w-]+)", page.read_text("utf-8")
        )
    }
    assert linked == {entry.anchor for entry in ENTRIES}


def test_every_entry_is_listed_by_what_it_does() -> None:
    """The list at the top of the page, the worst first, has each entry once."""
    head = PAGE.read_text("utf-8").partition("\n## ")[0]
    listed = re.findall(r"\(#([\w-]+)\)", head)
    assert sorted(listed) == sorted(entry.anchor for entry in ENTRIES)


@pytest.mark.parametrize(
    ("lie", "complaint"),
    [
        (("**Promised:**", "Promised:"), r"known-differences.md:\d+: an entry has each of"),
        (("# Release: A", "# A"), r"known-differences.md:\d+: the program's last line"),
        (("```python", "```text"), r"known-differences.md:\d+: an entry has one program"),
    ],
    ids=["no-promise", "no-error", "no-program"],
)
def test_broken_entry_is_named(lie: tuple[str, str], complaint: str, tmp_path: Path) -> None:
    """An entry without one of its parts is an error at page and line."""
    page = tmp_path / PAGE.name
    page.write_text(PAGE.read_text("utf-8").replace(*lie, 1), "utf-8")
    with pytest.raises(ValueError, match=complaint):
        entries(page)


def test_wrong_account_of_the_release_fails(sandbox: Sandbox) -> None:
    """A program that ends on the release in another way than stated is not an expected failure."""
    entry = next(entry for entry in ENTRIES if entry.anchor == "folded-ids")
    other = Entry(entry.title, entry.prose, entry.block, "AssertionError: something else")
    with pytest.raises(AssertionError, match="where the page says of the release"):
        other.run(Target.RELEASE, sandbox)


def test_mended_release_turns_the_strict_case_red(tmp_path: Path) -> None:
    """A patched copy of the release that folds no ids makes the folded-ids case fail."""
    spec = find_spec("praisonaiagents")
    assert spec is not None
    assert spec.origin is not None
    copy = tmp_path / "praisonaiagents"
    shutil.copytree(Path(spec.origin).parent, copy, ignore=shutil.ignore_patterns("*.pyc.*"))
    store = copy / "session" / "store.py"
    folds = 'c if c.isalnum() or c in "-_" else "_" for c in session_id'
    source = store.read_text("utf-8")
    assert folds in source
    mended = 'c if c.isalnum() or c in "-" else f"_{ord(c):x}" for c in session_id'
    store.write_text(source.replace(folds, mended), "utf-8")
    py_compile.compile(str(store), invalidation_mode=py_compile.PycInvalidationMode.CHECKED_HASH)

    case = f"{Path(__file__).name}::test_difference[release-folded-ids]"
    quiet = ["-q", "-p", "no:cacheprovider", "-p", "no:xdist"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *quiet, "-c", str(ROOT / "pyproject.toml"), case],
        cwd=Path(__file__).parent,
        env=os.environ | {"RELEASE_PATH": str(tmp_path), "EVIDENCE": os.devnull},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert "XPASS(strict)" in done.stdout
    assert "known-differences.md:" in done.stdout
    assert "if the release has mended this, remove the entry" in done.stdout
