"""The pages of the bank, with the tests that every project has."""

from pathlib import Path

from tests.bank.subject import subject
from tests.pages.suite import PageSuite


class TestPages(PageSuite):
    """Each page says what is so."""

    subject = subject(Path(__file__).parent)
