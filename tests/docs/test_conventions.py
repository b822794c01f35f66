"""What people and machines expect of a site beside its pages."""

import re
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import msgspec
import pytest
from bs4 import BeautifulSoup, Tag
from mkdocs.config.defaults import MkDocsConfig

from docs.reports.measured import Measured
from executable_pages import conventions, evidence
from executable_pages.digests import of_implementation
from executable_pages.evidence import Claim, Evidence
from executable_pages.registry import MEASURED
from executable_pages.testing import proof
from executable_pages.testing.browser import Visit, build, chromium, settings
from executable_pages.testing.drawings import diagrams
from executable_pages.testing.scanner import ROOT, Page, pages
from tests.docs.test_troubleshooting import PINNED

DOCS = ROOT / "docs"
PAGES = pages(DOCS)
SITE = "https://example.org/docs/"
SOURCE = "https://example.org/source/docs"


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site as it is built for an address below another one's."""
    directory = tmp_path_factory.mktemp("deployed") / "docs"
    build(directory, SITE_URL=SITE, SOURCE_URL=SOURCE)
    return directory


def soup(path: Path) -> BeautifulSoup:
    """A page of the built site."""
    return BeautifulSoup(path.read_text("utf-8"), "html.parser")


def found(page: BeautifulSoup, selector: str) -> Tag:
    """The one element that a selector means."""
    [tag] = page.select(selector)
    return tag


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.path.stem)
def test_page_says_what_it_is(page: Page, deployed: Path) -> None:
    """A page has a canonical address, a description for searches and links, and its source."""
    path = page.path.relative_to(DOCS)
    place = path.parent if path.stem == "index" else path.with_suffix("")
    # All of it stands above the end of the title, and pages are long.
    text = (deployed / place / "index.html").read_text("utf-8").partition("</h1>")[0]
    shown = BeautifulSoup(text, "html.parser")
    address = SITE if path.stem == "index" else f"{SITE}{place.as_posix()}/"
    assert found(shown, "link[rel=canonical]")["href"] == address
    about = found(shown, "meta[name=description]")["content"]
    assert len(str(about)) > 30
    assert found(shown, "meta[property='og:description']")["content"] == about
    assert found(shown, "meta[property='og:url']")["content"] == address
    source = found(shown, "article a[title='The source of this page']")["href"]
    assert source == f"{SOURCE}/{path.as_posix()}"
    as_markdown = str(found(shown, "article a[data-page-copy]")["href"])
    target = (deployed / place / as_markdown).resolve()
    # What is measured stands in the place of its component, and all else as it is written.
    shown_there, written = target.read_text("utf-8"), (DOCS / path).read_text("utf-8")
    parts = re.split(r"<(?:ApiReference|" + "|".join(MEASURED) + r")\b[^>]*/>", written)
    assert re.fullmatch(".+".join(map(re.escape, parts)), shown_there, re.DOTALL)


def test_machines_find_every_page(deployed: Path) -> None:
    """The sitemap and the list for language models have each page, and robots.txt the sitemap."""
    places = [
        str(place.text)
        for place in ElementTree.parse(deployed / "sitemap.xml").iter()
        if place.tag.endswith("loc")
    ]
    assert len(places) == len(PAGES)
    assert all(place.startswith(SITE) for place in places)
    listed = re.findall(r"\]\((\S+)\): \S", (deployed / "llms.txt").read_text("utf-8"))
    assert sorted(listed) == sorted(SITE + page.path.relative_to(DOCS).as_posix() for page in PAGES)
    whole = (deployed / "llms-full.txt").read_text("utf-8")
    for page in PAGES:
        path = deployed / page.path.relative_to(DOCS)
        assert path.read_text("utf-8") in whole
    assert f"Sitemap: {SITE}sitemap.xml" in (deployed / "robots.txt").read_text("utf-8")


@pytest.mark.parametrize(
    ("page", "said"),
    [
        ("verification/field", "LangGraph, SqliteSaver"),
        ("verification/performance", "four writers on one session"),
        ("verification/durability", "| lost |"),
        ("verification/mutants", "Caught"),
        ("reference/store", "#### `add_message(session_id: str"),
        ("reference/contract", "`raised_at` the file and the line"),
    ],
)
def test_markdown_has_what_is_measured(page: str, said: str, deployed: Path) -> None:
    """What a component shows of a report or a docstring is in the page's Markdown too."""
    assert said.lower() in (deployed / f"{page}.md").read_text("utf-8").lower()


def test_docstrings_are_read_where_tests_cannot_run() -> None:
    """Who serves the site alone has no pytest, and gets the docstrings of the contract too."""
    program = """
import sys
from pathlib import Path
sys.modules["pytest"] = None
from docs.reports.measured import Measured
from docs.reports.plain import whole
from executable_pages import reader
path = Path("docs/reference/contract.md")
print(whole(reader.read(path, path.read_bytes()), path.read_text("utf-8"), Measured(Path())))
"""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert "### `SessionStoreContract" in done.stdout, done.stderr


