"""Looks at the witnesses of claims: that they are there, run, and go through the whole domain.

A witness is a test, `tests/test_x.py::test_y`; or it is named by a word and what the word is about:
`table:methods Lamp` is a checked table, known by its comment, `block:docs/page.md#section` the
blocks of a section that are run. A project has more words of its own.
"""

import ast
import json
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from executable_pages.testing.ledger import Ledger, Row
from executable_pages.testing.scanner import ROOT, Page, Table
from executable_pages.testing.sentences import Sentence, sentences
from executable_pages.testing.tables import PROSE
from executable_pages.testing.wrong import Wrong
from executable_pages.tree import Heading

# What is skipped on some machines alone is told at the end of a whole run.
_SKIPS = {"skip"}
# What a test went through: for each of its cases, the words that its parameters are known by.
Cases = Mapping[str, Collection[frozenset[str]]]


@dataclass(frozen=True)
class Claims:
    """Which pages have their sentences counted, and what holds those.

    `ledger` is the file with the rows. `pages` are patterns of names below the site. `leads` has
    the kind of a sentence by the beginning of an address that it links. `words` has the names of
    all witnesses that a word knows, `domains` the members of each domain that can be enumerated.
    """

    ledger: Path
    pages: Collection[str]
    leads: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, Callable[[], Collection[str]]] = field(default_factory=dict)
    domains: Mapping[str, Callable[[], Collection[str]]] = field(default_factory=dict)

    def chosen(self, site: Path, pages: Iterable[Page]) -> list[Page]:
        """The pages whose sentences are counted."""
        return [
            page
            for page in pages
            if page.path.is_relative_to(site)
            and any(page.path.relative_to(site).match(each) for each in self.pages)
        ]

    def of(self, page: Page) -> list[Sentence]:
        """The sentences of a page."""
        return sentences(page, self.leads)

    def rows(self) -> Ledger:
        """The ledger as it is now."""
        return Ledger.load(self.ledger)


def exists(witness: str, root: Path, pages: Collection[Page], claims: Claims) -> None:
    """Hold that a witness is there.

    Raises:
        Wrong: It is not, or it is a test that is skipped.
    """
    word, _, about = witness.partition(":")
    if "::" in witness:
        _test(witness, root)
    elif word == "table":
        if about not in {table.comment.removeprefix("table: ") for table in _checked(pages)}:
            raise Wrong(f"there is no checked table {about!r}")
    elif word == "block":
        if not any(about == section for page in pages for section in _sections(page, root)):
            raise Wrong(f"there is no section {about!r} with a block")
    elif word not in claims.words:
        known = ", ".join(["table", "block", *claims.words])
        raise Wrong(f"a witness is `tests/test_x.py::test_y` or `word:name`, a word of {known}")
    elif about not in claims.words[word]():
        raise Wrong(f"there is no {word} {about!r}")


def left_out(row: Row, claims: Claims, cases: Cases, pages: Collection[Page]) -> list[str]:
    """The members of a row's domain that no witness goes through; none for other domains."""
    if not row.each:
        return []
    found: set[str] = set()
    for witness in row.by:
        if witness.startswith("table:"):
            found.update(_words(witness.removeprefix("table:"), pages))
        for case in cases.get(witness, ()):
            found |= case
    return sorted(set(claims.domains[row.each]()) - found)


def cases_of(items: Iterable[Any]) -> Cases:
    """The cases of each test that was collected, by its name without parameters."""
    found: dict[str, list[frozenset[str]]] = defaultdict(list)
    for item in items:
        callspec = getattr(item, "callspec", None)
        words = {str(value) for value in callspec.params.values()} if callspec else set()
        words |= {callspec.id} if callspec else set()
        for value in callspec.params.values() if callspec else ():
            words |= {str(getattr(value, name)) for name in _NAMES if hasattr(value, name)}
        found[item.nodeid.partition("[")[0]].append(frozenset(words))
    return found


