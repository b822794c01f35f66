"""The page on upstream's pages shows its report, and each error in it has its cure."""

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from docs.reports import upstream
from docs.reports.reports import place
from executable_pages.testing.scanner import ROOT
from tests.upstream.pages import is_chosen
from tests.upstream.sorting import brief, kind_of

REPORT = place(ROOT, "upstream")
WAYS = ("alone", "in_order")


@pytest.fixture(scope="module")
def found() -> dict[str, Any]:
    """The report as the site shows it."""
    told: dict[str, Any] = json.loads(REPORT.read_text("utf-8"))
    return told


def test_counts_are_those_of_the_report(found: dict[str, Any]) -> None:
    """Every number that is shown is counted from the places of the report."""
    shown = "\n".join(upstream.lines(ROOT))
    blocks = sum(found["blocks"].values())
    said = shown.partition("| What stops")[0]
    pages = f"Of {found['chosen']} such pages {len(found['blocks'])} have Python, {blocks} blocks."
    assert pages in said
    assert re.findall(r"\*\*(\d+)\*\*", said) == [str(blocks - len(found[way])) for way in WAYS]
    table = shown.partition("| What stops")[2].partition("###")[0]
    counts = [Counter(row["kind"] for row in found[way]) for way in WAYS]
    rows = re.findall(r"^\| (.+) \| (\d+) \| (\d+) \|$", table, re.MULTILINE)
    told = {what: (int(alone), int(order)) for what, alone, order in rows}
    kinds = [kind for kind in upstream.KINDS if counts[0][kind] or counts[1][kind]]
    assert told == {upstream.KINDS[kind]: (counts[0][kind], counts[1][kind]) for kind in kinds}
    assert sum(alone for alone, _ in told.values()) == len(found["alone"])


def test_every_place_is_shown_at_its_page_and_line(found: dict[str, Any]) -> None:
    """Each block that does not end well stands below its page, with its line and its error."""
    pages = "\n".join(upstream.lines(ROOT)).partition("### Page by page")[2].split("<Accordion")[1:]
    assert len(pages) == len(found["blocks"])
    for (page, blocks), shown in zip(found["blocks"].items(), pages, strict=True):
        rows = [row for row in found["alone"] if row["page"] == page]
        title = f"{page.removeprefix('docs/')}: {blocks - len(rows)} of {blocks} end well"
        assert shown.startswith(f' title="{title}">')
        lines = [int(each) for each in re.findall(r"^- line (\d+): ", shown, re.MULTILINE)]
        assert lines == [row["line"] for row in rows]
        assert all(row["said"] in shown for row in rows)


def test_report_holds_facts_alone(found: dict[str, Any]) -> None:
    """The report has its day, commit and a place for each error, and no path of this machine."""
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", found["date"])
    assert re.fullmatch(r"[0-9a-f]{40}", found["commit"])
    text = REPORT.read_text("utf-8")
    assert "/tmp" not in text
    assert str(Path.home()) not in text
    for way in WAYS:
        for row in found[way]:
            assert is_chosen(row["page"])
            assert set(row) == {"page", "line", "kind", "said"}
            assert row["kind"] in upstream.KINDS
            assert row["kind"] == kind_of(row["said"])
            assert len(row["said"]) <= 160


def test_each_absent_name_has_its_cure(found: dict[str, Any]) -> None:
    """Each error about a name that the release does not have stands in Troubleshooting's table."""
    section = (ROOT / "docs" / "troubleshooting.md").read_text("utf-8").partition("mistaken */}")[2]
    cured = re.findall(r"\| `(\w+: [^`]+)` \|", section)
    said = {row["said"] for way in WAYS for row in found[way] if row["kind"] == "absent"}
    keys = re.compile(r"Unknown keys for memory: \[(.*)\]")
    for each in said:
        # The release names all unknown keys at once, in no order.
        names = match[1].split(", ") if (match := keys.search(each)) else []
        wanted = [f"TypeError: Unknown keys for memory: [{name}]" for name in names] or [each]
        assert any(row.startswith(one) or one.startswith(row) for one in wanted for row in cured)


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("NameError: name 'store' is not defined", "name"),
        ("ModuleNotFoundError: No module named 'praisonai'", "package"),
        ("ImportError: Database backend 'DB' requires the praisonai package", "package"),
        ("ImportError: cannot import name 'A' from 'praisonaiagents'", "absent"),
        ("TypeError: Session.__init__() got an unexpected keyword argument 'db'", "absent"),
        ("TypeError: Agent.__init__() got unexpected keyword argument(s): db", "absent"),
        ("AttributeError: type object 'Session' has no attribute 'list_all'", "absent"),
        ("ConnectionError: Failed to connect to remote agent", "network"),
        ("KeyError: 'DATABASE_URL'", "other"),
        ("", "time"),
    ],
)
def test_errors_are_sorted_by_their_words(said: str, kind: str) -> None:
    """What is missing is told from what is not there, by what Python and the packages say."""
    assert kind_of(said) == kind


def test_an_error_is_kept_without_this_machine() -> None:
    """A path of this machine and lists of valid values are left out of an error."""
    said = "ImportError: cannot import name 'A' from 'b' (/tmp/c/b/__init__.py)"
    assert brief(said) == "ImportError: cannot import name 'A' from 'b'"
    assert brief("TypeError: Unknown keys for memory: ['a']. Valid keys: b, c") == (
        "TypeError: Unknown keys for memory: ['a']"
    )


def test_pages_are_chosen_by_their_path() -> None:
    """A page is chosen by its path, and not one of another language or of the reference."""
    assert is_chosen("docs/features/session-store.mdx")
    assert is_chosen("docs/persistence/overview.mdx")
    assert not is_chosen("docs/js/sessions.mdx")
    assert not is_chosen("docs/sdk/praisonaiagents/session.mdx")
    assert not is_chosen("docs/features/agents.mdx")
    assert not is_chosen("docs/cli/session-resume.gif")
