"""Page testing knows no subject: another project takes it as it is."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from executable_pages.testing.scanner import ROOT

ROOMS = [*sorted((ROOT / "docs/plugins/executable_pages/testing").rglob("*.py"))]
# What these pages speak of; another project's have other words.
WORDS = re.compile(
    r"praison|reference_impl|openai|recipe|\bbots?\b|\bagents?\b|\bstores?\b|session[-_ ]?(?:id|dir"
    r"|file|store)|SessionStore|known.differences|model[_ ](?:url|server)",
    re.IGNORECASE,
)


def imported(source: str) -> set[str]:
    """The modules that a module imports, wherever it does."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


@pytest.mark.parametrize("path", ROOMS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_page_testing_knows_no_subject(path: Path) -> None:
    """No module of page testing imports the subject or another test, or has a word of it."""
    source = path.read_text("utf-8")
    ours = [
        name for name in imported(source) if name.startswith(("tests.", "docs.", "reference_impl"))
    ]
    assert ours == []
    assert [line for line in source.splitlines() if WORDS.search(line)] == []


def test_imports_are_found() -> None:
    """An import inside a function is one too."""
    source = "def f():\n    from tests.subject import targets\n    import tests.subject.tables\n"
    assert imported(source) == {"tests.subject.targets", "tests.subject.tables"}


def test_missing_package_is_named_with_what_to_install() -> None:
    """Without the engine that reads diagrams, an import says which extra brings it."""
    program = "import sys; sys.modules['quickjs'] = None; import executable_pages.testing.suite"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert "pip install 'executable-pages[diagrams]'" in done.stderr.splitlines()[-1]
