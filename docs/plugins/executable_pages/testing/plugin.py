"""What a test run of a project's pages does beside its tests: evidence, census and updates."""

from contextlib import ExitStack

import pytest

from executable_pages.testing import forks, update
from executable_pages.testing.census import Census
from executable_pages.testing.claimed import Claimed
from executable_pages.testing.evidence import Collector
from executable_pages.testing.subject import Subject


def install(config: pytest.Config, subject: Subject) -> None:
    """Let a run collect evidence, account for every block and write output where that is asked.

    A project calls it in `pytest_configure`; of several projects in one run, the first counts.
    """
    if config.pluginmanager.has_plugin("evidence"):
        return
    if config.getoption("--update-examples") and config.getoption("numprocesses", None):
        raise pytest.UsageError("--update-examples writes pages: run it with -n 0")
    config.addinivalue_line("markers", "proves(promise): the test proves this promise of a page")
    config.addinivalue_line("markers", "pages: the test holds pages against what they speak of")
    if not hasattr(config, "workerinput"):
        # Each server imports for half a second, and four workers would have four of each.
        servers = ExitStack()
        servers.enter_context(forks.shared())
        config.add_cleanup(servers.close)
    collector = Collector(subject.root, subject.packages)
    config.pluginmanager.register(collector, "evidence")
    census = Census(config, collector, subject)
    config.pluginmanager.register(census, "census")
    if subject.claims is not None:
        config.pluginmanager.register(Claimed(config, census, subject.claims), "claimed")
    config.pluginmanager.register(_Updates(), "updates")


class _Updates:
    """Writes the output of blocks back when `--update-examples` asks for it."""

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Write each page that can be written, and name the others."""
        changed, left = update.write(session.config)
        for where in changed:
            print(f"\nupdated {where}", end="")
        for why in left:
            print(f"\nnot updated: {why}", end="")
        if left:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
