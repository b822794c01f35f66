"""What a run says of sentences at its end: what holds them, and which witnesses it did not hear."""

import os

import pytest

from executable_pages.testing.census import Census
from executable_pages.testing.ledger import KINDS
from executable_pages.testing.subject import Subject
from executable_pages.testing.witnesses import Claims


class Claimed:
    """Prints the counts, and fails a full run in which a witness did not run."""

    def __init__(self, config: pytest.Config, census: Census, claims: Claims) -> None:
        self._config, self._census, self._claims = config, census, claims
        self._ran: set[str] = set()
        self._skipped: dict[str, str] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note which tests ran, and why others did not."""
        test = report.nodeid.partition("[")[0]
        if report.skipped and not hasattr(report, "wasxfail"):
            self._skipped[test] = str(report.longrepr)
        elif report.when == "call":
            self._ran.add(test)

    def unheard(self) -> dict[str, str]:
        """The witnesses that did not run, each with why it was skipped; empty for no reason."""
        rows = [row for page in self._claims.rows().pages.values() for row in page.values()]
        tests = {each for row in rows for each in row.by if "::" in each}
        return {test: self._skipped.get(test, "") for test in sorted(tests - self._ran)}

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Fail a full run whose witnesses did not run; a machine may lack what one needs."""
        if hasattr(self._config, "workerinput") or not self._census.is_full or not self._ran:
            return
        is_strict = os.environ.get("CI") == "true"
        if any(is_strict or not why for why in self.unheard().values()):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print the counts, and the witnesses that a full run did not hear."""
        if not self._census.collector.claims or self._config.getoption("page", None):
            return
        terminalreporter.section("sentences of the pages")
        terminalreporter.write_line(summary(self._census.subject, self._claims))
        if self._census.is_full:
            for test, why in self.unheard().items():
                terminalreporter.write_line(
                    f"a witness that did not run: {test}: {why or 'it was not there'}", red=True
                )


def summary(subject: Subject, claims: Claims) -> str:
    """What holds the sentences, in one line."""
    ledger = claims.rows()
    found = [
        each
        for page in subject.counted()
        for each in ledger.counts(subject.name(page.path), claims.of(page))
    ]
    kinds = [kind for kind, _, _ in found]
    held = ", ".join(f"{kinds.count(kind)} {words}" for kind, words in KINDS.items())
    bare = sum(is_claim and not is_held for _, is_claim, is_held in found)
    loose = len(found) - sum(map(kinds.count, KINDS))
    return (
        f"{len(found)} sentences: {held}, {loose} held by nothing; "
        f"{sum(is_claim for _, is_claim, _ in found)} claims, {bare} without a witness"
    )
