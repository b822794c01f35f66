"""A page says what its programs need: the packages of its `pip install` lines bring its imports."""

import ast
import re
import shlex
import sys
from collections.abc import Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, packages_distributions, requires

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from executable_pages.testing.scanner import ROOT, Page, pages

# What a page saves under this name itself, or what this repository has.
OWN = re.compile(r"\w+_store|bank|tests|reference_impl")
# It shows files of this repository, which its tests use.
SHOWN = "take-this-into-your-own-project"
PAGES = [
    page
    for page in pages(ROOT / "docs")
    if page.path.stem != SHOWN and any(block.language == "python" for block in page.blocks)
]
_INSTALL = re.compile(r"pip install ([^`\n]+)")


def needed(page: Page) -> set[str]:
    """The distributions of the modules that a page's programs import."""
    known = _distributions()
    modules = set[str]()
    for block in page.blocks:
        if block.language == "python":
            for node in ast.walk(ast.parse(block.text)):
                names = [each.name for each in node.names] if isinstance(node, ast.Import) else []
                if isinstance(node, ast.ImportFrom) and not node.level:
                    names = [node.module or ""]
                modules |= {name.partition(".")[0] for name in names}
    others = {each for each in modules - sys.stdlib_module_names if not OWN.fullmatch(each)}
    return {canonicalize_name(known[each][0]) for each in others}


def said(page: Page) -> list[str]:
    """What the page says to install, but for this repository."""
    words = [word for line in _INSTALL.findall(page.source) for word in shlex.split(line)]
    return [word for word in words if "/" not in word and not word.startswith("-")]


@cache
def _distributions() -> Mapping[str, list[str]]:
    return packages_distributions()


@cache
def brought(requirement: str) -> frozenset[str]:
    """What one requirement installs, with all that it requires."""
    found: set[str] = set()
    left = [Requirement(requirement)]
    while left:
        each = left.pop()
        if each.marker is not None and not each.marker.evaluate({"extra": ""}):
            continue
        name = f"{canonicalize_name(each.name)}{sorted(each.extras)}"
        if name in found:
            continue
        found |= {name, canonicalize_name(each.name)}
        try:
            texts = requires(each.name) or []
        except PackageNotFoundError:
            continue
        for text in map(Requirement, texts):
            extras = ["", *each.extras]
            if text.marker is None or any(text.marker.evaluate({"extra": e}) for e in extras):
                text.marker = None
                left.append(text)
    return frozenset(found)


@pytest.mark.pages
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.path.stem)
def test_page_says_what_its_programs_need(page: Page) -> None:
    """Whoever installs what a page says, and nothing else, has all that its programs import."""
    installed = set[str]().union(*(brought(each) for each in said(page)))
    lacking = needed(page) - installed
    assert not lacking, f"{page.path.name}: add to a `pip install` line: {', '.join(lacking)}"


def test_what_is_lacking_is_found() -> None:
    """An extra brings what it requires, and a package alone does not bring that."""
    assert "websockets" in brought("praisonai-bot[gateway]")
    assert "websockets" not in brought("praisonai-bot")
    assert "praisonaiagents" in brought("praisonai-bot")
    [page] = [each for each in PAGES if each.path.stem == "gateway-and-bots"]
    assert needed(page) == {"praisonai-bot", "praisonaiagents"}
