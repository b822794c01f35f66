"""The site in a real browser: what a reader sees, on every page."""

import os
import re
import sys
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.support.browser import Visit, build, chromium, served
from tests.support.scanner import ROOT, Page, pages
from tests.support.servers.process import free_ports, running

PAGES = pages(ROOT / "docs")
TAG = re.compile(r"</?[A-Z][A-Za-z]+\b[^>]*>|\{/\*|\*/\}|^!!!|^\?\?\?", re.MULTILINE)
STYLE = """element => {
    const { clipPath, display, visibility, opacity } = getComputedStyle(element);
    return [clipPath, display, visibility, opacity];
}"""
Open = Callable[..., Visit]

# One worker builds the site and starts the browser, once.
pytestmark = pytest.mark.xdist_group("site")


def address(page: Page) -> str:
    """The path of a page on the site."""
    path = page.path.relative_to(ROOT / "docs").with_suffix("").as_posix()
    return "/" if path == "index" else f"/{path}/"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A running browser."""
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the built site."""
    directory = tmp_path_factory.mktemp("site")
    printed = build(directory)
    assert "WARNING" not in printed, printed
    with served(directory) as url:
        yield url


@pytest.fixture
def visit(browser: Browser, site: str) -> Iterator[Open]:
    """Opens pages of the site."""
    opened: list[Visit] = []

    def open_page(path: str, *, width: int = 1280, dark: bool = False) -> Visit:
        opened.append(Visit(browser, site + path, width=width, dark=dark))
        return opened[-1]

    yield open_page
    for each in opened:
        each.close()


@pytest.mark.parametrize("page", PAGES, ids=[address(page) for page in PAGES])
def test_page_renders(page: Page, visit: Open) -> None:
    """A page shows its title, leaves no component as text, and complains about nothing."""
    seen = visit(address(page))
    prose = seen.page.evaluate(
        """() => {
            const copy = document.querySelector("article").cloneNode(true);
            copy.querySelectorAll("code, pre").forEach((code) => code.remove());
            return copy.innerText;
        }"""
    )
    assert seen.page.locator("article h1").count() == 1
    assert TAG.findall(prose) == []
    assert seen.complaints == []
    assert seen.strangers == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize(
    "page",
    [page for page in PAGES if any(block.language == "mermaid" for block in page.blocks)],
    ids=address,
)
def test_diagrams_are_drawn(page: Page, dark: bool, visit: Open) -> None:
    """Mermaid draws every diagram of a page, from the site's own script."""
    seen = visit(address(page), dark=dark)
    count = sum(block.language == "mermaid" for block in page.blocks)
    drawn = """() => [...document.querySelectorAll(".mermaid")].filter(
        (place) => place.shadowRoot?.querySelector("svg")).length"""
    seen.page.wait_for_function(f"({drawn})() === {count}", timeout=15_000)
    failed = """() => [...document.querySelectorAll(".mermaid")].filter((place) =>
        place.shadowRoot.querySelector("svg[aria-roledescription=error]")).length"""
    assert seen.page.evaluate(failed) == 0
    assert seen.complaints == []
    assert seen.strangers == []


def test_arrowheads_are_visible_in_the_dark(visit: Open) -> None:
    """An arrowhead has the color of its line, in dark mode too."""
    seen = visit("/features/session-persistence/", dark=True)
    seen.page.wait_for_function(
        "() => document.querySelector('.mermaid')?.shadowRoot?.querySelector('svg')"
    )
    colors = seen.page.evaluate(
        """() => {
            const svg = document.querySelector(".mermaid").shadowRoot.querySelector("svg");
            const head = svg.querySelector('defs [id$="arrowhead"] path');
            const line = svg.querySelector("line[class^=messageLine]");
            return [getComputedStyle(head).fill, getComputedStyle(line).stroke];
        }"""
    )
    assert colors[0] == colors[1]


def test_search_finds_a_term(visit: Open) -> None:
    """The search finds a word of the pages."""
    seen = visit("/")
    seen.page.locator(".md-search__input").click()
    seen.page.keyboard.type("FileLock", delay=20)
    seen.page.wait_for_selector(".md-search-result__item", timeout=10_000)
    assert seen.strangers == []


def test_copy_button_copies_the_block_alone(visit: Open) -> None:
    """The copy button takes the block's text, without the mark under it."""
    page = next(page for page in PAGES if page.path.stem == "session-protocol")
    seen = visit(address(page))
    block = seen.page.locator("div.highlight").first
    block.hover()
    block.locator("button.md-clipboard, button[data-md-type=copy], .md-code__button").first.click()
    copied = seen.page.evaluate("navigator.clipboard.readText()")
    assert copied.strip() == page.blocks[0].text.strip()


def test_dark_mode_can_be_chosen(visit: Open) -> None:
    """The switch in the header changes the scheme."""
    seen = visit("/")
    assert seen.page.evaluate("document.body.dataset.mdColorScheme") == "default"
    seen.page.locator("label[title='Switch to dark mode']").click()
    assert seen.page.evaluate("document.body.dataset.mdColorScheme") == "slate"


@pytest.mark.parametrize("page", PAGES, ids=[address(page) for page in PAGES])
def test_narrow_screen_needs_no_sideways_scroll(page: Page, visit: Open) -> None:
    """On a phone the page is as wide as the screen; wide blocks scroll on their own."""
    seen = visit(address(page), width=390)
    assert seen.page.evaluate("document.documentElement.scrollWidth") <= 390


def test_mark_is_reached_by_keyboard(visit: Open) -> None:
    """A mark shows its details on keyboard focus, and a screen reader can read them."""
    seen = visit("/features/session-protocol/")
    mark = seen.page.locator(".mark").first
    button, details = mark.locator("button"), mark.locator("[role=tooltip]")
    assert button.get_attribute("aria-describedby") == details.get_attribute("id")
    before = details.evaluate(STYLE)
    button.focus()
    assert details.evaluate(STYLE) != before
    assert button.inner_text().strip()


def test_nothing_asks_to_edit_the_page(visit: Open) -> None:
    """There is no edit link, and no repository that the page would ask about."""
    seen = visit("/features/session-persistence/")
    assert seen.page.locator("a[title*='dit this page'], .md-source").count() == 0


def test_serve_answers(tmp_path: Path) -> None:
    """`make serve` runs a server that answers with the first page of the features."""
    [port] = free_ports(1)
    url = f"http://127.0.0.1:{port}/features/session-persistence/"
    command = [sys.executable, "-m", "mkdocs", "serve", "-q", "-a", f"127.0.0.1:{port}"]

    def answers() -> bool:
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                return answer.status == 200
        except OSError:
            return False

    before = os.getcwd()
    os.chdir(ROOT)
    try:
        with running(command, answers, environment={"NO_MKDOCS_2_WARNING": "1"}):
            pass
    finally:
        os.chdir(before)
