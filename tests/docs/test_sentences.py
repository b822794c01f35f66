"""Each sentence is held by something, and a claim by a witness that goes through its domain."""

import re
from pathlib import Path

import pytest

from executable_pages.testing.claimed import Claimed, summary
from executable_pages.testing.ledger import OPEN, Ledger, Row, is_witnessed
from executable_pages.testing.scanner import ROOT, scan
from executable_pages.testing.sentences import Sentence, sentences
from executable_pages.testing.suite import Sentences
from executable_pages.testing.witnesses import Claims, cases_of, collect, exists, left_out
from executable_pages.testing.wrong import Wrong
from tests.subject.project import SUBJECT

assert SUBJECT.claims is not None
CLAIMS = SUBJECT.claims
PAGE = "docs/page.md"


class TestSentences(Sentences):
    """Those of this project."""

    subject = SUBJECT


def read(tmp_path: Path, text: str) -> list[Sentence]:
    """The sentences of a page that says this."""
    page = tmp_path / "page.md"
    page.write_text(text, "utf-8")
    return sentences(scan(page), {"/known#": "difference"})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One. Two!\nThree? Four", ["One.", "Two!", "Three?", "Four"]),
        ("Use it, e.g. Redis 1.7.17. It works.", ["Use it, e.g. Redis 1.7.17.", "It works."]),
        ("Say `a. B` now. `c` is code.", ["Say `a. B` now.", "`c` is code."]),
        ('He said "Stop." (It was late.) Then.', ['He said "Stop."', "(It was late.)", "Then."]),
        ("[A link. Of two](/x) is in\nx.py. End.", ["A link.", "Of two is in x.py.", "End."]),
        ("# A title\n\n**Why:** it is so.\n\n- One\n- Two", ["it is so.", "One", "Two"]),
        ("**Nothing is lost.** It waits.", ["Nothing is lost.", "It waits."]),
        ("```text\nNot. This.\n```\n\n{/* Not this. */}", []),
        ("<Note title=\"No\">\n\nA note.\n\n</Note>", ["A note."]),
        ("| Head of it |\n|---|\n| one two three |\n| no |", ["one two three"]),
        ("Store A. It reads.", ["Store A.", "It reads."]),
    ],
)  # fmt: skip
def test_sentences_are_those_that_a_reader_reads(
    text: str, expected: list[str], tmp_path: Path
) -> None:
    """Abbreviations, numbers, code and links end no sentence; titles and code have none."""
    assert [each.text for each in read(tmp_path, text)] == expected


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Each of them sees all.", ["Each", "all"]),
        ("They see each other and are no longer alone.", []),
        ("Call `all()` and `every`.", []),
        ("No one, whoever it is, is anywhere.", ["No one", "whoever", "anywhere"]),
        ("This is a sentence.", []),
    ],
)
def test_words_that_speak_of_a_whole_domain_are_found(
    text: str, words: list[str], tmp_path: Path
) -> None:
    """A universal word is one in prose alone, and idioms have none."""
    [sentence] = read(tmp_path, text)
    assert sentence.universal == words


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ('<Guarantee id="x">It is kept.</Guarantee>', "guarantee"),
        ("It departs, [as is known](/known#it), from that.", "difference"),
        ("{/* table: kind x */}\n\n| A |\n|---|\n| one two three |", "table"),
        ("{/* table: prose, nothing to check */}\n\n| A |\n|---|\n| one two three |", ""),
        ("Advice: measure it.", "advice"),
        ("**Do:** measure it.", "advice"),
        ("Use this when it is late.", "advice"),
        ("[A page](/x) says what others do when it is late.", "way"),
        ("[A page](/known#x) says what others do when it is late.", "difference"),
        ('It has <Evidence count="snippet" /> blocks.', "table"),
        ("Go [to the start](/start).", "way"),
        ("Is it so?", "way"),
        ("It prints:\n\n```python\nprint(1)\n```", "block"),
        ("```python\nprint(1)\n```\n\nIt has printed.", "block"),
        ("It prints.\n\n## Another section\n\n```python\nprint(1)\n```", ""),
        ("It is so.", ""),
    ],
)
def test_structure_of_a_page_says_what_holds_a_sentence(
    text: str, held: str, tmp_path: Path
) -> None:
    """What a promise, a link, a table, a label or a block beside it holds needs no row."""
    assert [each.held for each in read(tmp_path, text)] == [held]


