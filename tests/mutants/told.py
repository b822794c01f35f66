"""What became of a lie."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Verdict:
    """One lie and its end.

    `by` is the first line of the failure that caught it, or empty for a survivor. `reason` says
    why a survivor is no gap.
    """

    kind: str
    where: str
    lie: str
    by: str
    seconds: float
    reason: str = ""

    @property
    def is_caught(self) -> bool:
        """Whether some check failed, and said where."""
        return bool(self.by)

    def plain(self) -> dict[str, str]:
        """A survivor as the report has it."""
        return {
            "kind": self.kind,
            "where": self.where,
            "lie": self.lie,
            "reason": self.reason,
        }
