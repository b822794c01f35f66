"""Options and fixtures that every test shares."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import progress
from tests.pages import cases, looks
from tests.pages.plugin import install
from tests.pages.sandbox import Sandbox
from tests.subject.model_server import ModelServer
from tests.subject.project import SUBJECT
from tests.subject.targets import Target, require


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--target` and `--page`."""
    parser.addoption(
        "--target",
        choices=[target.value for target in Target],
        help="run only the cases of one implementation (default: both)",
    )
    parser.addoption(
        "--page",
        metavar="NAME",
        help="run only the cases of one page, such as features/session-persistence",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Collect what the tests prove, and keep together what shares a server or a browser."""
    if config.pluginmanager.has_plugin("xdist"):
        from tests import scheduling

        config.pluginmanager.register(scheduling)
    progress.pytest_configure(config)
    install(config, SUBJECT)
    config.pluginmanager.register(cases.Table(), "cases")
    config.pluginmanager.register(looks.Looks(), "looks")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """With `--page`, import the tests of content alone; whole runs look at the built site."""
    if config.getoption("--page") is None or not collection_path.match("test_*.py"):
        return None
    return True if "SUBJECT" not in collection_path.read_text("utf-8") else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the cases of the target and of the pages that were not asked for."""
    target, page = config.getoption("--target"), config.getoption("--page")
    chosen = [
        item
        for item in items
        if (target is None or _target(item) in (None, target))
        and (page is None or _is_about(item, page))
    ]
    if page is not None and not chosen:
        raise pytest.UsageError(f"--page {page}: no test is about a page of this name")
    if len(chosen) < len(items):
        config.hook.pytest_deselected(items=[item for item in items if item not in chosen])
        items[:] = chosen


def _target(item: pytest.Item) -> str | None:
    callspec = getattr(item, "callspec", None)
    found = callspec.params.get("target") if callspec else None
    return None if found is None else str(found)


def _is_about(item: pytest.Item, page: str) -> bool:
    """Whether the test's id names the page."""
    if getattr(getattr(item, "cls", None), "subject", SUBJECT) is not SUBJECT:
        return False
    name = re.escape(page.removeprefix("docs/").removesuffix(".md"))
    return re.search(rf"\[(?:\w+-)?{name}(?:\.md)?(?::\d+)?[\]-]", item.nodeid) is not None


@pytest.fixture(params=list(Target), ids=str)
def target(request: pytest.FixtureRequest) -> Target:
    """Each implementation in turn."""
    return require(request.param)


@pytest.fixture(scope="session")
def model_server() -> Iterator[ModelServer]:
    """A running model server, shared by the tests of a worker."""
    with ModelServer() as server:
        yield server


@pytest.fixture
def sandbox(tmp_path: Path) -> Sandbox:
    """A home and a working directory of the test's own."""
    return Sandbox(tmp_path / "sandbox")
