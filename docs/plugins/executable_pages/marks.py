"""A small mark under every block and table: verified on which targets, or not in this checkout."""

from dataclasses import dataclass
from datetime import date
from xml.etree.ElementTree import Element

from executable_pages.evidence import Claim, Evidence
from executable_pages.markup import element
from executable_pages.tree import Fence, Node, TableBlock

AGAIN = "make test verifies it."
# A table of advice states nothing that could be verified.
ADVICE = "table: prose"


@dataclass(frozen=True)
class Mark:
    """What is known of one block: a state, a line of text, and details."""

    state: str
    text: str
    details: tuple[str, ...]

    def shown(self, number: int) -> Element:
        """An element that keyboards reach and screen readers read."""
        button = element("button", self.text, type="button", aria_describedby=f"mark-{number}")
        details = element(
            "span",
            *(element("span", each) for each in self.details),
            role="tooltip",
            id=f"mark-{number}",
        )
        return element(
            "span", button, details, class_=f"mark mark--{self.state}", data_search_exclude=""
        )


class Marker:
    """Says what is known of the blocks and tables of one page."""

    def __init__(self, evidence: Evidence, page: str, *, is_current: bool) -> None:
        self._claims = [claim for claim in evidence.claims if claim.page == page]
        self._is_current = is_current
        # A proof that came with the clone is of another day; that of this checkout is of its own.
        self._day = f" on {spoken(evidence.day)}" if evidence.is_committed else ""

    def mark(self, node: Node) -> Mark | None:
        """What is known of a node; None for one that states nothing."""
        if not isinstance(node, Fence | TableBlock) or node.comment.startswith(ADVICE):
            return None
        about = [claim for claim in self._claims if claim.digest == node.digest]
        if not about:
            if any(claim.line == node.place.line for claim in self._claims):
                return Mark("stale", f"changed since it was verified{self._day}", (AGAIN,))
            return Mark("none", "not verified in this checkout", (AGAIN,))
        # A block that has moved keeps the claims of its old place until the code changes.
        about = [claim for claim in about if claim.line == node.place.line] or about
        details = _details(about)
        if not self._is_current:
            text = f"code changed since it was verified{self._day}"
            return Mark("stale", text, (AGAIN, *details))
        if failed := [claim for claim in about if not claim.is_proof]:
            return Mark("failed", f"failed on {_targets(failed)}", details)
        departs = [claim for claim in about if claim.verdict == "departs"]
        verified = _targets([claim for claim in about if claim.verdict == "passed"])
        text = f"verified on {verified}{self._day and ','}{self._day}"
        if departs:
            text += f"; {_targets(departs)} departs as stated"
        return Mark("verified", text, details)


def spoken(day: str) -> str:
    """A day such as `2026-11-25` as people write it; empty for none."""
    if not day:
        return ""
    found = date.fromisoformat(day)
    return f"{found.day} {found:%B %Y}"


def _targets(claims: list[Claim]) -> str:
    return " and ".join(sorted({claim.target for claim in claims})) or "no target"


def _details(claims: list[Claim]) -> tuple[str, ...]:
    """One line for each kind of evidence and its outcome, however many tests it is of."""
    groups: dict[tuple[str, str], list[Claim]] = {}
    for claim in claims:
        groups.setdefault((claim.kind, claim.verdict), []).append(claim)
    return tuple(_detail(kind, verdict, found) for (kind, verdict), found in groups.items())


def _detail(kind: str, verdict: str, claims: list[Claim]) -> str:
    # Claims of one test have its time: it counts once.
    tests = {claim.test: claim.seconds for claim in claims}
    number = len({claim.details.get("clause", claim.test.partition("[")[0]) for claim in claims})
    what = f"{number} {kind}s" if number > 1 else kind
    test = claims[0].test.partition("[")[0].rpartition("/")[2]
    return f"{what} {verdict} on {_targets(claims)} in {sum(tests.values()):.2f} s: {test}"
