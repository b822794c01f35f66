"""Every Python block of every page runs, on both targets, in page order and alone."""

from executable_pages.testing.suite import Snippets
from tests.subject.project import SUBJECT


class TestSnippets(Snippets):
    """Those of this project."""

    subject = SUBJECT
