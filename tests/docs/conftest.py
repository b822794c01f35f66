"""What several tests of the pages share."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

# Imported where it is used: it takes longer than most tests of pages, which need no browser.
if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from executable_pages.testing.browser import Opener


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built strictly and without a warning."""
    from executable_pages.testing.browser import build

    directory = tmp_path_factory.mktemp("site")
    printed = build(directory)
    assert "WARNING" not in printed, printed
    return directory


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    """A running browser."""
    from executable_pages.testing.browser import chromium

    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def site(built: Path) -> Iterator[str]:
    """The address of the built site."""
    from executable_pages.testing.browser import served

    with served(built) as url:
        yield url


@pytest.fixture
def visit(browser: "Browser", site: str) -> Iterator["Opener"]:
    """Opens pages of the site."""
    from executable_pages.testing.browser import Visit

    opened: list[Visit] = []

    def open_page(path: str, *, dark: bool = False) -> Visit:
        opened.append(Visit(browser, dark=dark))
        return opened[-1].open(site + path)

    yield open_page
    for each in opened:
        each.close()
