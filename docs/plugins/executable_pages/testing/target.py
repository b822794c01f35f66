"""What pages must be true of."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol


class Target(Protocol):
    """An implementation of what the pages speak of; as text, it is its name."""

    def path(self) -> Sequence[Path]:
        """The directories in which a program finds the implementation's modules."""

    def environment(self, home: Path) -> Mapping[str, str]:
        """The variables that a program finds, whose home directory is `home`."""
