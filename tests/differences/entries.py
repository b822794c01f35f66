"""The entries of the known-differences page, each with the program that shows it."""

import re
from dataclasses import dataclass
from pathlib import Path

from executable_pages.testing.sandbox import Sandbox
from executable_pages.testing.scanner import Block, scan
from tests.subject.targets import ROOT, Target

PAGE = ROOT / "docs" / "verification" / "known-differences.md"
PARTS = ("**Promised:**", "**The release:**", "**What to do:**")

_STATED = re.compile(
    r"(?:^# Reference: (?P<lacks>\w+: .+)\n)?^# Release: (?P<error>\w+: .+)\n?\Z", re.MULTILINE
)


class Departure(Exception):
    """The release stopped exactly as the page says."""


@dataclass(frozen=True)
class Entry:
    """One known difference.

    `error` is how the program ends on the release: the beginning of the last line of its
    traceback. On the reference it runs to its end, unless it is about a part that the reference
    does not have: then it ends there with `lacks`.
    """

    title: str
    prose: str
    block: Block
    error: str
    lacks: str | None = None

    @property
    def anchor(self) -> str:
        """The last part of a link to this entry."""
        return self.title.lower().replace(" ", "-")

    def run(self, target: Target, sandbox: Sandbox) -> None:
        """Run the program.

        Raises:
            Departure: It ended as the page says of the release.
            AssertionError: It ended in any other way but well, or as it says of the reference.
        """
        script = sandbox.work / "program.py"
        script.write_text(self.block.text, encoding="utf-8")
        done = sandbox.run(["python", script.name], target, fork=True)
        last = (done.stderr.strip().splitlines() or ["no error was printed"])[-1]
        lacks = self.lacks if target is Target.REFERENCE else None
        if done.returncode == 0 and lacks is None:
            return
        stated = lacks or self.error
        if done.returncode == 0 or not last.startswith(stated):
            raise AssertionError(
                f"{self.block.where} on {target} ended with\n  {last[:400]}\n"
                f"where the page says of the {'reference' if lacks else 'release'}\n"
                f"  {stated}\n{done.stderr[-4000:]}"
            )
        if lacks is None:
            raise Departure(f"{self.block.where}: {last}")


def entries(page: Path = PAGE) -> list[Entry]:
    """Every entry of the page, in its order.

    Raises:
        ValueError: An entry lacks one of its parts; the message names page and line.
    """
    lines = page.read_text(encoding="utf-8").splitlines()
    heads = [n for n, line in enumerate(lines) if line.startswith("## ")]
    blocks = [block for block in scan(page).blocks if block.language == "python"]
    found = []
    for head, after in zip(heads, [*heads[1:], len(lines)], strict=True):
        where = f"{page.name}:{head + 1}"
        inside = [block for block in blocks if head < block.line <= after]
        if len(inside) != 1:
            raise ValueError(f"{where}: an entry has one program, this one has {len(inside)}")
        prose = "\n".join(lines[head:after])
        if missing := [part for part in PARTS if prose.count(part) != 1]:
            raise ValueError(f"{where}: an entry has each of {PARTS} once; see {missing[0]}")
        stated = _STATED.search(inside[0].text)
        if stated is None:
            raise ValueError(f"{where}: the program's last line is `# Release: Error: message`")
        found.append(Entry(lines[head][3:], prose, inside[0], *stated.group("error", "lacks")))
    return found