def test_list_that_is_called_advice_is_advice(tmp_path: Path) -> None:
    """The items under a paragraph that says so are advice, and so is that paragraph."""
    found = read(
        tmp_path, "Advice, from experience.\n\n- It is slow.\n\nThe rest is advice:\n\n- Wait."
    )
    assert [each.held for each in found] == ["advice", "advice", "way", "advice"]


def ledger_of(row: Row, *held: Sentence) -> Ledger:
    """A ledger with this row for each."""
    return Ledger({PAGE: {each.digest: row for each in held}})


def test_what_nothing_holds_is_told_with_its_place(tmp_path: Path) -> None:
    """A sentence without a row and a claim without a witness fail with page, line and cure."""
    bare, claim = read(tmp_path, "It is so.\n\nIt is always so.")
    loose, unproven = Ledger().complaints(PAGE, [bare, claim])
    assert loose == (
        "page.md:1: nothing says what holds this sentence; "
        "`make sentences` writes a row to fill in:\n    It is so."
    )
    assert unproven.startswith("page.md:3: 'always' makes this a claim, and no row names its ")
    assert unproven.endswith("\n    It is always so.")
    [still] = ledger_of(Row("x", "way"), bare, claim).complaints(PAGE, [bare, claim])
    assert "names no witness in `by`" in still
    whole = ledger_of(Row("x", "way", ("a::b",), "it"), bare, claim)
    assert whole.complaints(PAGE, [bare, claim]) == []


def test_changed_sentence_has_to_be_looked_at(tmp_path: Path) -> None:
    """A sentence that has changed fails, takes over its row, and fails until `again` is gone."""
    [old] = read(tmp_path, "The store always keeps what it was given.")
    [new] = read(tmp_path, "The store always keeps what it was told.")
    ledger = Ledger(
        {PAGE: {old.digest: Row("The store always keeps what…", "way", ("a::b",), "it")}}
    )
    assert len(ledger.complaints(PAGE, [new])) == 2
    ledger.pages[PAGE] = ledger.renewed(PAGE, [new])
    [row] = ledger.pages[PAGE].values()
    assert (row.by, row.again) == (("a::b",), "The store always keeps what…")
    [complaint] = ledger.complaints(PAGE, [new])
    assert "this sentence has changed" in complaint
    [other] = read(tmp_path, "Whatever comes, it is a new claim.")
    [begun] = ledger.renewed(PAGE, [other]).values()
    assert (begun.kind, begun.by, is_witnessed(begun)) == (OPEN, (OPEN,), False)


def test_ledger_comes_back_as_it_was_written(tmp_path: Path) -> None:
    """What is written is read again; what no row has is an error."""
    row = Row('It says "so"…', "way", ("tests/a.py::b",), "all sizes", "recipes", "before")
    file = tmp_path / "ledger.toml"
    file.write_text(Ledger({PAGE: {"0" * 10: row}}).text(), "utf-8")
    assert Ledger.load(file).pages == {PAGE: {"0" * 10: row}}
    file.write_text('["docs/page.md"]\na = { who = "b" }\n', "utf-8")
    with pytest.raises(ValueError, match="no row has 'who'"):
        Ledger.load(file)
    file.write_text("= nothing", "utf-8")
    with pytest.raises(ValueError, match=r"ledger\.toml: "):
        Ledger.load(file)


SUITE = """
class Suite:
    def test_inherited(self): ...
"""
TESTS = """
import pytest
from suite import Suite

ENTRIES = {entries}

@pytest.mark.parametrize("entry", ENTRIES)
def test_each(entry): ...

@pytest.mark.skip
def test_none(): ...

class TestIt(Suite):
    def test_this(self): ...
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with a page and tests."""
    (tmp_path / "test_x.py").write_text(TESTS.format(entries=["one", "two"]), "utf-8")
    (tmp_path / "suite.py").write_text(SUITE, "utf-8")
    (tmp_path / "page.md").write_text(
        "# Title\n\n## Run it\n\n```python\nprint(1)\n```\n\n## Look\n\n"
        "{/* table: methods Store */}\n\n| Method |\n|---|\n| `one` |\n",
        "utf-8",
    )
    return tmp_path


