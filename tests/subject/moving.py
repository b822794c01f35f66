"""The files that the page about moving conversations speaks of."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path

from executable_pages.testing.scanner import ROOT, scan
from executable_pages.testing.shell import write_module
from tests.subject.recipes import RECIPES

PAGE = ROOT / "docs" / "features" / "move-conversations.md"
_EXPORTS = Path(__file__).parent / "exports"
_DATABASE = re.compile(r"\b(\w+)\.db\b")


def write_program(directory: Path) -> None:
    """Save the page's program as the page says."""
    [program] = [each for each in scan(PAGE).blocks if "def move(" in each.text]
    write_module(directory, "move", program.text)


def write_export(directory: Path, name: str) -> Path:
    """Write the file that another framework made, of this name."""
    path = directory / f"{name}.db"
    with closing(sqlite3.connect(path)) as db:
        db.executescript((_EXPORTS / f"{name}.sql").read_text("utf-8"))
    return path


def prepare(text: str, directory: Path) -> None:
    """Put there what the commands in `text` name: the program, recipes' modules, exports."""
    write_program(directory)
    for recipe in RECIPES:
        if recipe.store in text:
            recipe.write(directory)
    for name in {*_DATABASE.findall(text)} & {path.stem for path in _EXPORTS.glob("*.sql")}:
        write_export(directory, name)
