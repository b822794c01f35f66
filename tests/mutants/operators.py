"""Small changes of the kind that mutation tools make, drawn from a module's syntax tree."""

import ast
import random
from collections.abc import Iterator
from pathlib import Path

from tests.mutants.code import ROOT, Lie

MODULES = ("store.py", "session.py", "files.py", "names.py", "lock.py", "retention.py")
SEED = 20261124
_FLIPPED: dict[type[ast.cmpop], str] = {
    ast.Eq: "!=",
    ast.NotEq: "==",
    ast.Lt: "<=",
    ast.LtE: "<",
    ast.Gt: ">=",
    ast.GtE: ">",
    ast.Is: "is not",
    ast.IsNot: "is",
    ast.In: "not in",
    ast.NotIn: "in",
}
# What only people read: a changed word in it is no changed behavior.
_TALK = ("log", "raise", "TypeError", "ValueError", "NotASession", "LockTimeout", "__str__")


def sample(limit: int) -> list[Lie]:
    """At most `limit` of all changes, always the same ones for the same code."""
    found = [lie for module in MODULES for lie in changes(module)]
    if limit >= len(found):
        return found
    chosen = random.Random(SEED).sample(range(len(found)), limit)
    return [found[number] for number in sorted(chosen)]


def changes(module: str) -> list[Lie]:
    """Every change of a module, each of one line."""
    text = (Path(ROOT) / "reference_impl" / module).read_text("utf-8")
    lines = text.splitlines(keepends=True)
    tree = ast.parse(text)
    found: dict[tuple[int, str], Lie] = {}
    for node in ast.walk(tree):
        for first, last, new in _changed(node, text):
            # One line at a time: the rest of a longer statement stays as it is.
            if getattr(node, "lineno", 0) != getattr(node, "end_lineno", 0):
                continue
            number = node.lineno  # type: ignore[attr-defined]
            old = lines[number - 1]
            if any(word in old for word in _TALK) or '"""' in old:
                continue
            raw = old.encode()
            lied = (raw[:first] + new.encode() + raw[last:]).decode()
            said = f"`{old.strip()}` becomes `{lied.strip()}`"
            try:
                ast.parse("".join([*lines[: number - 1], lied, *lines[number:]]))
            except SyntaxError:
                continue
            found[number, lied] = Lie("operator", module, said, old, lied, number)
    return [found[key] for key in sorted(found)]


def _changed(node: ast.AST, text: str) -> Iterator[tuple[int, int, str]]:
    """The byte columns that a change replaces, and by what."""
    match node:
        case ast.Compare(ops=[operator], comparators=[right], left=left):
            a, b = ast.get_source_segment(text, left), ast.get_source_segment(text, right)
            yield _span(node, f"{a} {_FLIPPED[type(operator)]} {b}")
        case ast.Constant(value=bool() as value):
            yield _span(node, str(not value))
        case ast.Constant(value=int() | float() as value):
            yield _span(node, str(value + 1))
        case ast.BoolOp(op=operator, values=[left, right]):
            a, b = ast.get_source_segment(text, left), ast.get_source_segment(text, right)
            yield _span(node, f"{a} {'or' if isinstance(operator, ast.And) else 'and'} {b}")
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield _span(node, f"{ast.get_source_segment(text, operand)}")
        case ast.BinOp(op=ast.Add() | ast.Sub() as operator, left=left, right=right):
            a, b = ast.get_source_segment(text, left), ast.get_source_segment(text, right)
            yield _span(node, f"{a} {'-' if isinstance(operator, ast.Add) else '+'} {b}")
        case ast.If(test=test) | ast.While(test=test) if test.lineno == test.end_lineno:
            pass
        case ast.Return(value=value) if value is not None and not _is_none(value):
            yield _span(node, "return None")
        case ast.Expr(value=ast.Call()) | ast.Assign() | ast.AugAssign() | ast.Continue():
            yield _span(node, "pass")


def _is_none(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and value.value is None


def _span(node: ast.AST, new: str) -> tuple[int, int, str]:
    return node.col_offset, node.end_col_offset, new  # type: ignore[attr-defined]
