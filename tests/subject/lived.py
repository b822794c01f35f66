"""Tables about agents: each row is lived through, by a program on its target."""

import json
import os
from typing import Any

import pytest

from executable_pages.testing.sandbox import Sandbox
from executable_pages.testing.scanner import Table
from executable_pages.testing.tables import compare
from executable_pages.testing.target import Target
from executable_pages.testing.wrong import Wrong
from tests.subject.entries import EARLIER, OTHER, PROMPTS
from tests.subject.targets import Target as Ours

HEADER = (
    "Asked by",
    "Earlier turns sent",
    "Question stored",
    "Answer stored",
    "Tool turn stored",
    "Left after a failure",
)
# A row is about the release, unless it begins so.
REFERENCE = "reference: "
TIMES = ("nothing", "the question", "the question twice", "the question three times")


def check_stored(table: Table, about: str, target: Target, sandbox: Sandbox) -> None:
    """Hold each row that is about a target against what the target did.

    Raises:
        Wrong: A cell says something else, or a way to ask has no row or two.
    """
    hold_stored(table, live("entries", target, sandbox), target)


def hold_stored(table: Table, lived: dict[str, Any], target: Target) -> None:
    """Hold the table against what was lived through on a target."""
    if table.header != HEADER:
        raise Wrong(f"{table.where}: the columns are {', '.join(HEADER)}")
    left = set(lived)
    for index, (first, *cells) in enumerate(table.rows):
        if first.startswith(REFERENCE) is not (target is Ours.REFERENCE):
            continue
        for way in first.removeprefix(REFERENCE).split(", "):
            where = f"{table.row_where(index)} on {target}, {way}"
            if way not in left:
                raise Wrong(
                    f"{where}: it is lived through once; left are {', '.join(sorted(left))}"
                )
            left.remove(way)
            for head, cell, fact in zip(HEADER[1:], cells, _facts(lived[way]), strict=True):
                if cell != fact:
                    raise Wrong(f"{where}: {head} is {fact!r}, the page says {cell!r}")
    if left:
        raise Wrong(f"{table.where} on {target}: the table leaves out {', '.join(sorted(left))}")


def check_loops(table: Table, about: str, target: Target, sandbox: Sandbox) -> None:
    """Hold the table of what stops an event loop against what each call did to one.

    Raises:
        Wrong: A cell says something else, or a call has no row.
    """
    hold_loops(table, live("loops", target, sandbox), target)


def check_users(table: Table, about: str, target: Target, sandbox: Sandbox) -> None:
    """Hold the table of users that share a directory against what each got, as the target says.

    Raises:
        Wrong: A cell says something else.
    """
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        pytest.skip("only root can become the users of the table")
    compare(table, table.header.index(str(target)), live("owners", target, sandbox), target)


def hold_loops(table: Table, lived: dict[str, list[str]], target: Target) -> None:
    """Hold the table against what was lived through on a target."""
    compare(table, 0, list(lived), target)
    lock, model = zip(*(_loop_facts(lived[call]) for call in lived), strict=True)
    compare(table, 1, lock, target)
    compare(table, 2, model, target)


def _loop_facts(seen: list[str]) -> tuple[str, str]:
    before, *asked = seen
    if not asked:
        return before, "asks none"
    after, model = asked
    return before if before == after else f"{before}, then {after}", model


def live(module: str, target: Target, sandbox: Sandbox) -> dict[str, Any]:
    """What a program of `tests.subject` saw on a target."""
    command = ["python", "-m", f"tests.subject.{module}", str(target)]
    done = sandbox.run(command, target, fork=True)
    assert done.returncode == 0, done.stderr
    lived: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return lived


def _facts(cases: dict[str, Any]) -> list[str]:
    plain, tool, fails = cases["plain"], cases["tool"], cases["fails"]
    return [
        _sent(plain["asked"]),
        _question(plain["added"]),
        _answer(plain["added"]),
        _tool_turn(tool),
        TIMES[len(_of("user", fails["added"]))] if fails["added"] else TIMES[0],
    ]


def _of(role: str, messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [message for message in messages if message["role"] == role]


def _sent(asked: list[Any]) -> str:
    before = [message["content"] for message in asked[0]["messages"][1:-1]]
    if set(EARLIER.values()) <= set(before):
        return "yes"
    if OTHER in before:
        return "the other agent's"
    return "its own alone" if before else "no"


def _question(added: list[dict[str, Any]]) -> str:
    stored = [message["content"] for message in _of("user", added)]
    if not stored:
        return "no"
    return "yes" if stored == [PROMPTS["plain"]] else "with words around it"


def _answer(added: list[dict[str, Any]]) -> str:
    stored = _of("assistant", added)
    if not stored:
        return "no"
    return "the part that was read" if stored[-1]["metadata"].get("partial") else "yes"


def _tool_turn(tool: dict[str, Any]) -> str:
    if "refused" in tool:
        return "tools are refused"
    if not any(request.get("tools") for request in tool["asked"]):
        return "its tools are not offered"
    if not _of("assistant", tool["added"]):
        return "no"
    stored = "yes" if _of("tool", tool["added"]) else "the answer alone"
    return stored if tool["later"] == "assistant" else f"{stored}, and later questions fail"
