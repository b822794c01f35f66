"""Every sequence diagram on every page is performed, in one process and in several."""

from executable_pages.testing.suite import Diagrams
from tests.subject.project import SUBJECT


class TestDiagrams(Diagrams):
    """Those of this project, but for those of recipes: tests/contract/test_recipes.py."""

    subject = SUBJECT
