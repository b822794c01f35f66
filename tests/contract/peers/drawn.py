"""A drawing of the contract as the calls and answers to be performed again."""

import ast
from typing import Any

from executable_pages.testing.diagrams.grammar import drawn
from executable_pages.testing.diagrams.mermaid import read


def events(drawing: str) -> list[dict[str, Any]]:
    """The calls and the answers in the order of the drawing, as Mermaid reads it.

    Raises `ValueError` for an answer that is cut or did not come: nothing can be held against it.
    """
    found: list[dict[str, Any]] = []
    for arrow in read(drawing).messages:
        if arrow.get("from") == arrow.get("to") or not arrow.get("to"):
            continue
        text = drawn(arrow["message"])
        if arrow["to"] == "Store":
            found.append({"client": arrow["from"]} | _call(text))
        else:
            found.append({"client": arrow["to"]} | _answer(text))
    calls = [each["client"] for each in found if "method" in each]
    answers = [each["client"] for each in found if "method" not in each]
    if sorted(calls) != sorted(answers):
        raise ValueError("a call has no answer")
    return found


def _call(text: str) -> dict[str, Any]:
    call = _expression(text)
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name):
        raise ValueError(f"{text!r} is no call")
    return {
        "method": call.func.id,
        "arguments": [ast.literal_eval(each) for each in call.args[1:]],
        "named": {each.arg: ast.literal_eval(each.value) for each in call.keywords},
    }


def _answer(text: str) -> dict[str, Any]:
    word, _, name = text.partition(" ")
    return {"raises": name} if word == "raises" else {"answer": ast.literal_eval(_expression(text))}


def _expression(text: str) -> ast.expr:
    try:
        return ast.parse(text, mode="eval").body
    except SyntaxError:
        raise ValueError(f"{text!r} is cut") from None
