"""Every method and parameter that the run has to try, by introspection, and those that it tries."""

import inspect
from collections.abc import Iterable
from typing import Any

import praisonaiagents
from praisonai_bot.bots import BotSessionManager
from praisonaiagents import session as package

from tests.differences.agent_programs import ENTRY_POINTS
from tests.differences.steps import Program, Step

Parameter = tuple[str, str, str]
_CLASSES = ("DefaultSessionStore", "SessionData", "SessionMessage")
# Of a method that takes any keyword.
KEYWORD = "**"


def offered() -> set[Parameter]:
    """Class, method and parameter of all that the release offers; a method without one has ""."""
    found: set[Parameter] = set()
    owners: dict[str, Any] = {name: getattr(package, name) for name in _CLASSES}
    for owner, made in (owners | {"BotSessionManager": BotSessionManager}).items():
        for name, each in inspect.getmembers(made):
            if not name.startswith("_") and (inspect.isroutine(each) or isinstance(each, property)):
                found |= {(owner, name, parameter) for parameter in _parameters(each)}
        found |= {(owner, "", each) for each in _parameters(made)}
    for name in ENTRY_POINTS:
        call = getattr(praisonaiagents.Agent, name)
        found |= {("Agent", name, parameter) for parameter in _parameters(call)}
    return found


def _parameters(call: Any) -> list[str]:
    if not callable(call):
        return [""]
    taken = inspect.signature(call).parameters.values()
    names = [KEYWORD if each.kind is each.VAR_KEYWORD else each.name for each in taken]
    return [each for each in names if each != "self"] or [""]


def tried(programs: Iterable[Program]) -> set[Parameter]:
    """Class, method and parameter of all that the programs try."""
    steps = {id(step): step for program in programs for step in program}
    known = offered()
    return {each for step in steps.values() for each in _tried(step, known)}


def _tried(step: Step, known: set[Parameter]) -> Iterable[Parameter]:
    given, on, method = [*step.get("given", {})], step.get("on", ""), step.get("method", "")
    calls: list[tuple[str, str, list[str]]] = {
        "open": [("DefaultSessionStore", "", given)],
        "call": [("DefaultSessionStore", method, given)],
        "bot": [("BotSessionManager", "", [*given, "store"])],
        "ask the bot": [("BotSessionManager", method, [*given, "agent"])],
        "tell the bot": [("BotSessionManager", method, given)],
        "make": [(on, "", given), (on, method, [*step.get("with", {})])],
        "read": [(on, "from_dict", given), (on, method, [*step.get("with", {})])],
        "ask the agent": [("Agent", method, given)],
    }.get(step["do"], [])
    for owner, name, names in calls:
        for each in names or [""]:
            yield owner, name, each if (owner, name, each) in known else KEYWORD
        yield owner, name, ""
