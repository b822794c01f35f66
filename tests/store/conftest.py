"""Fixtures that the tests of the store share."""

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
