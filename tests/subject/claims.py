"""What these pages may claim of a whole domain: the domains, and the names of their witnesses."""

import inspect
from collections.abc import Callable, Collection, Iterator, Mapping

from executable_pages.testing.scanner import ROOT, scan
from executable_pages.testing.subject import Proofs
from executable_pages.testing.witnesses import Claims
from executable_pages.tree import Heading
from tests.subject.recipes import RECIPES

DIFFERENCES = ROOT / "docs" / "verification" / "known-differences.md"
COUNTED = ("index.md", "start/*.md", "features/*.md", "recipes/*.md", "troubleshooting.md")
LEADS = {
    "/verification/known-differences#": "difference",
    "/verification/guarantees#": "guarantee",
    "/verification/conformance": "table",
    "/verification/durability": "table",
    "/verification/field": "table",
    "/verification/performance": "table",
}


def _differences() -> Collection[str]:
    document = scan(DIFFERENCES).document
    assert document is not None
    return {each.anchor for each in document.every(Heading) if each.level == 2}


def _methods(owner: str) -> Callable[[], Collection[str]]:
    def found() -> Iterator[str]:
        # Most runs of a part of the tests ask for no domain.
        import reference_impl

        for name, _ in inspect.getmembers(getattr(reference_impl, owner), callable):
            if not name.startswith("_"):
                yield name

    return lambda: set(found())


def _reads() -> Collection[str]:
    methods = _methods("DefaultSessionStore")()
    return {each for each in methods if each.startswith(("get_", "list_", "session_exists"))}


DOMAINS: Mapping[str, Callable[[], Collection[str]]] = {
    "ways to ask an agent": _methods("Agent"),
    "reads of the store": _reads,
    "recipes": lambda: {recipe.name for recipe in RECIPES},
}


def claims(clauses: Callable[[], Proofs], proven: Callable[[], Proofs]) -> Claims:
    """What holds the sentences of these pages; the functions have the proofs, by promise."""
    return Claims(
        ledger=ROOT / "tests" / "subject" / "sentences.toml",
        pages=COUNTED,
        leads=LEADS,
        words={
            "guarantee": proven,
            "clause": lambda: {name for found in clauses().values() for name, _ in found},
            "difference": _differences,
        },
        domains=DOMAINS,
    )
