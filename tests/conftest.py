"""Options and fixtures that every test shares."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import progress
from tests.pages import census, evidence, update
from tests.pages.sandbox import Sandbox
from tests.subject.model_server import ModelServer
from tests.subject.targets import Target, require


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--target`."""
    parser.addoption(
        "--target",
        choices=[target.value for target in Target],
        help="run only the cases of one implementation (default: both)",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Collect what the tests prove, and keep together what shares a server or a browser."""
    if config.pluginmanager.has_plugin("xdist"):
        from tests import scheduling

        config.pluginmanager.register(scheduling)
    progress.pytest_configure(config)
    collector = evidence.Collector()
    config.pluginmanager.register(collector, "evidence")
    config.pluginmanager.register(census.Census(config, collector), "census")
    if config.getoption("--update-examples") and config.getoption("numprocesses", None):
        raise pytest.UsageError("--update-examples writes pages: run it with -n 0")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write the output of blocks back when `--update-examples` asks for it."""
    for where in update.write(session.config):
        print(f"\nupdated {where}", end="")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the cases of the target that was not asked for."""
    wanted = config.getoption("--target")
    if wanted is None:
        return
    other = [item for item in items if _target(item) not in (None, Target(wanted))]
    if other:
        config.hook.pytest_deselected(items=other)
        items[:] = [item for item in items if item not in other]


def _target(item: pytest.Item) -> Target | None:
    callspec = getattr(item, "callspec", None)
    return callspec.params.get("target") if callspec else None


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
