"""What became of a lie.

A lie is caught when a check fails and says where; a check that hangs is ended by pytest's own
timeout, and has failed. A run that was ended from outside, by a signal or because the machine was
too slow, says nothing of its lie: it is told once more, and then reported as not judged.
"""

import re
import signal
from dataclasses import dataclass

# A crash (SIGSEGV, SIGABRT) is the code's own; these come from people and from a full machine.
_OUTSIDE = [
    getattr(signal, name)
    for name in ("SIGKILL", "SIGTERM", "SIGINT", "SIGHUP")
    if hasattr(signal, name)
]
_CODES = {code: each.name for each in _OUTSIDE for code in (-each, 128 + each)}


class Killed(Exception):
    """What was to judge a lie was ended from outside."""


def killed_by(code: int) -> str:
    """The signal from outside that an exit code tells of; empty for none."""
    return _CODES.get(code, "")


def killed_in(complaint: str) -> str:
    """The same of the exit code that a complaint names."""
    found = re.search(r"exit code (?P<code>-?\d+)", complaint)
    return killed_by(int(found["code"])) if found else ""


@dataclass(frozen=True)
class Verdict:
    """One lie and its end.

    `by` is the first line of the failure that caught it, or empty for a survivor. `reason` says
    why a survivor is no gap, and `unjudged` why nothing is known.
    """

    kind: str
    where: str
    lie: str
    by: str
    seconds: float
    reason: str = ""
    unjudged: str = ""

    @property
    def is_caught(self) -> bool:
        """Whether some check failed, and said where."""
        return bool(self.by)

    def plain(self) -> dict[str, str]:
        """One that was not caught, as the report has it."""
        return {
            "kind": self.kind,
            "where": self.where,
            "lie": self.lie,
            "reason": self.unjudged or self.reason,
        }
