"""One line of progress while tests run: how many are done, and what failed so far.

A thousand dots say less than a number. A screen shows one line that changes; a log gets a line
for every tenth of the run.
"""

import time
from collections.abc import Generator
from typing import Any

import pytest

Status = tuple[str, str, str | tuple[str, dict[str, bool]]]


class Progress:
    """Takes the place of pytest's dots, unless `-v` or `-q` asks for another picture."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._done: set[str] = set()
        self._failed: dict[str, None] = {}
        self._tenths = 0
        self._start = time.monotonic()

    def pytest_sessionstart(self) -> None:
        """Let pytest print no names of files either."""
        self._terminal.showfspath = False

    @pytest.hookimpl(wrapper=True)
    def pytest_report_teststatus(self) -> Generator[None, Status, Status]:
        """Count an outcome and print no letter for it."""
        category, _, _ = yield
        return category, "", ""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Say at once what failed, and how far the run is."""
        if report.failed and report.nodeid not in self._failed:
            self._failed[report.nodeid] = None
            self._terminal.ensure_newline()
            self._terminal.write_line(f"failed: {report.nodeid}", red=True)
        if report.when == "teardown":
            self._done.add(report.nodeid)
            self._show()

    @property
    def _terminal(self) -> Any:
        return self._config.pluginmanager.get_plugin("terminalreporter")

    def _show(self) -> None:
        terminal = self._terminal
        total = terminal._session.testscollected or len(self._done)
        failed = f", {len(self._failed)} failed" if self._failed else ""
        seconds = time.monotonic() - self._start
        line = f"{len(self._done)} of {total} tests{failed}, {seconds:.0f} s"
        if terminal.isatty:
            terminal.rewrite(line, erase=True)
        elif (tenths := 10 * len(self._done) // total) > self._tenths:
            self._tenths = tenths
            terminal.write_line(line)


def pytest_configure(config: pytest.Config) -> None:
    """Show progress, in the process that has the screen."""
    if not config.get_verbosity() and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Progress(config), "progress")
