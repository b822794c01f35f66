"""A small mark under every block and table: verified on which targets, or not in this checkout."""

from dataclasses import dataclass
from pathlib import Path
from xml.etree.ElementTree import Element

from docs.plugins.evidence import Claim, Evidence
from docs.plugins.markup import element
from docs.plugins.tree import Fence, Node, TableBlock

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

    def mark(self, node: Node) -> Mark | None:
        """What is known of a node; None for one that states nothing."""
        if not isinstance(node, Fence | TableBlock) or node.comment.startswith(ADVICE):
            return None
        about = [claim for claim in self._claims if claim.digest == node.digest]
        if not about:
            if any(claim.line == node.place.line for claim in self._claims):
                return Mark("stale", "changed since it was verified", (AGAIN,))
            return Mark("none", "not verified in this checkout", (AGAIN,))
        # A block that has moved keeps the claims of its old place until the code changes.
        about = [claim for claim in about if claim.line == node.place.line] or about
        details = tuple(map(_detail, about))
        if not self._is_current:
            return Mark("stale", "code changed since it was verified", (AGAIN, *details))
        if failed := [claim for claim in about if not claim.is_proof]:
            return Mark("failed", f"failed on {_targets(failed)}", details)
        departs = [claim for claim in about if claim.verdict == "departs"]
        verified = _targets([claim for claim in about if claim.verdict == "passed"])
        text = f"verified on {verified}"
        if departs:
            text += f"; {_targets(departs)} departs as stated"
        return Mark("verified", text, details)


def _targets(claims: list[Claim]) -> str:
    return " and ".join(sorted({claim.target for claim in claims})) or "no target"


def _detail(claim: Claim) -> str:
    file, _, test = claim.test.partition("::")
    outcome = f"{claim.verdict} in {claim.seconds:.2f} s"
    return f"{claim.kind} on {claim.target}: {outcome}, {Path(file).name}::{test}"
