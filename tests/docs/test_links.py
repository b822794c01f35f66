"""Every link leads somewhere, and every page is in the navigation."""

import pytest
from mkdocs.utils.yaml import yaml_load

from executable_pages.testing.links import problem
from executable_pages.testing.scanner import ROOT, Link, pages
from executable_pages.testing.suite import Prose
from tests.subject.project import SUBJECT

DOCS = ROOT / "docs"
PAGES = pages(DOCS)


class TestProse(Prose):
    """Links, promises and blocks of this project."""

    subject = SUBJECT


@pytest.mark.pages
def test_navigation_has_every_page() -> None:
    """The navigation names each page once, and nothing else."""
    settings = yaml_load((ROOT / "mkdocs.yml").read_text("utf-8"))

    def listed(nav: object) -> list[str]:
        if isinstance(nav, str):
            return [nav]
        inside = nav.values() if isinstance(nav, dict) else nav
        assert isinstance(inside, list) or hasattr(inside, "__iter__")
        return [path for each in inside for path in listed(each)]

    assert sorted(listed(settings["nav"])) == sorted(
        page.path.relative_to(DOCS).as_posix() for page in PAGES
    )


@pytest.mark.parametrize(
    "target",
    [
        "/assets/logo.svg",
        "assets/logo.svg#part",
        "/assets/site.png?v=1",
        "/features/retention/",
        "features/retention.md",
        "mailto:a@example.com",
        "tel:123",
        "//example.com/a",
        "https://example.com",
        "http://127.0.0.1:8000/",
    ],
)
def test_living_link_is_no_problem(target: str) -> None:
    """A link to a page, to a file beside the pages, or to another machine is no problem."""
    assert problem(target, DOCS / "index.md", DOCS) is None


@pytest.mark.parametrize(
    "target",
    [
        "/assets/nothing.svg",
        "/features/nothing",
        "/features/session-protocol#nothing",
        "#nothing",
        "http://x.y",
    ],
)
def test_dead_link_is_found(target: str) -> None:
    """A link to a page or heading that does not exist, or without encryption, is a problem."""
    link = Link(DOCS / "index.md", 1, target)
    assert problem(link.target, link.page, DOCS)
