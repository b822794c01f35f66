"""Lies told to the bank's pages: each is caught where it stands."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from executable_pages.testing.checks import complaints, unpromised
from executable_pages.testing.scanner import ROOT
from tests.bank.subject import subject

PROJECT = Path(__file__).parent
# The page, what it says, what it says instead, and the line and the words of the complaint.
LIES = {
    "output": ("index", "#> 50 30", "#> 50 40", "13 on bank prints something else"),
    "output left out": ("index", "#> -1\n", "", "27 on bank prints something else"),
    "name in a program": ("index", "limit=100", "debt=100", "26 on bank: TypeError"),
    "default": ("index", "| `int` | `0`", "| `int` | `9`", "36 on bank: Default is `0`"),
    "row left out": ("index", "| `limit` | `int` | `0` | what it may owe |\n", "", "32 on bank"),
    "table of nothing": ("index", "parameters Account", "sizes Account", "32: no check claims"),
    "link": ("index", "tellers#one-balance", "tellers#two-balances", "6: /tellers#two-balances"),
    "block of nobody": ("index", "```python", "```toml", "8: no test accounts for a 'toml' block"),
    "no page": ("index", "An account lives", "<Vault>", "6:1: unknown component <Vault>"),
    "no text": ("terminal", "A statement", "{a} statement", "15:1: a bare {"),
    "await": ("index", '= Account("al', '= await Account("al', "11: await outside a function"),
    "notebook": ("index", "account = Acc", "%pip install bank\naccount = Acc", "11: % is a noteb"),
    "promise": ("tellers", 'id="one-balance"', 'id="one-cent"', "8: nothing proves the promise"),
    "reply": ("tellers", "L-->>B: 30", "L-->>B: 29", "22 on bank"),
    "error": ("tellers", "raises OverdrawnError", "raises KeyError", "26 on bank"),
    "call": ("tellers", "balance()", "sum()", "24 on bank"),
    "order": ("tellers", "A->>L: deposit(50)\n    L-->>A: 50\n    ", "", "20 on bank"),
    "nobody": ("tellers", "as Teller B", "as Vault", "17: nothing real is called 'Vault'"),
    "output of a command": ("terminal", "\n50\n", "\n60\n", "10: the command does not print '60'"),
    "command": ("terminal", "withdraw 20", "borrow 20", "8: exit code 1"),
    "file": ("terminal", "> receipt.txt", "> paper.txt", "8: exit code 1"),
    "value": ("terminal", '"balance": 30', '"balance": 31', "21: balance of a statement is 30"),
    "key twice": ("terminal", '"balance"', '"balance": 0,\n  "balance"', "22: the key $.balance"),
    "no JSON": ("terminal", '"balance": 30', '"balance": 30,', "22: this is no JSON"),
}


def copied(directory: Path) -> Path:
    """A copy of the bank below a directory."""
    ignored = shutil.ignore_patterns("__pycache__")
    return Path(shutil.copytree(PROJECT, directory / "bank", ignore=ignored))


def test_truth_is_accepted(tmp_path: Path) -> None:
    """Nothing is said against a copy of the pages as they are."""
    project = subject(copied(tmp_path))
    assert complaints(project, tmp_path / "runs") == []
    assert unpromised(project) == []


@pytest.mark.parametrize("lie", LIES)
def test_lie_is_caught(lie: str, tmp_path: Path) -> None:
    """A page that says something else is refused at its line."""
    name, old, new, complaint = LIES[lie]
    project = subject(copied(tmp_path))
    page = project.site / f"{name}.md"
    text = page.read_text("utf-8")
    assert old in text
    page.write_text(text.replace(old, new, 1), "utf-8")
    found = complaints(project, tmp_path / "runs", f"docs/{name}.md")
    assert any(re.match(rf"{name}\.md:{re.escape(complaint)}", each) for each in found), found


def test_refused_page_is_one_failure(tmp_path: Path) -> None:
    """A page that cannot be read is named, and the others are checked all the same."""
    root = copied(tmp_path)
    broken = root / "docs" / "broken.md"
    broken.write_text("a {b}\n", "utf-8")
    said = complaints(subject(root), tmp_path / "runs")
    assert [each.partition(": ")[0] for each in said] == ["broken.md:1:3"]
    done = _run(root)
    assert "1 failed" in done.stdout, done.stdout
    assert "test_page_is_read[broken.md]" in done.stdout
    assert "INTERNALERROR" not in done.stdout + done.stderr


def test_proof_without_a_promise_is_found(tmp_path: Path) -> None:
    """What a test proves and no page promises is named."""
    root = copied(tmp_path)
    tests = root / "test_account.py"
    tests.write_text(tests.read_text("utf-8").replace("one-balance", "one-cent"), "utf-8")
    assert unpromised(subject(root)) == ["one-cent"]


def test_project_stands_alone(tmp_path: Path) -> None:
    """A copy in another place passes with nothing of this project's settings around it."""
    root = copied(tmp_path)
    done = _run(root)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "5 blocks; of 4 that run on each target, 4 ran on bank; 0 unaccounted" in done.stdout
    assert (root / "build" / "evidence.json").exists()


def _run(root: Path) -> subprocess.CompletedProcess[str]:
    options = ["--import-mode=importlib", "-q", "-p", "no:cacheprovider", "-p", "no:xdist"]
    return subprocess.run(
        [sys.executable, "-m", "pytest", *options, "--ignore", "bank/test_lies.py", "bank"],
        cwd=root.parent,
        env={name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
        | {"PYTHONPATH": str(ROOT), "EVIDENCE": ""},
        capture_output=True,
        text=True,
        check=False,
    )


def test_bindings_are_short() -> None:
    """What a project writes for all this is at most 100 lines of code."""
    names = ("subject", "bank_stage", "conftest", "test_pages")
    files = [PROJECT / f"{name}.py" for name in names]
    lines = [line for file in files for line in file.read_text("utf-8").splitlines()]
    assert len([line for line in lines if line.strip()]) <= 100
