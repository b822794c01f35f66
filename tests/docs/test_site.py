"""The site in a real browser: what a reader sees, on every page."""

import json
import os
import re
import shutil
import sys
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from executable_pages.testing.barriers import WIDTH, barriers
from executable_pages.testing.browser import DESKTOP, PHONE, Opener, Visit, address, served
from executable_pages.testing.looks import picture, said
from executable_pages.testing.scanner import ROOT, Page, pages
from tests.subject.servers.process import free_ports, running

PAGES = pages(ROOT / "docs")
TAG = re.compile(r"</?[A-Z][A-Za-z]+\b[^>]*>|\{/\*|\*/\}|^!!!|^\?\?\?", re.MULTILINE)
SCHEMES = {"default": "light", "slate": "dark"}
# How much of the screen may move by itself, as a share of it.
STILL = 0.02
PICTURED = {
    "/": "home",
    "/verification/conformance/": "matrix",
    "/verification/performance/": "performance",
}
# What stands around every page alike took half the time: it is looked at on two of them, the first
# page and one with a navigation.
AROUND = (".md-header", ".md-tabs", ".md-sidebar--primary", ".md-footer")
WHOLE = ("/", "/features/session-persistence/")
# Texts and lines of drawings that can hardly be told from the page; axe-core looks at no drawing.
FAINT = """() => {
    const channel = (value) => (value /= 255) <= 0.04045 ? value / 12.92
        : ((value + 0.055) / 1.055) ** 2.4;
    const luminance = (color) => {
        const [r, g, b] = color.match(/[\\d.]+/g).map(Number).map(channel);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const ground = luminance(getComputedStyle(document.body).backgroundColor);
    const contrast = (color) => {
        const [low, high] = [luminance(color), ground].sort((a, b) => a - b);
        return (high + 0.05) / (low + 0.05);
    };
    const least = { text: [4.5, "fill"], path: [3, "fill"], line: [3, "stroke"] };
    return [...document.querySelectorAll(".diagram > svg :is(text, path, line):not(.actor-line)")]
        .filter((one) => contrast(getComputedStyle(one)[least[one.localName][1]])
            < least[one.localName][0])
        .map((one) => one.textContent || one.outerHTML);
}"""

# Words in pictures that are smaller than anybody reads, in pixels of the screen.
SMALL = """(least) => [...document.querySelectorAll("article svg text")]
    .filter((one) => one.checkVisibility() && ((one) => {
        const { a, b } = one.getScreenCTM();
        const size = parseFloat(getComputedStyle(one).fontSize) * Math.hypot(a, b);
        return one.textContent.trim() && size < least;
    })(one))
    .map((one) => one.textContent)"""
LEGIBLE = 9
# A diagram is seen whole at every width: as its drawing, or on a phone as the list of its steps.
CUT = """() => [...document.querySelectorAll(".diagram")]
    .filter((one) => one.scrollWidth > one.clientWidth + 1
        || [...one.children].filter((part) => part.checkVisibility()).length !== 1)
    .map((one) => one.textContent)"""


