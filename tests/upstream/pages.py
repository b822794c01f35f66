"""The pages of upstream's documentation that are about sessions and persistence, from a clone."""

import re
import subprocess
from pathlib import Path

SOURCE = "MervinPraison/PraisonAIDocs"
RULE = "the path has `session` or `persist` in it, outside of `docs/js`, `docs/rust` and `docs/sdk`"
_CHOSEN = re.compile(r"docs/(?!js/|rust/|sdk/).*(?:session|persist).*\.mdx")


class Clone:
    """A clone of the documentation, with or without a work tree: what its HEAD holds."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.commit, self.day = self._git("log", "-1", "--format=%H %cs").split()

    def write(self, directory: Path) -> list[str]:
        """Write the chosen pages below a directory; their paths."""
        names = self._git("ls-tree", "-r", "--name-only", "HEAD", "docs").splitlines()
        chosen = [name for name in names if is_chosen(name)]
        for name in chosen:
            place = directory / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(self._git("show", f"HEAD:{name}"), "utf-8")
        return chosen

    def _git(self, *arguments: str) -> str:
        command = ["git", "-C", str(self._path), *arguments]
        return subprocess.run(command, capture_output=True, check=True).stdout.decode()


def is_chosen(name: str) -> bool:
    """Whether a file is a page about sessions and persistence, by `RULE`."""
    return _CHOSEN.fullmatch(name) is not None
