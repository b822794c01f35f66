"""Advice by symptom: every entry says why, what to do, and which version is affected."""

import re
import tomllib

import pytest

from tests.pages.scanner import ROOT, Page, pages, scan

PAGE = ROOT / "docs" / "troubleshooting.md"
PINNED = dict(
    requirement.split("==")
    for requirement in tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"][
        "optional-dependencies"
    ]["release"]
)
_VERSION = re.compile(r"\b(praisonaiagents|praisonai-bot)`? (\d+(?:\.\d+)+)")
ENTRIES = PAGE.read_text("utf-8").split("\n## ")[1:-1]


@pytest.mark.pages
@pytest.mark.parametrize("entry", ENTRIES, ids=[each.partition("\n")[0] for each in ENTRIES])
def test_entry_is_complete(entry: str) -> None:
    """An entry has a reason, a cure, a program, and the version with a link to its proof."""
    said = entry.partition(f"\n**praisonaiagents {PINNED['praisonaiagents']}:** ")[2]
    assert "\n**Why:** " in entry
    assert "\n**Do:** " in entry
    assert "\n```python\n" in entry
    assert re.match(r"[^#]*/verification/(guarantees|known-differences|performance)\b", said)


@pytest.mark.pages
@pytest.mark.parametrize("page", pages(ROOT / "docs"), ids=lambda page: page.path.stem)
def test_versions_are_those_that_are_tested(page: Page) -> None:
    """A page that names a version of the release names the one that the tests run."""
    found = {(name, version) for name, version in _VERSION.findall(page.source)}
    assert found <= set(PINNED.items())


def test_versions_are_found() -> None:
    """The pattern for versions sees those of the troubleshooting page."""
    assert len(_VERSION.findall(scan(PAGE).source)) > len(ENTRIES)
