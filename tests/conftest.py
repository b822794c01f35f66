"""Options and fixtures that every test shares."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from executable_pages.testing import cases, looks
from executable_pages.testing.plugin import install
from executable_pages.testing.sandbox import Sandbox
from tests import progress, selection
from tests.subject.model_server import ModelServer
from tests.subject.project import SUBJECT
from tests.subject.targets import Target, require

pytest_addoption = selection.pytest_addoption
pytest_cmdline_main = selection.pytest_cmdline_main


def pytest_configure(config: pytest.Config) -> None:
    """Collect what the tests prove, and keep together what shares a server or a browser."""
    if config.pluginmanager.has_plugin("xdist"):
        from tests import scheduling

        config.pluginmanager.register(scheduling)
    progress.pytest_configure(config)
    config.pluginmanager.register(selection.Selection(config), "selection")
    install(config, SUBJECT)
    config.pluginmanager.register(cases.Table(), "cases")
    config.pluginmanager.register(looks.Looks(), "looks")


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
