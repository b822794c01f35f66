"""What a survey found: counts for a table, and each place for a file."""

import json
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from executable_pages.testing.survey.page import Snippet
    from executable_pages.testing.survey.running import Ran

MDX_REFUSED = "page that MDX refuses"
REFUSED = "page that MDX reads and the reader here refuses"
SHOWN_OTHERWISE = "page shown otherwise than it was checked"
DIAGRAM_REFUSED = "diagram that Mermaid refuses"
DIAGRAM_JOINED = "diagram with two messages on one line"
DIAGRAM_CUT = "diagram whose text Mermaid cuts at # or ;"
JSON_BROKEN = "JSON that does not parse"
NOTEBOOK = "Python for a notebook or a prompt (await, %, ! or >>> at the top)"
PYTHON_BROKEN = "Python that does not compile"
UNDEFINED = "Python that uses a name it never defines"
UNDEFINED_ABOVE = "Python that uses a name which no block above defines either"
LINK = "link that leads nowhere"
CAUSES = (
    MDX_REFUSED,
    REFUSED,
    SHOWN_OTHERWISE,
    DIAGRAM_REFUSED,
    DIAGRAM_JOINED,
    DIAGRAM_CUT,
    JSON_BROKEN,
    NOTEBOOK,
    PYTHON_BROKEN,
    UNDEFINED,
    UNDEFINED_ABOVE,
    LINK,
)
# More rows than this of one kind say nothing more to someone who reads a table.
_ROWS = 20


@dataclass(frozen=True, order=True)
class Finding:
    """Something wrong at a place: `page`, `line` and `column`, where 0 is no column.

    `said` is the first line of the error of a block that was run.
    """

    cause: str
    page: str
    line: int
    column: int
    what: str
    block: int = 0
    said: str = ""


@dataclass
class Report:
    """A survey of a directory.

    `blocks` counts by language, `""` for none; `shown` is the number of pages that were shown and
    compared, if any were.
    """

    pages: int = 0
    blocks: Counter[str] = field(default_factory=Counter)
    diagrams: Counter[str] = field(default_factory=Counter)
    links: int = 0
    shown: int | None = None
    python: int = 0
    snippets: "list[Snippet]" = field(default_factory=list)
    ran: "Ran | None" = None
    findings: list[Finding] = field(default_factory=list)
    seconds: float = 0.0

    def of(self, cause: str) -> list[Finding]:
        """What was found of a cause."""
        return [finding for finding in self.findings if finding.cause == cause]

    def count(self, cause: str) -> int:
        """How many pages, blocks or links have it; a block with two such names counts once."""
        found = self.of(cause)
        if cause in (MDX_REFUSED, REFUSED):
            # What MDX refuses nobody reads.
            no_mdx = {f.page for f in self.of(MDX_REFUSED)} if cause == REFUSED else set()
            return len({f.page for f in found} - no_mdx)
        places = {(f.page, f.block) if f.block else (f.page, f.line, f.what) for f in found}
        return len(places)

    def refusals(self) -> Counter[str]:
        """Pages that are not read here, by what is wrong; names of pages' own are left out."""
        return self._by_kind(REFUSED)

    def _by_kind(self, cause: str) -> Counter[str]:
        found = {(finding.page, kind(finding.what)) for finding in self.of(cause)}
        return Counter(each for _, each in sorted(found))

    def table(self) -> str:
        """The table that is printed."""
        no_mdx, refused = self.count(MDX_REFUSED), self.count(REFUSED)
        rows = [("pages", self.pages), ("  accepted", self.pages - no_mdx - refused)]
        for cause, count in ((MDX_REFUSED, no_mdx), (REFUSED, refused)):
            rows += [(f"  {cause}", count), *_most(self._by_kind(cause))]
        if self.shown is not None:
            rows += [("pages shown and compared", self.shown)]
            rows += [(SHOWN_OTHERWISE, self.count(SHOWN_OTHERWISE))]
        rows += [("blocks", self.blocks.total()), *_most(self.blocks, "no language")]
        rows += [("diagrams that Mermaid reads", self.diagrams.total()), *_most(self.diagrams)]
        rows += [("links", self.links)]
        rows += [(cause, self.count(cause)) for cause in CAUSES[3:]]
        rows += self._ran()
        width = max(len(label) for label, _ in rows)
        lines = [f"{label:{width}}  {count:>7,}" for label, count in rows]
        return "\n".join([*lines, f"{self.seconds:.0f} seconds"])

    def _ran(self) -> list[tuple[str, int]]:
        if self.ran is None:
            return [("Python blocks that RUN=1 would run", self.python)]
        rows = [("Python blocks that were run", self.ran.blocks)]
        for way, count in self.ran.well.items():
            rows += [(f"  {way}, ended well", count)]
            begin = f"run {way}: "
            kinds = Counter(f.cause.removeprefix(begin) for f in self.ran.findings
                            if f.cause.startswith(begin))  # fmt: skip
            rows += [(f"    {kind}", count) for kind, count in kinds.most_common()]
        return rows

    def write(self, path: Path) -> None:
        """Write everything as JSON, each finding with its place."""
        told = {
            "pages": self.pages,
            "blocks": dict(self.blocks.most_common()),
            "diagrams": dict(self.diagrams.most_common()),
            "links": self.links,
            "shown": self.shown,
            "counts": {cause: self.count(cause) for cause in CAUSES},
            "refusals": dict(self.refusals().most_common()),
            "python": self.python,
            "ran": None if self.ran is None else {"blocks": self.ran.blocks, **self.ran.well},
            "findings": [{"where": _where(each), **asdict(each)} for each in sorted(self.findings)],
        }
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", "utf-8")


def _where(finding: Finding) -> str:
    column = f":{finding.column}" if finding.column else ""
    return f"{finding.page}:{finding.line}{column}"


def kind(what: str) -> str:
    """What is wrong, without the names that a page has for it."""
    said, _, _ = what.partition(";")
    return re.sub(r"'[^']*'|\"[^\"]*\"|<[/\w.:-]+>|\b0x\w+|\b\d+\b", "…", said)


def _most(counts: Counter[str], empty: str = "") -> Iterable[tuple[str, int]]:
    most = counts.most_common(_ROWS)
    rows = [(f"    {label or empty}", count) for label, count in most]
    left = counts.total() - sum(count for _, count in most)
    return [*rows, ("    others", left)] if left else rows
