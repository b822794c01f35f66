"""Accounts for every block of every page at the end of a run.

A full run in which a block was left out, or ran on one target only, fails. A run of a part shows
the same table and fails nothing.
"""

from collections import defaultdict

import pytest

from executable_pages import evidence
from executable_pages.testing.evidence import Collector
from executable_pages.testing.subject import Subject

Row = tuple[str, int, dict[str, int], list[str]]


class Census:
    """Prints what became of every block, and fails a full run that left one out."""

    def __init__(self, config: pytest.Config, collector: Collector, subject: Subject) -> None:
        self.config = config
        self.collector = collector
        self.subject = subject

    def rows(self) -> list[Row]:
        """For each kind: its blocks, how many were proven on each target, and who was left out."""
        proven: dict[tuple[str, str], set[str]] = defaultdict(set)
        for said in self.collector.claims:
            if said.is_proof:
                proven[said.kind, said.target].add(said.digest)
        found: list[Row] = []
        for name in self.subject.kinds:
            here = self.subject.blocks(name)
            targets = self.subject.targets_of(name)
            counts = {
                str(target): sum(block.digest in proven[name, str(target)] for block in here)
                for target in targets
            }
            left_out = [
                f"{block.where} on {target}"
                for block in here
                for target in targets
                if block.digest not in proven[name, str(target)]
            ]
            found.append((name, len(here), counts, left_out))
        return found

    @property
    def is_full(self) -> bool:
        """Whether the whole suite was asked for."""
        root = self.subject.root
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
            self.config.args in ([], ["tests"], [str(root)], [str(root / "tests")])
        )

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Fail a full run with a block unaccounted for, and write the census down."""
        if hasattr(self.config, "workerinput") or not self.collector.claims or not self.is_full:
            return
        if any(left_out for _, _, _, left_out in self.rows()):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
        found = evidence.load(self.subject.root)
        if found.claims:
            found.census = {
                kind: {"blocks": count} | counts for kind, count, counts, _ in self.rows()
            }
            evidence.save(self.subject.root, found)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print the table, unless the run was about one page."""
        if not self.collector.claims or self.config.getoption("page", None):
            return
        write = terminalreporter.write_line
        terminalreporter.section("census of the pages")
        names = [str(target) for target in self.subject.targets]
        write(f"{'kind':<12}{'blocks':>8}" + "".join(f"{each:>11}" for each in names))
        total, unaccounted = 0, []
        sums = dict.fromkeys(names, 0)
        for kind, count, counts, left_out in self.rows():
            shown = [str(counts.get(each, "once")) for each in names]
            write(f"{kind:<12}{count:>8}" + "".join(f"{each:>11}" for each in shown))
            total += count
            unaccounted += left_out
            if self.subject.kinds[kind].on_each:
                for target, number in counts.items():
                    sums[target] += number
        # Each says on its page why nobody runs it.
        if sketches := len(self.subject.blocks("shown")):
            write(f"{'shown only':<12}{sketches:>8}")
        each_target = sum(
            count for kind, count, _, _ in self.rows() if self.subject.kinds[kind].on_each
        )
        write(
            f"{total} blocks; of {each_target} that run on each target, "
            + " and ".join(f"{number} ran on {target}" for target, number in sums.items())
            + f"; {len(unaccounted)} unaccounted for"
        )
        if self.is_full:
            for each in unaccounted:
                write(f"unaccounted for: {each}", red=True)
