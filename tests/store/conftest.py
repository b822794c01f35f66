"""Fixtures that the tests of the store share."""

import os
from pathlib import Path

import pytest

from reference_impl import DefaultSessionStore


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of the test's own, where turns wait whose write failed."""
    monkeypatch.setenv("PRAISONAI_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def store(tmp_path: Path) -> DefaultSessionStore:
    """A store on a directory of its own."""
    return DefaultSessionStore(tmp_path / "sessions")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave out what mutmut cannot name.

    It runs pytest several times in one process, and pytest escapes a backslash in an id anew each
    time. An id that is not found then counts as a test that fails.
    """
    if "MUTMUT" in os.environ:
        items[:] = [each for each in items if "\\" not in each.nodeid]
