"""Every link leads somewhere, and every page is in the navigation."""

from pathlib import Path

import pytest
from mkdocs.utils.yaml import yaml_load

from tests.pages.scanner import ROOT, Link, Page, name, pages, scan

DOCS = ROOT / "docs"
PAGES = pages(DOCS)
LINKS = [
    link
    for page in [*PAGES, scan(ROOT / "README.md"), scan(ROOT / "CONTRIBUTING.md")]
    for link in page.links
]


def problem(target: str, source: Path, told: Page | None = None) -> str | None:
    """What is wrong with a link; None for nothing. No network is asked.

    `told` stands for the page in its file.
    """
    if target.startswith(("http://", "https://")):
        local = target.startswith("http://127.0.0.1")
        return None if local or target.startswith("https://") else "an external link is https"
    path, _, anchor = target.partition("#")
    if path.startswith("/"):
        file = DOCS / (path.strip("/") + ".md" if path.strip("/") else "index.md")
    else:
        file = source if not path else source.parent / path
    if not file.exists():
        return f"there is no {name(file)}"
    if not anchor:
        return None
    page = told if told is not None and told.path == file else scan(file)
    if anchor not in page.anchors:
        return f"{name(file)} has no heading #{anchor}"
    return None


def test_links_resolve() -> None:
    """Each link, image and card leads to a page and, where it names one, to a heading."""
    found = [(link, problem(link.target, link.page)) for link in LINKS]
    wrong = [f"{link.where}: {link.target}: {why}" for link, why in found if why]
    assert not wrong, "\n".join(wrong)


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
    "target", ["/features/nothing", "/features/session-protocol#nothing", "#nothing", "http://x.y"]
)
def test_dead_link_is_found(target: str) -> None:
    """A link to a page or heading that does not exist, or without encryption, is a problem."""
    link = Link(DOCS / "index.md", 1, target)
    assert problem(link.target, link.page)
