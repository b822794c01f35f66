"""The pages of the bank, with the tests that every project has."""

from pathlib import Path

from executable_pages.testing.suite import PageSuite
from tests.bank.subject import subject


class TestPages(PageSuite):
    """Each page says what is so."""

    subject = subject(Path(__file__).parent)