class _Kept:
    """Keeps what a collection found."""

    def __init__(self) -> None:
        self.items: list[pytest.Item] = []

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self.items = session.items


def collect(root: Path, files: Collection[str]) -> Cases:
    """The cases of each test of some files, collected in a process of its own."""
    asked = f"_print({str(root)!r}, {list(files)!r})"
    program = f"from executable_pages.testing.witnesses import _print; {asked}"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        raise Wrong(f"{', '.join(files)} cannot be collected:\n{done.stdout}{done.stderr}")
    found = json.loads(done.stdout.splitlines()[-1])
    return {test: [frozenset(case) for case in cases] for test, cases in found.items()}


def _print(root: str, files: list[str]) -> None:
    kept = _Kept()
    options = ["--collect-only", "-q", "-p", "no:cacheprovider", "-n", "0", f"--rootdir={root}"]
    code = pytest.main([*options, *(str(Path(root, each)) for each in files)], [kept])
    print(json.dumps({test: [*map(sorted, cases)] for test, cases in cases_of(kept.items).items()}))
    sys.exit(code)


# What the things that tests are about are known by.
_NAMES = ("name", "__name__", "value")


def _checked(pages: Collection[Page]) -> Iterator[Table]:
    for page in pages:
        yield from (table for table in page.tables if not table.comment.startswith(PROSE))


def _words(comment: str, pages: Collection[Page]) -> Iterator[str]:
    for table in _checked(pages):
        if table.comment.removeprefix("table: ") == comment:
            for row in table.rows:
                yield from re.findall(r"`([^`]+)`", row[0]) or [row[0]]


def _sections(page: Page, root: Path) -> Iterator[str]:
    """The addresses of the sections of a page in which a block stands."""
    name = page.path.resolve().relative_to(root.resolve()).as_posix()
    assert page.document is not None
    headings = [(each.place.line, each.anchor) for each in page.document.every(Heading)]
    for block in page.blocks:
        above = [anchor for line, anchor in headings if line < block.line]
        yield f"{name}#{above[-1]}" if above else name


def _test(witness: str, root: Path) -> None:
    path, *names = witness.split("::")
    if not (root / path).is_file():
        raise Wrong(f"there is no file {path}")
    module = _parsed(root / path)
    nodes = module.body
    for name in names:
        found = _named(name, nodes)
        if found is None:
            raise Wrong(f"{path} has no {name}")
        if skips := _SKIPS & {_mark(each) for each in found.decorator_list}:
            raise Wrong(f"{name} carries a mark `{min(skips)}`, and what is skipped holds nothing")
        nodes = list(found.body)
        if isinstance(found, ast.ClassDef):
            nodes += _inherited(found, module, root)


_Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def _named(name: str, nodes: list[ast.stmt]) -> _Definition | None:
    found = [node for node in nodes if isinstance(node, _Definition) and node.name == name]
    return found[-1] if found else None


def _inherited(derived: ast.ClassDef, module: ast.Module, root: Path) -> Iterator[ast.stmt]:
    """What a class has from bases that its module imports from the project or a package."""
    bases = {each.id for each in derived.bases if isinstance(each, ast.Name)}
    for node in module.body:
        if isinstance(node, ast.ImportFrom) and bases & {each.name for each in node.names}:
            path = _module(node.module or "", root)
            for base in bases if path.is_file() else ():
                found = _named(base, _parsed(path).body)
                yield from found.body if found else ()


def _module(name: str, root: Path) -> Path:
    path = root.joinpath(*name.split(".")).with_suffix(".py")
    if path.is_file():
        return path
    with suppress(ImportError, ValueError):
        spec = find_spec(name)
        path = Path(spec.origin) if spec and spec.has_location and spec.origin else path
    return path


@cache
def _parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def _mark(decorator: ast.expr) -> str:
    return ast.unparse(decorator).partition("(")[0].rpartition(".")[2]
