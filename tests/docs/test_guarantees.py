"""Every promise on a page is proven, by clauses of the contract or by tests of its own."""

from pathlib import Path

import pytest

from docs.reports.matrix import promises, table
from executable_pages import reader
from executable_pages.testing.proofs import proofs
from executable_pages.testing.scanner import ROOT, PageError, pages, scan
from reference_impl.contract import GUARANTEES
from tests.subject.project import clauses, proven

DOCS = ROOT / "docs"
PAGE = DOCS / "verification" / "guarantees.md"
PROMISES = [promise for page in pages(DOCS) for promise in page.guarantees]
HEAD = """---
title: "Guarantees"
description: "Every promise of these pages, where it stands, and what proves it."
---

Each promise stands on one page. What a store promises is proven by clauses of the contract. `make
test` runs them on the reference, on the release and on every recipe; the
[conformance matrix](/verification/conformance) has the outcome. To run them on a store of your own,
see [session store protocol](/features/session-protocol#prove-it). What else is promised is proven
by the tests that stand under it.
"""


def expected() -> str:
    """The text of the guarantees page."""
    places = {promise.id: promise for promise in PROMISES}
    parts = [HEAD]
    for identity, found in proven().items():
        promise = places[identity]
        path = "/" + promise.page.relative_to(DOCS).with_suffix("").as_posix()
        title = reader.read(promise.page).meta["title"]
        parts.append(
            f"\n## {identity}\n\n{promise.text}\n\nPromised in [{title}]({path}#{identity}).\n\n"
        )
        parts += [f"- `{name}`: {sentence}\n" for name, sentence in sorted(found)]
    return "".join(parts)


@pytest.mark.pages
def test_pages_and_contract_promise_the_same() -> None:
    """The pages promise what the contract and the tests prove, and nothing else."""
    assert set(GUARANTEES) == set(clauses())
    assert {promise.id for promise in PROMISES} == set(proven())


@pytest.mark.pages
def test_pages_and_contract_say_the_same() -> None:
    """What a page promises of stores, and what the contract says that it proves, is one text."""
    assert {each.id: each.text for each in PROMISES if each.id in GUARANTEES} == GUARANTEES


@pytest.mark.pages
def test_guarantees_page_lists_every_promise(request: pytest.FixtureRequest) -> None:
    """The page of guarantees has each promise, its place and its clauses, word for word."""
    if request.config.getoption("--update-examples"):
        PAGE.write_text(expected(), "utf-8")
    assert PAGE.read_text("utf-8") == expected()


def test_a_test_that_proves_is_found_by_its_mark(tmp_path: Path) -> None:
    """A marked test is listed by its promise, with its name and its first sentence."""
    tests = tmp_path / "tests"
    tests.mkdir()
    (tests / "test_it.py").write_text(
        'import pytest\n\n@pytest.mark.proves("kept")\n@pytest.mark.skipif(False, reason="")\n'
        'def test_kept():\n    """It is\n    kept."""\n\ndef test_other():\n    """No."""\n',
        "utf-8",
    )
    assert proofs(tests) == {"kept": [("tests/test_it.py::test_kept", "It is kept.")]}


def test_promise_without_an_id_is_an_error(tmp_path: Path) -> None:
    """A promise without an id is an error at page and line."""
    page = tmp_path / "page.md"
    page.write_text("# Title\n\n<Guarantee>It works.</Guarantee>\n", "utf-8")
    with pytest.raises(PageError, match=r"page\.md:3:1: <Guarantee> needs id="):
        scan(page)


def test_matrix_has_what_is_broken_first() -> None:
    """A guarantee that some store breaks stands before the others, each said as a sentence."""
    kept, broken = [{"outcome": "passed"}], [{"outcome": "failed", "departure": ""}]
    found = {"append-order": {"Reference": kept}, "fresh-reads": {"Reference": broken}}
    rows = [line for line in table(found, promises(ROOT)) if line.startswith("| [")]
    assert "[Two stores on the same storage always see" in rows[0]
    assert "no</Badge>" in rows[0]
    assert "[Messages come back in the order" in rows[1]
    assert "yes</Badge>" in rows[1]


def test_matrix_has_the_recipes_last() -> None:
    """The reference stands first, then the release's stores, then the recipes by name."""
    stores = ["Redis", "Release, SQLite", "File system", "Reference", "Release, JSON", "S3"]
    outcomes = {store: [{"outcome": "passed"}] for store in stores}
    head = next(line for line in table({"fresh-reads": outcomes}) if line.startswith("|"))
    assert [each.strip() for each in head.strip("| ").split("|")] == [
        "Guarantee",
        "Reference",
        "Release, JSON",
        "Release, SQLite",
        "File system",
        "Redis",
        "S3",
    ]
