"""Every Python block of every page runs, on both targets, in page order and alone."""

from tests.pages.suite import Snippets
from tests.subject.project import SUBJECT


class TestSnippets(Snippets):
    """Those of this project."""

    subject = SUBJECT
