"""Accounts for every block of the bank's pages, and writes their output when asked."""

from pathlib import Path

import pytest

from executable_pages.testing.plugin import install
from tests.bank.subject import subject


def pytest_configure(config: pytest.Config) -> None:
    """Take the page tests in."""
    install(config, subject(Path(__file__).parent))
