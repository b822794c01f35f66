"""The shortest programs that show a fault, without the contract: a store's lines and a fault's.

A program is one file to paste. It keeps its sessions in the working directory, and ends with an
AssertionError that says what it saw when the store has the fault.
"""

import ast
import sys
from pathlib import Path

_PLACE = Path(__file__).parent
_IMPORTS = ast.Import | ast.ImportFrom
_FUNCTIONS = ast.FunctionDef | ast.AsyncFunctionDef
_BLOCKS = _FUNCTIONS | ast.If


def compose(store: str, fault: str) -> str:
    """The program that tries a store for a fault, each by the name of its file."""
    [(_, docstring), *ours], theirs = _read("faults", fault), _store(store)
    body = [each for each in ours if not isinstance(each[0], _IMPORTS)]
    body = [*_needed([each for each in theirs if not isinstance(each[0], _IMPORTS)], body), *body]
    names = _names(body)
    imports = {
        text: node
        for node, text in (*theirs, *ours)
        if isinstance(node, _IMPORTS) and _bound(node) & names and not _is_interface(node)
    }
    lines = sorted(imports, key=_order)
    standard = [line for line in lines if _is_standard(imports[line])]
    others = [line for line in lines if line not in standard]
    values = [text for node, text in body if not isinstance(node, _BLOCKS)]
    blocks = [text for node, text in body if isinstance(node, _BLOCKS)]
    begin = [docstring, *filter(None, map("\n".join, (standard, others, values)))]
    return "\n\n\n".join(["\n\n".join(begin), *blocks]) + "\n"


def faults() -> list[str]:
    """The faults that there is a program for."""
    found = (path.stem for path in (_PLACE / "faults").glob("*.py"))
    return sorted(name for name in found if name != "__init__")


_Statement = tuple[ast.stmt, str]


def _read(folder: str, name: str) -> list[_Statement]:
    """The statements of a file, each with its text."""
    text = (_PLACE / folder / f"{name}.py").read_text("utf-8")
    lines = text.splitlines()
    return [
        (node, "\n".join(lines[node.lineno - 1 : node.end_lineno])) for node in ast.parse(text).body
    ]


def _store(name: str) -> list[_Statement]:
    """A store's own statements, and around its functions those of the family in its name."""
    own = _read("stores", name)
    families = [path.stem for path in (_PLACE / "families").glob("*.py")]
    shared = [
        each for family in families if name.startswith(family) for each in _read("families", family)
    ]
    functions = {node.name: (node, text) for node, text in own if isinstance(node, _FUNCTIONS)}
    merged = [each for each in own if each[0] not in [node for node, _ in functions.values()]]
    for node, text in shared:
        # What is annotated has its value in the own file of each store.
        if not isinstance(node, ast.AnnAssign):
            merged.append(functions.pop(getattr(node, "name", ""), (node, text)))
    return [*merged, *functions.values()]


def _needed(statements: list[_Statement], callers: list[_Statement]) -> list[_Statement]:
    """Without the functions that nothing calls."""
    names = _names(callers)
    while True:
        kept = [each for each in statements if getattr(each[0], "name", None) in {None, *names}]
        if (more := names | _names(kept)) == names:
            return kept
        names = more


def _names(statements: list[_Statement]) -> set[str]:
    nodes = (node for each, _ in statements for node in ast.walk(each))
    return {node.id for node in nodes if isinstance(node, ast.Name)}


def _bound(node: ast.Import | ast.ImportFrom) -> set[str]:
    return {(each.asname or each.name).partition(".")[0] for each in node.names}


def _module(node: ast.Import | ast.ImportFrom) -> str:
    return (node.module or "") if isinstance(node, ast.ImportFrom) else node.names[0].name


def _is_interface(node: ast.Import | ast.ImportFrom) -> bool:
    return _module(node).startswith(f"{__name__}.")


def _is_standard(node: ast.Import | ast.ImportFrom) -> bool:
    return _module(node).partition(".")[0] in sys.stdlib_module_names


def _order(line: str) -> tuple[bool, str]:
    return line.startswith("from"), line.split()[1].lower()
