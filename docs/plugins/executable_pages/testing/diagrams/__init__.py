"""Sequence diagrams that are performed: each arrow is a call or a check.

A project binds its words in `Bindings`; nothing here knows one.
"""

from dataclasses import replace

from executable_pages.recording import Run
from executable_pages.testing.diagrams.bindings import Beside, Bindings, Condition
from executable_pages.testing.diagrams.bound import Bound
from executable_pages.testing.diagrams.cast import Setting
from executable_pages.testing.diagrams.grammar import parse
from executable_pages.testing.diagrams.pairing import check_pairs
from executable_pages.testing.diagrams.recording import name_of, recording_of
from executable_pages.testing.diagrams.runner import MODES, Mismatch, Performance, choices, has_par
from executable_pages.testing.diagrams.tree import Diagram, DiagramError
from executable_pages.testing.sandbox import Sandbox

__all__ = [
    "MODES",
    "Beside",
    "Bindings",
    "Bound",
    "Condition",
    "Diagram",
    "DiagramError",
    "Mismatch",
    "Setting",
    "parse",
    "perform",
    "perform_loosely",
    "recording_of",
]


def perform(
    bound: Bound, setting: Setting, sandbox: Sandbox, runs: list[Run] | None = None
) -> list[str]:
    """Perform every way through a diagram, each in a directory of its own.

    Returns what this system cannot observe and was let pass. What each arrow came to is added to
    `runs`, one for each way, also when an arrow does not hold.

    Raises:
        DiagramError: The diagram leaves out an arrow.
        Mismatch: An arrow does not hold.
    """
    check_pairs(bound)
    perform_loosely(bound, setting, sandbox, runs)
    return bound.unseen()


def perform_loosely(
    bound: Bound, setting: Setting, sandbox: Sandbox, runs: list[Run] | None = None
) -> None:
    """The same of what was recorded and drawn: calls may overlap and stay without an answer.

    Raises:
        Mismatch: An arrow does not hold.
    """
    if has_par(bound.diagram):
        # One process cannot do two things at the same time.
        setting = replace(setting, mode="processes")
    for number, taken in enumerate(choices(bound.diagram)):
        place = sandbox.within(f"way-{number}")
        performance = Performance(bound, setting, place, taken)
        try:
            performance.run()
        finally:
            if runs is not None:
                runs.append(performance.recorder.run(name_of(bound.diagram, taken)))
