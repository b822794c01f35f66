"""The diagrams of this project's pages, bound to stores, bot managers and model servers."""

from executable_pages.recording import Run
from executable_pages.testing.diagrams import Bound, Diagram, Setting, parse, perform_loosely
from executable_pages.testing.diagrams import perform as perform_bound
from executable_pages.testing.sandbox import Sandbox
from tests.subject.diagrams.vocabulary import BINDINGS
from tests.subject.targets import Target

__all__ = ["BINDINGS", "check", "perform", "run_text"]


def check(diagram: Diagram) -> Bound:
    """Bind every participant, message and condition without performing any.

    Raises:
        DiagramError: One cannot be bound.
    """
    return Bound(diagram, BINDINGS)


def perform(
    diagram: Diagram,
    target: Target,
    mode: str,
    sandbox: Sandbox,
    *,
    factory: str = "",
    extra: dict[str, str] | None = None,
    runs: list[Run] | None = None,
) -> list[str]:
    """Perform every way through a diagram; see `executable_pages.testing.diagrams.perform`.

    `factory`, as `package.module:function`, opens the stores in place of `DefaultSessionStore`.
    """
    setting = Setting(target, mode, factory, extra or {})
    return perform_bound(check(diagram), setting, sandbox, runs)


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
    setting = Setting(target, mode, factory, extra or {})
    perform_loosely(check(parse(text)), setting, sandbox)
