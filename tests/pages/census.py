"""Accounts for every block of every page at the end of a run.

A full run in which a block was left out, or ran on one target only, fails. A run of a part shows
the same table and fails nothing.
"""

from collections import defaultdict

import pytest

from docs.plugins import evidence
from tests.pages.evidence import Collector
from tests.pages.kinds import KINDS, kind_of
from tests.pages.scanner import ROOT, Block, pages, scan
from tests.subject.targets import Target

Row = tuple[str, int, dict[str, int], list[str]]


def blocks() -> list[Block]:
    """Every block of the site and of the two texts beside it."""
    found = [*pages(ROOT / "docs"), scan(ROOT / "README.md"), scan(ROOT / "CONTRIBUTING.md")]
    return [block for page in found for block in page.blocks]


class Census:
    """Prints what became of every block, and fails a full run that left one out."""

    def __init__(self, config: pytest.Config, collector: Collector) -> None:
        self.config = config
        self.collector = collector

    def rows(self) -> list[Row]:
        """For each kind: its blocks, how many were proven on each target, and who was left out."""
        proven: dict[tuple[str, str], set[str]] = defaultdict(set)
        for said in self.collector.claims:
            if said.is_proof:
                proven[said.kind, said.target].add(said.digest)
        found: list[Row] = []
        for kind, on_both in KINDS.items():
            here = [block for block in blocks() if kind_of(block) == kind]
            targets = list(Target) if on_both else [Target.REFERENCE]
            counts = {
                str(target): sum(block.digest in proven[kind, str(target)] for block in here)
                for target in targets
            }
            left_out = [
                f"{block.where} on {target}"
                for block in here
                for target in targets
                if block.digest not in proven[kind, str(target)]
            ]
            found.append((kind, len(here), counts, left_out))
        return found

    @property
    def is_full(self) -> bool:
        """Whether the whole suite was asked for."""
        options = (
            "keyword",
            "markexpr",
            "target",
            "page",
            "update_examples",
            "deselect",
            "collectonly",
        )
        return not any(self.config.getoption(each, None) for each in options) and (
            self.config.args in ([], ["tests"], [str(ROOT)], [str(ROOT / "tests")])
        )

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Fail a full run with a block unaccounted for, and write the census down."""
        if hasattr(self.config, "workerinput") or not self.collector.claims or not self.is_full:
            return
        if any(left_out for _, _, _, left_out in self.rows()):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
        found = evidence.load(ROOT)
        if found.claims:
            found.census = {
                kind: {"blocks": count} | counts for kind, count, counts, _ in self.rows()
            }
            evidence.save(ROOT, found)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print the table, unless the run was about one page."""
        if not self.collector.claims or self.config.getoption("page", None):
            return
        write = terminalreporter.write_line
        terminalreporter.section("census of the pages")
        write(f"{'kind':<12}{'blocks':>8}{'reference':>11}{'release':>9}")
        total, unaccounted = 0, []
        sums = dict.fromkeys(map(str, Target), 0)
        for kind, count, counts, left_out in self.rows():
            shown = [str(counts.get(str(target), "once")) for target in Target]
            write(f"{kind:<12}{count:>8}{shown[0]:>11}{shown[1]:>9}")
            total += count
            unaccounted += left_out
            if KINDS[kind]:
                for target, number in counts.items():
                    sums[target] += number
        both = sum(count for kind, count, _, _ in self.rows() if KINDS[kind])
        write(
            f"{total} blocks; of {both} that run on both targets, "
            + " and ".join(f"{number} ran on {target}" for target, number in sums.items())
            + f"; {len(unaccounted)} unaccounted for"
        )
        if self.is_full:
            for each in unaccounted:
                write(f"unaccounted for: {each}", red=True)
