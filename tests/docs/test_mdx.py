"""Every page is valid MDX."""

from pathlib import Path

import pytest

from docs.plugins.components import RENDERERS
from docs.plugins.mdx import PLACES
from tests.pages.mdx import COMPONENTS, problems
from tests.pages.scanner import ROOT

PAGES = sorted((ROOT / "docs").rglob("*.md"))


@pytest.mark.parametrize("path", PAGES, ids=[path.stem for path in PAGES])
def test_page_is_valid_mdx(path: Path) -> None:
    """A page has no HTML comment, no bare brace, and every element is known and closed."""
    assert list(problems(path)) == []


def test_every_component_is_rendered() -> None:
    """The elements that pages may use are those that the site renders."""
    assert set(RENDERERS) | PLACES | {"Guarantee"} == COMPONENTS


@pytest.mark.parametrize(
    "text",
    [
        "<!-- a comment -->",
        "a {brace}",
        "a < b",
        "## Title { #anchor }",
        "<Note>\n\ntext",
        "text\n\n</Note>",
        "<Note>\n\n<Tip>\n\ntext\n\n</Note>\n\n</Tip>",
        "<Marquee>\n\ntext\n\n</Marquee>",
        "<https://example.com>",
    ],
)
def test_what_is_no_mdx_is_named(text: str, tmp_path: Path) -> None:
    """What MDX would not read is named with page and line."""
    page = tmp_path / "page.md"
    page.write_text(f"---\ntitle: x\n---\n\n{text}\n", "utf-8")
    found = list(problems(page))
    assert found
    assert all(each.startswith("page.md:") for each in found)


def test_code_may_hold_anything(tmp_path: Path) -> None:
    """Braces and tags in code, in comments and in attributes are fine."""
    page = tmp_path / "page.md"
    text = '`{x} <y>`\n\n```json\n{"a": "<b>"}\n```\n\n{/* {x} */}\n\n<Check>\n\n</Check>\n'
    page.write_text(text, "utf-8")
    assert list(problems(page)) == []
