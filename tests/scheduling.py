"""Which tests one worker of a parallel run gets together, since they share what is slow to start.

The `xdist_group` mark of pytest-xdist 3.8 has no effect with pytest 9.2, and no one is told
(pytest-xdist issue 1386). A scheduler of our own is told by the names of the tests.
"""

import re

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

TARGET = r"(?:(?:reference|release)-)?"
TOGETHER = [
    # One browser and one built site.
    re.compile(r"(tests/docs)/test_(?:site\.py|using\.py|player\.py|shown\.py::test_page_)"),
    # The site as it is deployed.
    re.compile(r"(tests/docs/test_conventions\.py)::"),
    # One engine that draws.
    re.compile(r"(tests/docs)/test_(?:mermaid|drawings)\.py::"),
    # One process for each page and target.
    re.compile(r"(tests/\w+/\w+\.py::\w+::test_block_in_page_order)\[(?:\w+-)?(.+\.md):"),
    # One process that collects what is chosen.
    re.compile(r"(tests/agent/test_selection\.py)::"),
    # Both targets, each in a process that lives on.
    re.compile(r"(tests/differences/test_run\.py)::"),
    # One environment with the installed package.
    re.compile(r"(tests/contract/test_package\.py)::"),
    # The processes of the store that nothing is wrong with.
    re.compile(r"(tests/contract/test_zoo\.py::test_the_working_store_is_not_caught)\["),
    # One run of mypy.
    re.compile(r"(tests/contract/test_recipes\.py::test_recipe_is_typed_and_formatted)\["),
    # One server for each recipe.
    re.compile(
        rf"(tests/contract)/test_(?:recipes|production|network|postgres|s3|nats|moving)\.py::\w+\[{TARGET}([^-\]]+)"
    ),
]


def group(test: str) -> str:
    """The group of a test with this id; the id itself when it runs with no other."""
    for pattern in TOGETHER:
        if match := pattern.match(test):
            return " ".join(match.groups())
    return test


class Scheduling(LoadScopeScheduling):
    """Gives every group of tests to one worker, the large groups first."""

    def _split_scope(self, nodeid: str) -> str:
        return group(nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Scheduling:
    """Let pytest-xdist schedule by these groups."""
    return Scheduling(config, log)
