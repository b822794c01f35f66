"""What `--target` and `--page` choose.

`--target NAME` leaves out the cases of the other implementation. In `tests/docs` it leaves out
more, since whoever writes pages wants to know in seconds whether they hold: there **a test runs
when it is marked `pages`**, as every test of `PageSuite` is. What is not marked tests
page testing itself, or the site as it is built and as a browser shows it. `--page NAME` leaves out
what is not about that page too. In a file that is named on the command line, marks do not count.

A module without such a test is not even imported, which takes longer than most pages. A run says
at its end what it left out.

With either, tests of `tests/docs` run on two workers more than the machine has cores, as
`tests/workers.py` has them, and with their files in memory where the system has a place for that,
unless `-n` or another option says otherwise.
"""

import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from shutil import disk_usage
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from executable_pages.testing import snippets
from executable_pages.testing.sandbox import Sandbox
from executable_pages.testing.scanner import ROOT, PageError, choose, scan
from tests import workers
from tests.subject.project import SUBJECT
from tests.subject.targets import Target

DOCS = ROOT / "tests" / "docs"
# Here a flush takes no time, and SQLite flushes each message of a page's store.
MEMORY = Path("/dev/shm")
ROOM = 500_000_000
# What takes longest begins, so that nobody has to wait for it at the end: tests by what they use.
LONGEST = ("shell", "tutorial", "page_run", "diagram", "table", "json")
# What needs the run in one process.
ALONE = ("update_examples", "collectonly", "usepdb", "trace")
LEFT_OUT = "left_out"
WORKERS = "workers"
STATISTICS = "--hypothesis-show-statistics"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options."""
    parser.addoption(
        "--target",
        choices=[target.value for target in Target],
        help="run only the cases of one implementation (default: both); of tests/docs only those "
        "that hold pages against it",
    )
    parser.addoption(
        "--page",
        metavar="NAME",
        help="run only the tests of one page, such as features/session-persistence",
    )


class Selection:
    """Leaves out what was not asked for, and says so."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._target = config.getoption("--target")
        self._page = config.getoption("--page")
        self._modules: set[Path] = set()
        self._tests = 0
        self._heard: list[int] | None = None
        if self._page is not None:
            choose(_paths(self._page))

    def pytest_sessionstart(self, session: pytest.Session) -> None:
        """Start what programs of pages need while tests are collected: half of a page's time."""
        has_programs = self._page is None or any(map(_has_snippets, _paths(self._page)))
        if self._config.pluginmanager.has_plugin(WORKERS) and has_programs:
            with TemporaryDirectory() as directory:
                snippets.warm(SUBJECT.targets[0], Sandbox(Path(directory)))

    @property
    def _is_for_writers(self) -> bool:
        return self._target is not None or self._page is not None

    def pytest_ignore_collect(self, collection_path: Path) -> bool | None:
        """Leave out the modules that have no test of pages."""
        is_module = collection_path.match("test_*.py") and DOCS in collection_path.parents
        if not self._is_for_writers or not is_module or has_pages(collection_path):
            return None
        self._modules.add(collection_path)
        return True

    def pytest_collection_modifyitems(
        self, session: pytest.Session, items: list[pytest.Item]
    ) -> None:
        """Leave out the tests that are not about the pages or the target."""
        if self._is_for_writers:
            items.sort(key=_place)
        chosen = [item for item in items if self._chooses(session, item)]
        if self._page is not None and not chosen:
            raise pytest.UsageError(f"--page {self._page}: no test is about a page of this name")
        if len(chosen) == len(items):
            return
        kept = set(chosen)
        out = [item for item in items if item not in kept]
        self._tests = sum(not self._is_of_another_case(item) for item in out)
        self._config.hook.pytest_deselected(items=out)
        items[:] = chosen

    def _chooses(self, session: pytest.Session, item: pytest.Item) -> bool:
        if self._is_of_another_case(item):
            return False
        is_named = session.isinitpath(item.path) or DOCS not in item.path.parents
        return is_named or not self._is_for_writers or item.get_closest_marker("pages") is not None

    def _is_of_another_case(self, item: pytest.Item) -> bool:
        target = parameters(item).get("target")
        if self._target is not None and target is not None and str(target) != self._target:
            return True
        return self._page is not None and not is_about(item, self._page)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Tell the process that has the screen how many tests a worker left out."""
        hypothesis = self._config.pluginmanager.get_plugin("hypothesispytest")
        is_asked = self._config.getoption(STATISTICS, default=False)
        if hypothesis is not None and not (session.testsfailed or is_asked):
            # Half a second: it imports all of Hypothesis to say that there is nothing to say.
            self._config.pluginmanager.unregister(hypothesis)
        if hasattr(self._config, "workeroutput"):
            self._config.workeroutput[LEFT_OUT] = [self._tests, len(self._modules)]

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Hear it: each worker has left out the same."""
        self._heard = getattr(node, "workeroutput", {}).get(LEFT_OUT)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say what was left out, and how to run it."""
        tests, modules = self._heard or (self._tests, len(self._modules))
        if tests or modules:
            terminalreporter.write_line(
                f"left out, since they test page testing itself or the built site: {modules} "
                f"modules, and {tests} tests of others; `pytest tests/docs` runs them"
            )


def _has_snippets(page: Path) -> bool:
    try:
        kinds = map(SUBJECT.kind_of, scan(page).blocks) if page.is_file() else ()
        return "snippet" in kinds
    except PageError:
        # A test of its own says so.
        return False


@cache
def has_pages(module: Path) -> bool:
    """Whether a module has tests of pages: a suite of them, or one that is marked."""
    text = module.read_text("utf-8")
    return "mark.pages" in text or "executable_pages.testing.suite" in text


def parameters(item: pytest.Item) -> dict[str, Any]:
    """The parameters of a test."""
    callspec = getattr(item, "callspec", None)
    return dict(callspec.params) if callspec else {}


def is_about(item: pytest.Item, page: str) -> bool:
    """Whether one of a test's parameters is the page, or stands on it."""
    if getattr(getattr(item, "cls", None), "subject", SUBJECT) is not SUBJECT:
        return False
    return not _paths(page).isdisjoint(_places(item))


