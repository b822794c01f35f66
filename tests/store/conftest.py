"""Fixtures that the tests of the store share."""

from pathlib import Path

import pytest

from reference_impl import DefaultSessionStore


@pytest.fixture
def store(tmp_path: Path) -> DefaultSessionStore:
    """A store on a directory of its own."""
    return DefaultSessionStore(tmp_path / "sessions")