def test_lost_reader_is_helped(deployed: Path) -> None:
    """Below a sub-path, a page that is not there has its style, and leads to every page that is."""
    lost = soup(deployed / "404.html")
    links = [str(link["href"]) for link in lost.select("article li a, link[rel=stylesheet]")]
    assert len(links) > len(PAGES)
    for link in links:
        path = deployed / link.removeprefix("/docs/")
        assert link.startswith("/docs/")
        assert path.exists(), link


def test_site_is_whole_from_the_disk(tmp_path: Path) -> None:
    """Opened from the disk, the site finds, draws its diagrams and asks nothing of any machine."""
    drawing = next(diagrams(DOCS))
    docs, built = tmp_path / "docs", tmp_path / "site"
    docs.mkdir()
    texts = {
        "index": "[Words](/glossary)",
        "drawn": f"```mermaid\n{drawing.text}```",
        "glossary": "A newcomer.",
    }
    for name, text in texts.items():
        (docs / f"{name}.md").write_text(f"---\ntitle: {name}\n---\n\n{text}\n", "utf-8")
    build(built, settings(docs), OFFLINE="true")
    with chromium() as browser:
        seen = Visit(browser)
        seen.page.goto((built / "index.html").as_uri())
        seen.page.locator(".md-search__input").click()
        seen.page.keyboard.type("newcomer", delay=20)
        hit = seen.page.locator(".md-search-result__item a").first
        assert str(hit.get_attribute("href")).startswith((built / "glossary.html").as_uri())
        seen.page.goto((built / "drawn.html").as_uri())
        assert seen.page.locator(".diagram > svg").first.is_visible()
        strangers = [url for url in seen.strangers if not url.startswith("file:")]
        assert (seen.complaints, strangers) == ([], [])
        seen.close()


CLAIM = Claim(
    kind="clause",
    page="docs/verification/conformance.md",
    line=1,
    digest="0" * 16,
    target="reference",
    verdict="passed",
    seconds=1.0,
    test="tests/x.py::test_y",
    details={"store": "Reference", "guarantee": "fresh-reads", "outcome": "passed", "clause": "c"},
)
WHOLE = Evidence(
    implementation=of_implementation(ROOT),
    release=PINNED,
    claims=[CLAIM],
    census={"snippet": {"blocks": 1}},
    day="2026-11-25",
)


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A clone in which no test has run yet."""
    shutil.copytree(ROOT / "reference_impl", tmp_path / "reference_impl")
    (tmp_path / "docs" / "verification").mkdir(parents=True)
    monkeypatch.delenv("EVIDENCE", raising=False)
    monkeypatch.setattr(proof, "ROOT", tmp_path)
    return tmp_path


def test_fresh_clone_shows_the_proof_that_came_with_it(clone: Path) -> None:
    """A proof that was kept is shown with its day, also when the code has changed since."""
    assert "1 claims, 2026-11-25" in proof.keep(WHOLE)
    assert evidence.latest(clone).claims == [CLAIM]
    (clone / "reference_impl" / "new.py").write_text("", "utf-8")
    measured = Measured(clone)
    assert "yes" in "\n".join(measured._matrix())
    assert "Measured on 25 November 2026, before the last change of the code." in measured._matrix()
    evidence.save(clone, msgspec.structs.replace(WHOLE, claims=[], day="2026-11-26"))
    assert evidence.latest(clone).is_committed
    evidence.save(clone, msgspec.structs.replace(WHOLE, day="2026-11-26"))
    assert evidence.latest(clone).day == "2026-11-26"


def test_footer_says_what_was_tested_and_when() -> None:
    """The footer has the licence, the versions of the release, and the day of the tests."""
    config = MkDocsConfig()
    conventions.footer(config, WHOLE)
    assert config.copyright == (
        f"MIT licence · tested with praisonaiagents {PINNED['praisonaiagents']} "
        f"and praisonai-bot {PINNED['praisonai-bot']} on 25 November 2026"
    )
    conventions.footer(config, Evidence())
    assert config.copyright == "MIT licence"


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"census": {}}, "not a whole one"),
        ({"implementation": "another"}, "the code has changed"),
        ({"claims": [msgspec.structs.replace(CLAIM, verdict="failed")]}, "did not pass"),
    ],
    ids=["part", "old", "failed"],
)
def test_only_a_whole_run_that_passed_is_kept(
    change: dict[str, object], complaint: str, clone: Path
) -> None:
    """A run of a part, of other code or with a failure is no proof to keep."""
    with pytest.raises(ValueError, match=complaint):
        proof.keep(msgspec.structs.replace(WHOLE, **change))
