"""The servers of the recipes, started once for all tests of a worker that use them."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from tests.faults.links import Link, linked
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


@pytest.fixture(scope="session")
def links(
    tmp_path_factory: pytest.TempPathFactory, servers: Callable[[Recipe], dict[str, str]]
) -> Iterator[Callable[[Recipe], Link]]:
    """Puts a proxy before the server of a recipe when it is first asked for."""
    with ExitStack() as stack:
        made: dict[str, Link] = {}

        def link(recipe: Recipe) -> Link:
            if recipe.name not in made:
                place = tmp_path_factory.mktemp("network")
                made[recipe.name] = stack.enter_context(linked(recipe, servers(recipe), place))
            return made[recipe.name]

        yield link


@pytest.fixture
def link(recipe: Recipe, server: dict[str, str], links: Callable[[Recipe], Link]) -> Link:
    """Two clients of the recipe's store, one of them behind a proxy."""
    return links(recipe)
