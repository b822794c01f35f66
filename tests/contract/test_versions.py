"""The contract has versions, and an author may be judged by an older one."""

import json
import re
from pathlib import Path

import pytest

from reference_impl.contract import VERSION, SessionStoreContract
from reference_impl.contract.report import WIDTH, Report, Row, explained
from tests.contract.test_contract_cli import contract, home, pytest_in

__all__ = ["home"]
CHANGES = (Path(__file__).parents[2] / "reference_impl/contract/CHANGELOG.md").read_text("utf-8")
SUITE = """
from reference_impl.contract import SessionStoreContract

class TestOld(SessionStoreContract):
    store = "stranger:open_store"
    contract = {version}
"""
CHOSEN = ("-k", "max_messages_gives or limit_below or equal_messages")


def clauses() -> dict[str, int]:
    """Every clause with the version that first asked it."""
    return {
        name.removeprefix("test_"): method.since
        for name in dir(SessionStoreContract)
        if hasattr(method := getattr(SessionStoreContract, name), "guarantee")
    }


def test_an_older_contract_leaves_out_what_is_newer(home: Path) -> None:
    """With an older version newer clauses are left out, and the report says which one judged."""
    common = ("--session-store", "stranger:open_store", "--session-store-report=report.json")
    done = contract(home, *common, "--session-store-contract", "1", *CHOSEN)
    assert "judged by contract 1" in done.stdout, done.stdout
    report = json.loads((home / "report.json").read_text())
    assert (report["contract"], {each["since"] for each in report["clauses"]}) == (1, {1})
    done = contract(home, *common, "--store-contract=2", *CHOSEN)
    report = json.loads((home / "report.json").read_text())
    assert {each["since"] for each in report["clauses"]} == {1, 2}
    assert "asked since contract 2: equal_messages_are_all_there" in done.stdout, done.stdout


def test_a_suite_names_its_contract(home: Path) -> None:
    """A subclass names the version by which it is judged, and one that is not there is an error."""
    for version, words in (("1", "1 passed"), ("None", "1 failed"), ("9", "contract = 9")):
        (home / "test_mine.py").write_text(SUITE.format(version=version))
        output, _ = pytest_in(home, "test_mine.py", *CHOSEN).communicate()
        assert words in output, output
    assert "there are those from 1 to 2" in output


def test_a_version_that_is_not_there_is_a_usage_error(home: Path) -> None:
    """A version that was never made is refused in one line, with those that there are."""
    done = contract(home, "--session-store", "stranger:open_store", "--session-store-contract=9")
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert "invalid choice: 9 (choose from 1, 2)" in done.stdout


def test_changes_name_each_clause_under_its_version() -> None:
    """The list of changes has each clause once, under the version that first asks it."""
    _, *parts = re.split(r"^## Version (\d+).*$", CHANGES, flags=re.MULTILINE)
    listed = {
        name: int(version)
        for version, text in zip(parts[::2], parts[1::2], strict=True)
        for name in re.findall(r"`(\w+)`", text)
        if name.count("_") > 1 and name != "keeps_message_ids"
    }
    assert listed == clauses()
    assert max(listed.values()) == VERSION


def test_a_report_fits_whatever_it_says() -> None:
    """No line is longer than 100 columns, whatever failed, was refused or was not offered."""
    longest = max(clauses(), key=len)
    rows = [
        Row(longest, "delete-removes-session", "", verdict=verdict, refused=["a long word"] * 40)
        for verdict in ("passed", "broken", "not judged", "not offered", "error")
    ]
    for number, row in enumerate(rows):
        row.clause, row.detail, row.since = f"{row.clause}{number}", "words " * 60, 2
        row.rounds = "failed in 4 of 9 rounds (2 lost, 1 torn, 1 refused)" * 3
    report = Report({("s", row.clause): row for row in rows}, contracts={"s": 2})
    lines = report.lines("s")
    assert max(map(len, lines)) <= WIDTH
    told = [line.split()[1] for line in lines[2:7]]
    assert told == ["broken", "error", "not", "passed*", "not"]


def test_words_about_a_drawing_fit_and_the_drawing_stays() -> None:
    """What a clause says is broken at 100 columns, and the lines of a drawing are not."""
    arrow = f"    C1->>Store: add_message({'x' * 200})"
    words = f"{'reason ' * 40}\n\n```mermaid\nsequenceDiagram\n{arrow}\n```\n{'after ' * 40}"
    about = {"clause": "c", "guarantee": "kept-as-given"}
    lines = explained(about, "broken", AssertionError(words)).splitlines()
    assert arrow in lines
    assert max(len(line) for line in lines if line != arrow) <= WIDTH
