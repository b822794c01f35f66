"""What a harness did and found."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar

Key = TypeVar("Key")
Those = TypeVar("Those")


@dataclass
class Result:
    """How many faults were injected, of how many, and what came of them."""

    name: str
    kinds: dict[str, int] = field(default_factory=dict)
    tried: int = 0
    bad: list[str] = field(default_factory=list)
    losses: Counter[str] = field(default_factory=Counter)
    # Faults that did not happen; there may be none.
    missed: list[str] = field(default_factory=list)

    def sampled(
        self, planned: dict[Key, list[Those]], every: int
    ) -> Iterator[tuple[Key, list[Those]]]:
        """Every `every`th of what is planned, spread over all keys."""
        number = 0
        for key, those in planned.items():
            chosen = []
            for each in those:
                if number % every == 0:
                    chosen.append(each)
                number += 1
            if chosen:
                yield key, chosen

    def judge(self, what: str, wrong: list[str]) -> None:
        """Take down one fault and what is wrong after it."""
        self.tried += 1
        if wrong:
            self.bad.append(f"{what}: {'; '.join(wrong)}")
            # What comes before the colon says what kind of loss it is.
            self.losses.update({each.partition(":")[0] for each in wrong})

    def as_json(self) -> dict[str, Any]:
        """The result as JSON keeps it."""
        return {
            "what": self.name,
            "kinds": len(self.kinds),
            "of": sum(self.kinds.values()),
            "tried": self.tried,
            "bad": len(self.bad),
            "missed": len(self.missed),
            "examples": self.bad[:400] + self.missed[:5],
            "losses": dict(self.losses),
        }
