"""The servers of the recipes, started once for all tests of a worker that use them."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from tests.subject.recipes import Recipe


@pytest.fixture(scope="session")
def servers() -> Iterator[Callable[[Recipe], dict[str, str]]]:
    """Starts the server of a recipe when it is first asked for; all end together."""
    with ExitStack() as stack:
        started: dict[str, dict[str, str]] = {}

        def environment(recipe: Recipe) -> dict[str, str]:
            if recipe.name not in started:
                started[recipe.name] = stack.enter_context(recipe.server())
            return started[recipe.name]

        yield environment


@pytest.fixture
def server(
    request: pytest.FixtureRequest, servers: Callable[[Recipe], dict[str, str]]
) -> dict[str, str]:
    """A running server of a recipe, as the environment of its clients."""
    return servers(request.param)
