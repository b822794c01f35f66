"""The block on a recipe's page is the store that is proven, against a real server."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.pages.diagrams import MODES, parse
from tests.pages.evidence import claim
from tests.pages.sandbox import Sandbox
from tests.pages.scanner import Block, name, scan
from tests.pages.shell import compare
from tests.pages.snippets import lint
from tests.subject.contract_run import claim_clauses, failures, run_contract
from tests.subject.diagrams import perform
from tests.subject.model_server import ModelServer
from tests.subject.recipes import RECIPES, Recipe
from tests.subject.targets import ROOT, Target


def on(recipes: Iterable[Recipe]) -> pytest.MarkDecorator:
    """Run a test for recipes, each with its server."""
    return pytest.mark.parametrize(
        ("recipe", "server"),
        [pytest.param(each, each, id=each.name) for each in recipes],
        indirect=["server"],
    )


# The contract is run on an imitation too; what uses the store once is run on the real server.
REAL = [recipe for recipe in RECIPES if "moto" not in recipe.name]
THROUGH_BOT = """
import asyncio, json
from praisonai_bot.bots import BotSessionManager
from praisonaiagents import Agent
from {module} import open_store

agent = Agent(name="Assistant", instructions="Answer in one sentence.")
first = BotSessionManager(store=open_store(), platform="telegram")
asyncio.run(first.chat(agent, "{user}", "My name is Alice."))
second = BotSessionManager(store=open_store(), platform="telegram")
print(asyncio.run(second.chat(agent, "{user}", "What is my name?")))
history = open_store().get_chat_history("bot_telegram_{user}")
print(json.dumps([message["role"] for message in history]))
"""


@pytest.fixture(scope="module")
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


@on(RECIPES)
def test_recipe_keeps_every_guarantee(
    recipe: Recipe, server: dict[str, str], tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Every clause of the contract that the store offers passes on a real server."""
    block, proof = recipe.block, recipe.proof
    claim(
        request.node,
        kind="shell",
        where=proof.block.where,
        digest=proof.block.digest,
        target="reference",
    )
    assert proof.words[:-1] == ["pytest", "--pyargs", "reference_impl.contract", "--session-store"]
    recipe.write(tmp_path)
    report = run_contract(recipe.store, tmp_path, server)
    claim_clauses(
        request.node,
        report,
        store=recipe.name,
        where=block.where,
        digest=block.digest,
        target="reference",
    )
    assert not failures(report), report["output"][-6000:]
    compare(proof, report["output"])
    passed = [each for each in report["clauses"] if each["verdict"] == "passed"]
    assert len(passed) >= 40


@on(REAL)
def test_recipe_works_through_a_bot(
    recipe: Recipe,
    server: dict[str, str],
    target: Target,
    sandbox: Sandbox,
    model_server: ModelServer,
    request: pytest.FixtureRequest,
) -> None:
    """A bot manager with the store remembers a user after a restart, on both targets."""
    block = recipe.block
    claim(
        request.node,
        kind="recipe",
        where=block.where,
        digest=block.digest,
        target=str(target),
        store=recipe.name,
    )
    module = recipe.write(sandbox.work)
    code = THROUGH_BOT.format(module=module, user=f"user-{target}")
    path = sandbox.environment(target)["PYTHONPATH"]
    extra = server | {"PYTHONPATH": f"{sandbox.work}{os.pathsep}{path}"}
    out = sandbox.python(code, target, model_url=model_server.url, extra=extra)
    reply, roles = out.strip().splitlines()
    assert reply == "Your name is Alice."
    assert roles == '["user", "assistant", "user", "assistant"]'


@pytest.mark.parametrize("page", sorted({recipe.page for recipe in RECIPES}))
def test_recipe_is_typed_and_formatted(page: str, tmp_path: Path) -> None:
    """The block passes ruff, black and mypy in strict mode."""
    recipe = next(each for each in RECIPES if each.page == page)
    lint(recipe.block, tmp_path)
    module = recipe.write(tmp_path)
    command = [sys.executable, "-m", "mypy", "--strict", "--ignore-missing-imports"]
    options = ["--config-file=", f"--cache-dir={ROOT / '.mypy_cache' / 'recipes'}"]
    done = subprocess.run(
        [*command, *options, f"{module}.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_agent_takes_no_store(target: Target, sandbox: Sandbox) -> None:
    """An agent has no parameter for a store, as the page about choosing one says."""
    code = """
import inspect
from praisonaiagents import Agent
print(*inspect.signature(Agent).parameters)
"""
    names = sandbox.python(code, target).split()
    assert "memory" in names
    assert not [name for name in names if "store" in name]


DIAGRAMS = [
    (recipe, block)
    for recipe in REAL
    for block in scan(recipe.path).blocks
    if block.language == "mermaid"
]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("recipe", "server", "block"),
    [pytest.param(each, each, block, id=each.name) for each, block in DIAGRAMS],
    indirect=["server"],
)
def test_diagram_of_a_recipe(
    recipe: Recipe,
    server: dict[str, str],
    block: Block,
    mode: str,
    target: Target,
    sandbox: Sandbox,
    request: pytest.FixtureRequest,
) -> None:
    """A recipe's diagram is performed by the recipe's store on its server."""
    claim(
        request.node,
        kind="diagram",
        where=block.where,
        digest=block.digest,
        target=str(target),
        mode=mode,
    )
    module = recipe.write(sandbox.work)
    path = sandbox.environment(target)["PYTHONPATH"]
    extra = server | {"PYTHONPATH": f"{sandbox.work}{os.pathsep}{path}"}
    # The server has been used; a diagram begins with nothing.
    forget = f"from {module} import open_store; open_store().delete_session('chat')"
    sandbox.python(forget, target, extra=extra)
    diagram = parse(block.text, name(block.page), block.line)
    perform(diagram, target, mode, sandbox, factory=f"{module}:open_store", extra=extra)
