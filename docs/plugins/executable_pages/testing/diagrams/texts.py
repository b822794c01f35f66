"""What the text of an arrow or a note says: a call, a literal, an error, qualifiers."""

import ast
import json
import re
from collections.abc import Collection
from typing import Any, NamedTuple

from executable_pages.testing.diagrams.tree import DiagramError

NOTHING = object()

_CALL = re.compile(r"^(?P<call>\w+\(.*\))(?P<qualifiers>(?:\s*\[[^\]\"']+\])*)$")
_QUALIFIER = re.compile(r"\[([^\]]+)\]")
_RAISES = re.compile(r"^(?:raises )?(?P<error>[A-Z]\w*(?:Error|Timeout))$")
_TIMES = re.compile(r"^([1-9]\d*) times?$")


class Spoken(NamedTuple):
    """A call as a diagram writes it."""

    method: str
    args: list[Any]
    kwargs: dict[str, Any]
    qualifiers: list[str]


def call_of(text: str, where: str) -> Spoken:
    """Read a call: its method, its arguments, which are literals, and its qualifiers.

    Raises:
        DiagramError: It is none.
    """
    found = _CALL.match(text)
    if found is None:
        raise DiagramError(f"{where}: no call and no step of one: {text!r}; write `method(1)`")
    try:
        call = ast.parse(found["call"], mode="eval").body
        if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name):
            raise ValueError(text)
        args = [ast.literal_eval(argument) for argument in call.args]
        kwargs = {str(each.arg): ast.literal_eval(each.value) for each in call.keywords}
    except (ValueError, SyntaxError):
        raise DiagramError(
            f"{where}: its arguments are not literals: {text!r}; write strings in quotes, numbers, "
            "lists and the like, as Python has them"
        ) from None
    return Spoken(call.func.id, args, kwargs, _QUALIFIER.findall(found["qualifiers"]))


def qualifiers_of(text: str, known: Collection[str]) -> list[str]:
    """The qualifiers in a note; other words in brackets are prose."""
    return [qualifier for qualifier in _QUALIFIER.findall(text) if qualifier in known]


def raised(text: str) -> str:
    """The name of the error that a reply says, or nothing."""
    found = _RAISES.match(text)
    return found["error"] if found else ""


def times(label: str) -> int | None:
    """How often a loop runs, as its label says."""
    found = _TIMES.match(label)
    return int(found[1]) if found else None


def literal(text: str) -> Any:
    """The value of a Python or JSON literal, or `NOTHING`."""
    for read in (ast.literal_eval, json.loads):
        try:
            return read(text)
        except (ValueError, SyntaxError):
            continue
    return NOTHING


def is_same(one: Any, other: Any) -> bool:
    """Whether two values are the same in JSON, where `True` is not `1`."""
    first, second = (json.dumps(each, sort_keys=True, default=repr) for each in (one, other))
    return first == second
