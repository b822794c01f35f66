"""The kinds of blocks on these pages."""

from executable_pages.testing import kinds
from executable_pages.testing.kinds import Kind

OWN_PROJECT = "docs/verification/take-this-into-your-own-project.md"
CONTAINERS = "docs/features/containers.md"
_RECIPES = ("docs/recipes/",)
KINDS = {
    "snippet": kinds.KINDS["snippet"],
    "recipe": Kind(("python",), _RECIPES, by="tests/contract/test_recipes.py"),
    # The reference has no gateway and no Telegram bot.
    "released": Kind(
        ("python",),
        ("docs/features/gateway-and-bots.md",),
        on_each=False,
        target="release",
        by="tests/agent/test_bots_of_the_release.py",
    ),
    "difference": Kind(
        ("python",), ("docs/verification/known-differences.md",), by="tests/differences"
    ),
    "diagram": kinds.KINDS["diagram"],
    "json": kinds.KINDS["json"],
    "tree": kinds.KINDS["tree"],
    "typed": Kind(("python", "bash", "console"), ("docs/start/",), by="tests/docs/test_typed.py"),
    "shell": kinds.KINDS["shell"],
    "file": Kind(
        ("python", "markdown"), (OWN_PROJECT,), on_each=False, by="tests/docs/test_own_project.py"
    ),
    "container": Kind(
        ("dockerfile", "yaml"), (CONTAINERS,), on_each=False, by="tests/docs/test_containers.py"
    ),
    "markup": kinds.KINDS["markup"],
}


def is_recipe(page: str) -> bool:
    """Whether a page of this name is a recipe."""
    return page.startswith(_RECIPES)
