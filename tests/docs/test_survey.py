"""A survey says what is wrong with pages that were not written for it, and where."""

import json
from collections import Counter
from pathlib import Path

import pytest

from tests.pages.survey import report
from tests.pages.survey.__main__ import main
from tests.pages.survey.tree import survey

SHOP = Path(__file__).with_name("cases") / "survey"
# A line of its own for each fault on the pages of a small shop.
FOUND = {
    report.REFUSED: {
        "guides/bare.mdx:1:3": "a bare {",
        "guides/shelves.mdx:3:1": "unknown component <Shelve>",
    },
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
    assert told["counts"] == counts
    for cause in set(counts) - {report.REFUSED}:
        assert f"{cause} {counts[cause]} " in table
    for row in (
        "pages 5",
        "accepted 3",
        "refused 2",
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
    assert found.refusals() == Counter({"a bare {": 1, "unknown component …": 1})


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


def test_survey_of_nothing_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A directory without a page is an error that names it."""
    assert main([str(tmp_path)]) == 2
    assert f"no .md or .mdx page below {tmp_path}" in capsys.readouterr().err