def _place(item: pytest.Item) -> int:
    used = getattr(item, "fixturenames", ())
    return next((place for place, name in enumerate(LONGEST) if name in used), len(LONGEST))


def _paths(page: str) -> set[Path]:
    name = page.removeprefix("docs/").removesuffix(".md") + ".md"
    return {SUBJECT.site / name, SUBJECT.root / name}


def _places(item: pytest.Item) -> Iterator[Path]:
    for value in parameters(item).values():
        for place in (value, getattr(value, "page", None), getattr(value, "path", None)):
            if isinstance(place, Path):
                yield place


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    """Choose workers and a place for files, for pages on one target or for one page."""
    # A worker of pytest-xdist is started with the same arguments.
    if hasattr(config, "workerinput"):
        return
    option = config.option
    paths = [config.invocation_params.dir / arg for arg in config.args]
    is_docs = all(path.is_dir() and DOCS in (path, *path.parents) for path in paths)
    is_free = getattr(option, "numprocesses", 0) is None and option.dist == "no"
    if not (is_docs and is_free and (option.target or option.page)):
        return
    if (
        workers.IS_POSSIBLE
        and option.capture != "no"
        and not any(getattr(option, o) for o in ALONE)
    ):
        # Two more than there are cores, since a command waits for others most of its time.
        count = (os.cpu_count() or 1) + 2
        config.pluginmanager.register(workers.Workers(count), WORKERS)
    if option.basetemp is None and MEMORY.is_dir() and disk_usage(MEMORY).free > ROOM:
        directory = TemporaryDirectory(prefix="pages-", dir=MEMORY)
        config.add_cleanup(directory.cleanup)
        option.basetemp = str(Path(directory.name, "tests"))
