"""What a test run proved: the file that it leaves for the site, its form, reading and writing.

The variable `EVIDENCE` names another file than `build/evidence.json`, or `os.devnull` for none. A
fresh clone has no such file; it shows the proof of the last whole run, which is committed.
"""

import os
from collections import defaultdict
from pathlib import Path
from typing import Any

import msgspec

from executable_pages.digests import of_implementation

PROVEN = frozenset({"passed", "departs"})
UNKNOWN = "not measured in this checkout"


class Claim(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """What one test said about one place of one page, on one target.

    `digest` is that of the text the verdict is about. `details` say more about some kinds of
    evidence, such as the store that a clause was run on.
    """

    kind: str
    page: str
    line: int
    digest: str
    target: str
    verdict: str
    seconds: float
    test: str
    details: dict[str, str] = {}

    @property
    def is_proof(self) -> bool:
        """Whether what the page says is proven."""
        return self.verdict in PROVEN


class Evidence(msgspec.Struct, kw_only=True):
    """The claims of the last run, and what implementation and packages they are about."""

    implementation: str = ""
    release: dict[str, str] = {}
    claims: list[Claim] = []
    census: dict[str, dict[str, int]] = {}
    day: str = ""
    is_committed: bool = False

    def is_current(self, root: Path) -> bool:
        """Whether the implementation is still the one that was tested."""
        return self.implementation == of_implementation(root)

    def count(self, kind: str) -> int:
        """How many places a kind of evidence stands for, each proven and none of it failed."""
        proofs: dict[tuple[str, str], list[bool]] = defaultdict(list)
        for claim in self.claims:
            if claim.kind == kind:
                proofs[claim.page, claim.digest].append(claim.is_proof)
        return sum(all(found) for found in proofs.values())


def file(root: Path) -> Path:
    """Where a test run of the project at `root` leaves its evidence."""
    return Path(os.environ.get("EVIDENCE") or root / "build" / "evidence.json")


def load(root: Path) -> Evidence:
    """The evidence of the last run; none when there was no run, or one of another form."""
    try:
        return msgspec.json.decode(file(root).read_bytes(), type=Evidence)
    except (OSError, msgspec.DecodeError):
        return Evidence()


def committed(root: Path) -> Path:
    """Where the proof of the last whole run is kept with the pages."""
    return root / "docs" / "verification" / "evidence.json"


def latest(root: Path) -> Evidence:
    """The evidence of this checkout; without any, the proof that came with it."""
    found = load(root)
    if found.claims or os.environ.get("REQUIRE_EVIDENCE"):
        return found
    try:
        found = msgspec.json.decode(committed(root).read_bytes(), type=Evidence)
    except (OSError, msgspec.DecodeError):
        return Evidence()
    found.is_committed = True
    return found


def save(root: Path, evidence: Evidence) -> None:
    """Write evidence, unless the variable `EVIDENCE` wants none."""
    path = file(root)
    if str(path) == os.devnull:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".tmp")
    temporary.write_bytes(msgspec.json.format(msgspec.json.encode(evidence), indent=1) + b"\n")
    temporary.replace(path)


def claim_of(said: object, **outcome: str | float) -> Claim:
    """A claim out of what a worker of the test run reported, and the outcome of its test."""
    return msgspec.convert(msgspec.convert(said, dict[str, Any]) | outcome, Claim)