@pytest.fixture(scope="module")
def site(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The built site where nobody searches: each page that is opened would index all of them."""
    directory = tmp_path_factory.mktemp("unsearched") / "site"
    shutil.copytree(built, directory, copy_function=os.link)
    index = directory / "search" / "search_index.json"
    searched = json.loads(index.read_text("utf-8"))
    index.unlink()
    index.write_text(json.dumps(searched | {"docs": searched["docs"][:1]}), "utf-8")
    with served(directory) as url:
        yield url


@pytest.fixture(scope="module")
def tab(browser: Browser) -> Iterator[Visit]:
    """A tab for all pages: a new one would load what they share anew."""
    tab = Visit(browser)
    yield tab
    tab.close()


@pytest.fixture(scope="module", params=PAGES, ids=lambda page: address(page.path))
def opened(request: pytest.FixtureRequest, tab: Visit, site: str) -> tuple[Page, Visit]:
    """Each page in turn, light and as wide as a desktop; the tests about it share the visit."""
    tab.page.set_viewport_size(DESKTOP)
    tab.page.emulate_media(color_scheme="light")
    return request.param, tab.open(site + address(request.param.path))


def test_page_renders(opened: tuple[Page, Visit]) -> None:
    """A page shows its title, leaves no component as text, and complains about nothing."""
    _, seen = opened
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


def test_diagrams_are_drawn(opened: tuple[Page, Visit]) -> None:
    """Every diagram of a page is a drawing with a title, and none needs the script of 3.5 MB."""
    page, seen = opened
    count = sum(block.language == "mermaid" for block in page.blocks)
    drawn = seen.page.locator(".diagram > svg[role=img]")
    titles = drawn.evaluate_all("all => all.map((one) => one.ariaLabel)")
    assert len(titles) == count
    assert all(str(title).startswith("Diagram: ") for title in titles)
    assert seen.page.locator(".mermaid, script[src*=mermaid]").count() == 0


def test_page_has_no_barrier(
    opened: tuple[Page, Visit], site: str, request: pytest.FixtureRequest
) -> None:
    """In both schemes and widths: nothing serious for axe-core, nothing faint, small or moving.

    Wide blocks, tables and diagrams scroll on their own, the page never sideways.
    """
    page, seen = opened
    place, faults = address(page.path), list[str]()
    for size, dark in ((DESKTOP, False), (PHONE, True)):
        width = "phone" if size is PHONE else "wide"
        if dark:
            seen.page.set_viewport_size(size)
            seen.page.emulate_media(color_scheme="dark")
            seen.open(site + place)
        # Each width is loaded in one scheme, and the other one moves nothing.
        schemes = list(SCHEMES)[:: -1 if dark else 1]
        shifts, widths = {}, {}
        for scheme in schemes:
            seen.page.evaluate(f"document.body.dataset.mdColorScheme = '{scheme}'")
            shifts[scheme] = seen.shifted()
            widths[scheme] = seen.page.evaluate("document.documentElement.scrollWidth")
            if name := PICTURED.get(place):
                picture(seen, f"{name}-{SCHEMES[scheme]}-{width}", whole=name == "matrix")
        for scheme in schemes:
            seen.page.evaluate(f"document.body.dataset.mdColorScheme = '{scheme}'")
            is_whole = place in WHOLE
            all_rules = None if is_whole or size is DESKTOP else WIDTH
            rules = all_rules if scheme == "default" else ()
            found = barriers(seen.page, rules=rules, skipped=() if is_whole else AROUND)
            found += [f"faint in a diagram: {what}" for what in seen.page.evaluate(FAINT)]
            found += [f"too small: {what}" for what in seen.page.evaluate(SMALL, LEGIBLE)]
            found += [f"a diagram is cut: {what}" for what in seen.page.evaluate(CUT)]
            if shifts[scheme] > STILL:
                found.append(f"{shifts[scheme]:.3f} of the screen has moved")
            if widths[scheme] > size["width"]:
                found.append("the page scrolls sideways")
            said(request.node, "look", place, scheme, width, shifts[scheme], len(found))
            faults += [f"{scheme}, {width}: {what}" for what in found]
    assert faults == []
    assert seen.complaints == []
    assert seen.strangers == []


def test_each_barrier_is_found_where_it_stands(tab: Visit, site: str) -> None:
    """The colors alone show what is faint, the rules of a width what scrolls, and all rules all."""
    seen = tab.open(site + "/features/session-persistence/")
    seen.page.evaluate(
        """document.querySelector("article").innerHTML += `<p id=faint style="color: #bbb">One.</p>
            <div style="opacity: 0.3"><p id=faded>Other.</p></div><img id=mute src="data:,">
            <div id=wide style="width: 9em; overflow: auto">
                <p style="width: 90em">Words that stand in a line and are too many.</p></div>`"""
    )
    faint = ["color-contrast at #faint", "color-contrast at #faded"]
    wide, mute = "scrollable-region-focusable at #wide", "image-alt at #mute"
    asked: list[tuple[Sequence[str] | None, list[str]]] = [((), []), (WIDTH, [wide])]
    for rules, places in [*asked, (None, [mute, wide])]:
        found = barriers(seen.page, rules=rules)
        assert [what.partition(":")[0] for what in found] == [*faint, *places]


def test_reports_are_shown(visit: Opener) -> None:
    """What the last whole runs of lies and of benchmarks found stands on the site."""
    place = ROOT / "docs" / "verification"
    lies, bench = (
        json.loads((place / f"{name}.json").read_text("utf-8"))
        for name in ("mutants", "performance")
    )
    seen = visit("/verification/mutants/").page.locator("article").inner_text()
    assert [each["kind"] for each in lies["told"] if each["kind"] not in seen] == []
    reasons = {each["reason"].replace("`", "") for each in lies["survivors"]}
    assert [reason for reason in reasons if reason not in seen] == []
    assert lies.get("note", "") in seen
    seen = visit("/verification/performance/").page.locator("article").inner_text()
    assert [goal["what"] for goal in bench["goals"] if goal["what"] not in seen] == []
    assert bench["date"] in seen
    caught = sum(each["caught"] for each in lies["told"])
    assert f"{caught:,}" in visit("/").page.locator("article").inner_text()


def test_nothing_asks_to_edit_the_page(visit: Opener) -> None:
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

    # A server that is ended leaves its site in the directory for temporary files.
    temporary = dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(tmp_path))
    before = os.getcwd()
    os.chdir(ROOT)
    try:
        with running(command, answers, environment={"NO_MKDOCS_2_WARNING": "1"} | temporary):
            pass
    finally:
        os.chdir(before)
