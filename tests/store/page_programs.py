"""Functions and programs of pages, for tests that give them other inputs than the page does."""

import ast
import re
from typing import Any

from tests.subject.targets import ROOT


def program(page: str, has: str) -> str:
    """The one Python block of a page with a text in it, as it runs on the reference."""
    text = (ROOT / "docs" / f"{page}.md").read_text("utf-8")
    [found] = [each for each in re.findall(r"```python\n(.*?)```", text, re.DOTALL) if has in each]
    return str(found).replace("praisonaiagents.session", "reference_impl")


def function(page: str, name: str) -> Any:
    """A function of a page."""
    tree = ast.parse(program(page, f"def {name}("))
    wanted = ast.FunctionDef | ast.Import | ast.ImportFrom
    tree.body = [each for each in tree.body if isinstance(each, wanted)]
    named: dict[str, Any] = {}
    exec(compile(tree, page, "exec"), named)
    return named[name]
