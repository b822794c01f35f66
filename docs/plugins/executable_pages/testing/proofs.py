"""The tests that prove a promise of a page.

Such a test carries `@pytest.mark.proves("the-promise")`. They are found in the source, so that a
run of one file knows of all.
"""

import ast
from collections import defaultdict
from collections.abc import Collection, Iterator
from pathlib import Path


def proofs(tests: Path, apart: Collection[str] = ()) -> dict[str, list[tuple[str, str]]]:
    """The name and the sentence of each test that proves a promise, by promise."""
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for path in sorted(tests.rglob("test_*.py")):
        if path.relative_to(tests).parts[0] in apart:
            continue
        text = path.read_text("utf-8")
        if "mark.proves(" not in text:
            continue
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                for promise in _promises(node):
                    sentence = " ".join((ast.get_docstring(node) or "").split("\n\n")[0].split())
                    where = path.relative_to(tests.parent).as_posix()
                    found[promise].append((f"{where}::{node.name}", sentence))
    return dict(found)


def _promises(function: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[str]:
    for each in function.decorator_list:
        if isinstance(each, ast.Call) and ast.unparse(each.func) == "pytest.mark.proves":
            yield from (ast.literal_eval(argument) for argument in each.args)
