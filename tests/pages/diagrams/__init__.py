"""Sequence diagrams that are performed."""

from tests.pages.diagrams.grammar import parse
from tests.pages.diagrams.pairing import check_pairs
from tests.pages.diagrams.runner import MODES, Mismatch, Performance, choices, has_par
from tests.pages.diagrams.tree import Diagram, DiagramError
from tests.pages.diagrams.vocabulary import check, unseen
from tests.pages.sandbox import Sandbox
from tests.subject.targets import Target

__all__ = ["MODES", "Diagram", "DiagramError", "Mismatch", "check", "parse", "perform", "run_text"]


def perform(
    diagram: Diagram,
    target: Target,
    mode: str,
    sandbox: Sandbox,
    *,
    model_url: str | None = None,
    factory: str = "",
    extra: dict[str, str] | None = None,
) -> list[str]:
    """Perform every way through a diagram, each in a directory of its own.

    `factory`, as `package.module:function`, opens the stores in place of `DefaultSessionStore`.
    Returns what this system cannot observe and was let pass: locks, where there is no `fcntl`.

    Raises:
        DiagramError: It says what cannot be performed, or leaves out an arrow.
        Mismatch: An arrow does not hold.
    """
    check(diagram)
    check_pairs(diagram)
    _perform(diagram, target, mode, sandbox, model_url=model_url, factory=factory, extra=extra)
    return unseen(diagram)


def _perform(
    diagram: Diagram,
    target: Target,
    mode: str,
    sandbox: Sandbox,
    *,
    model_url: str | None = None,
    factory: str = "",
    extra: dict[str, str] | None = None,
) -> None:
    if has_par(diagram):
        mode = "processes"  # One process cannot do two things at the same time.
    for number, taken in enumerate(choices(diagram)):
        place = Sandbox(sandbox.root / f"way-{number}")
        Performance(
            diagram,
            target,
            mode,
            place,
            taken=taken,
            model_url=model_url,
            factory=factory,
            extra=extra,
        ).run()


def run_text(
    text: str,
    sandbox: Sandbox,
    *,
    target: Target = Target.REFERENCE,
    mode: str = "processes",
    factory: str = "",
    extra: dict[str, str] | None = None,
) -> None:
    """Perform a diagram that stands on no page, such as one that the contract drew.

    Its calls may overlap and stay without an answer, as in what was recorded.
    """
    _perform(parse(text), target, mode, sandbox, factory=factory, extra=extra)