@pytest.mark.parametrize(
    ("witness", "wrong"),
    [
        ("test_x.py::test_each", ""),
        ("test_x.py::TestIt::test_this", ""),
        ("test_x.py::TestIt::test_inherited", ""),
        ("test_x.py::TestIt::test_gone", "test_x.py has no test_gone"),
        ("table:methods Store", ""),
        ("block:page.md#run-it", ""),
        ("clause:kept", ""),
        ("test_x.py::test_gone", "test_x.py has no test_gone"),
        ("test_y.py::test_each", "there is no file test_y.py"),
        ("test_x.py::test_none", "test_none carries a mark `skip`"),
        ("table:methods Shop", "there is no checked table 'methods Shop'"),
        ("block:page.md#look", "there is no section 'page.md#look' with a block"),
        ("clause:broken", "there is no clause 'broken'"),
        ("oath:kept", "a witness is `tests/test_x.py::test_y` or `word:name`"),
    ],
)
def test_witness_has_to_be_there(witness: str, wrong: str, project: Path) -> None:
    """A test that is gone or skipped, or a table, block or clause that is not there, is none."""
    claims = Claims(project / "none.toml", (), words={"clause": lambda: {"kept"}})
    pages = [scan(project / "page.md")]
    if not wrong:
        exists(witness, project, pages, claims)
        return
    with pytest.raises(Wrong) as error:
        exists(witness, project, pages, claims)
    assert str(error.value).startswith(wrong)


def test_member_that_a_witness_leaves_out_is_named(project: Path) -> None:
    """Who drops one case of a witness, or a row of a table, hears which member is left out."""
    domain = {"one", "two"}
    claims = Claims(project / "none.toml", (), domains={"entries": lambda: domain})
    (project / "test_y.py").write_text(TESTS.format(entries=["one"]), "utf-8")
    cases = collect(project, ["test_x.py", "test_y.py"])
    pages = [scan(project / "page.md")]
    whole, narrow = (
        Row("x", by=(f"{name}.py::test_each",), each="entries") for name in ("test_x", "test_y")
    )
    assert left_out(whole, claims, cases, pages) == []
    assert left_out(narrow, claims, cases, pages) == ["two"]
    tabled = Row("x", by=("table:methods Store",), each="entries")
    assert left_out(tabled, claims, {}, pages) == ["two"]
    domain.remove("two")
    assert left_out(tabled, claims, {}, pages) == []
    assert left_out(Row("x", by=("a::b",), over="all sizes"), claims, {}, pages) == []


def test_witnesses_go_through_their_domains(request: pytest.FixtureRequest) -> None:
    """Each witness of a claim about what can be counted has a case for each of its members."""
    assert CLAIMS is not None
    rows = [row for page in CLAIMS.rows().pages.values() for row in page.values()]
    domains = [row for row in rows if row.each in CLAIMS.domains]
    files = {each.partition("::")[0] for row in domains for each in row.by if "::" in each}
    items = request.session.items
    here = {item.path.relative_to(ROOT).as_posix() for item in items}
    cases = cases_of(items) if files <= here else collect(ROOT, sorted(files))
    complaints = [
        f"{row.says!r} is about {row.each}, and {', '.join(row.by)} leaves out {missing}"
        for row in domains
        if (missing := left_out(row, CLAIMS, cases, SUBJECT.pages()))
    ]
    assert not complaints, "\n".join(complaints)


def test_witness_that_did_not_run_is_told(project: Path) -> None:
    """A run knows which witnesses it did not hear, and why those were skipped that were."""
    ledger = project / "ledger.toml"
    tests = ("t.py::ran", "t.py::skipped", "t.py::gone")
    ledger.write_text(Ledger({PAGE: {"0" * 10: Row("x", by=tests)}}).text(), "utf-8")
    claimed = Claimed(None, None, Claims(ledger, ()))  # type: ignore[arg-type]
    for name, outcome, why in [("ran[a]", "passed", None), ("skipped", "skipped", "no strace")]:
        report = pytest.TestReport(f"t.py::{name}", ("t.py", 1, name), {}, outcome, why, "call")  # type: ignore[arg-type]
        claimed.pytest_runtest_logreport(report)
    assert claimed.unheard() == {"t.py::gone": "", "t.py::skipped": "no strace"}


def test_counts_are_one_line() -> None:
    """A run says how many sentences each kind holds, and how many claims have no witness."""
    assert CLAIMS is not None
    assert re.fullmatch(
        r"\d+ sentences: \d+ explained by .*; \d+ claims, \d+ without a witness",
        summary(SUBJECT, CLAIMS),
    )
