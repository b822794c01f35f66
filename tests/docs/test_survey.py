"""A survey says what is wrong with pages that were not written for it, and where."""

import json
from collections import Counter
from pathlib import Path

import pytest

from executable_pages.testing.survey import page, report
from executable_pages.testing.survey.__main__ import main
from executable_pages.testing.survey.tree import survey
from executable_pages.tree import Document

SHOP = Path(__file__).with_name("cases") / "survey"
# A line of its own for each fault on the pages of a small shop.
FOUND = {
    report.MDX_REFUSED: {"guides/bare.mdx:1:3": "a bare {"},
    report.REFUSED: {"guides/shelves.mdx:3:1": "unknown component <Shelve>"},
    report.DIAGRAM_REFUSED: {"guides/books.md:33": "Expecting 'SQE'"},
    report.DIAGRAM_JOINED: {"guides/books.md:23": "A->>B: take() B-->>A: a book"},
    report.DIAGRAM_CUT: {"guides/books.md:28": "'#1' is not drawn"},
    report.JSON_BROKEN: {
        "guides/books.md:6": "the key 'title' is written twice",
        "guides/books.md:12:1": "property name",
    },
    report.PYTHON_BROKEN: {"index.mdx:27": "expected ':'"},
    report.UNDEFINED: {
        "index.mdx:18:15": "`count`",
        "index.mdx:23:7": "`price`",
        "index.mdx:23:22": "`tax`",
    },
    report.UNDEFINED_ABOVE: {"index.mdx:18:15": "`count`", "index.mdx:23:22": "`tax`"},
    report.LINK: {
        "index.mdx:13:9": "/guides/lamps: there is no such page",
        "index.mdx:13:58": "guides/books.md has no heading #covers",
    },
}


def test_survey_counts_each_fault_of_a_foreign_tree(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each cause has its count in the table, and each place stands in the file."""
    path = tmp_path / "survey.json"
    assert main([str(SHOP), "--shown", "--json", str(path)]) == 0
    told = json.loads(path.read_text("utf-8"))
    found: dict[str, dict[str, str]] = {}
    for each in told["findings"]:
        found.setdefault(each["cause"], {})[each["where"]] = each["what"]
    assert {cause: set(places) for cause, places in found.items()} == {
        cause: set(places) for cause, places in FOUND.items()
    }
    for cause, places in FOUND.items():
        for where, words in places.items():
            assert words in found[cause][where]
    table = " ".join(capsys.readouterr().out.split())
    # Two names in one block are one block that uses what it never defines.
    counts = {cause: len(places) for cause, places in FOUND.items()}
    counts |= {report.UNDEFINED: 2, report.SHOWN_OTHERWISE: 0}
    counts |= {report.NOTEBOOK: 0}
    assert told["counts"] == counts
    counts |= {report.NOTEBOOK: 0}
    for cause in set(counts):
        assert f"{cause} {counts[cause]} " in table
    for row in (
        "pages 5",
        "accepted 3",
        "blocks 11",
        "python 3",
        "sequence 2",
        "compared 3",
    ):
        assert row in table


def test_survey_reads_what_readers_are_shown() -> None:
    """Hidden directories are left out, and blocks count by their language."""
    found = survey(SHOP, processes=2)
    assert found.pages == 5
    assert found.blocks == Counter({"mermaid": 4, "python": 3, "json": 2, "": 1, "bash": 1})
    assert found.refusals() == Counter({"unknown component …": 1})


def test_survey_goes_on_past_what_cannot_be_read(tmp_path: Path) -> None:
    """Bytes that are no text, settings that are no JSON and links that are no address are named."""
    tmp_path.joinpath("bytes.md").write_bytes(b"# A\n\n\xff\n")
    tmp_path.joinpath("fine.md").write_text("[x](http://[y)\n\n[z](bytes)\n", "utf-8")
    tmp_path.joinpath("docs.json").write_text('{\n"redirects": nothing}', "utf-8")
    found = {(each.cause, each.page, each.line) for each in survey(tmp_path).findings}
    assert found == {
        (report.REFUSED, "bytes.md", 3),
        (report.JSON_BROKEN, "docs.json", 2),
        (report.LINK, "fine.md", 1),
    }


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("await f()", 1, "write `async def main():`"),
        ("import os\n\nasync with os.x() as y:\n    pass", 3, "write `async def main():`"),
        ("%pip install -q tomli\nprint(1)", 1, "write `pip install -q tomli` in a block of `bash`"),
        ("if 1:\n    !ls -l\n", 2, "write `ls -l` in a block of `bash`"),
        (">>> 1 + 1\n2\n>>> for a in ():\n...     a\n", 1, "write the code alone"),
        ("%%time\nx = 1", 1, "%% is a notebook's"),
    ],
)
def test_notebook_is_no_broken_python(tmp_path: Path, text: str, line: int, what: str) -> None:
    """What only a notebook or a prompt runs is counted apart, and says what to write."""
    tmp_path.joinpath("page.md").write_text(f"```python\n{text}\n```\n", "utf-8")
    found = [each for each in survey(tmp_path).findings if each.cause != report.UNDEFINED]
    [finding] = [each for each in found if each.cause != report.UNDEFINED_ABOVE]
    assert (finding.cause, finding.line) == (report.NOTEBOOK, line + 1)
    assert what in finding.what


@pytest.mark.parametrize("text", ["print(", "await", "%pip install x\nif:", "x = %y"])
def test_broken_python_is_no_notebook(tmp_path: Path, text: str) -> None:
    """What no notebook runs either is Python that does not compile."""
    tmp_path.joinpath("page.md").write_text(f"```python\n{text}\n```\n", "utf-8")
    assert [each.cause for each in survey(tmp_path).findings] == [report.PYTHON_BROKEN]


def test_survey_reads_blocks_and_links_of_refused_pages(tmp_path: Path) -> None:
    """A page that is refused has its blocks, links and names surveyed all the same."""
    tmp_path.joinpath("mine.mdx").write_text(
        "<Shelf>\n\n```python\nprint(a)\n```\n\n[b](/c)\n\n</Shelf>\n", "utf-8"
    )
    tmp_path.joinpath("theirs.mdx").write_text("# {#d}\n\n```json\n{\n```\n", "utf-8")
    found = {(each.cause, each.page) for each in survey(tmp_path).findings}
    assert found == {
        (report.REFUSED, "mine.mdx"),
        (report.UNDEFINED, "mine.mdx"),
        (report.UNDEFINED_ABOVE, "mine.mdx"),
        (report.LINK, "mine.mdx"),
        (report.MDX_REFUSED, "theirs.mdx"),
        (report.JSON_BROKEN, "theirs.mdx"),
    }


def test_page_that_cannot_be_shown_is_one_finding(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What ends in an error while one page is shown is a finding, and the others are shown."""
    for name in ("a", "b"):
        tmp_path.joinpath(f"{name}.md").write_text(f"# {name}\n", "utf-8")
    whole = page.render

    def broken(document: Document, path: str) -> str:
        if path == "a.md":
            raise AssertionError("no code in it")
        return whole(document, path)

    monkeypatch.setattr(page, "render", broken)
    [finding] = survey(tmp_path, processes=1, is_shown=True).findings
    assert (finding.cause, finding.page) == (report.SHOWN_OTHERWISE, "a.md")
    assert "AssertionError: no code in it" in finding.what


def test_survey_of_nothing_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A directory without a page is an error that names it."""
    assert main([str(tmp_path)]) == 2
    assert f"no .md or .mdx page below {tmp_path}" in capsys.readouterr().err
