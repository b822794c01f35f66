"""What a test saw while it performed a diagram, and the player that steps through it on the site.

A recording is a detail of the claim of the test that made it. It is shown below the diagram whose
text it is of, as long as the code is the one that was run.
"""

from typing import Any

import msgspec

from executable_pages.evidence import Evidence

DETAIL = "recording"


class Participant(msgspec.Struct, kw_only=True, frozen=True):
    """Someone in the diagram; `kind` is the role that it plays."""

    id: str
    label: str
    kind: str


class Step(msgspec.Struct, kw_only=True, omit_defaults=True):
    """An arrow, and what it came to. `kind` is `call`, `inner`, `step` or `reply`.

    `answer` is what really came back, `why` says what does not hold, `trace` has what the call did
    inside. `held` is what the participants share after it; None when nobody looked.
    """

    source: str
    target: str
    text: str
    kind: str
    answer: str = ""
    why: str = ""
    trace: list[str] = []
    held: Any = None


class Run(msgspec.Struct, kw_only=True):
    """One way through the diagram, by the name that tells it from the others."""

    name: str
    steps: list[Step]


class Recording(msgspec.Struct, kw_only=True):
    """Every way through a diagram, as it was performed."""

    participants: list[Participant]
    runs: list[Run]

    def text(self) -> str:
        """The recording as a detail of a claim."""
        return msgspec.json.encode(self).decode()


def found(evidence: Evidence, page: str, digest: str) -> Recording | None:
    """The recording of a diagram on a page, the one of the most runs; None without any."""
    recordings = [
        msgspec.json.decode(claim.details[DETAIL], type=Recording)
        for claim in evidence.claims
        if (claim.page, claim.digest) == (page, digest)
        and claim.verdict == "passed"
        and DETAIL in claim.details
    ]
    return max(recordings, key=lambda each: len(each.runs), default=None)


def script(recording: Recording, title: str) -> str:
    """The recording as the player's script takes it, with the title that the player has."""
    said = msgspec.json.encode({"title": title} | msgspec.to_builtins(recording)).decode()
    # Inside a script only this could end it.
    safe = said.replace("<", "\\u003c")
    return f'<script type="application/json">{safe}</script>'
