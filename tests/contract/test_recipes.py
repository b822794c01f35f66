"""The block on a recipe's page is the store that is proven, against a real server."""

import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

from executable_pages.recording import DETAIL, Run
from executable_pages.testing.diagrams import MODES, parse, recording_of
from executable_pages.testing.evidence import claim
from executable_pages.testing.sandbox import Sandbox
from executable_pages.testing.scanner import Block, name, scan
from executable_pages.testing.snippets import lint
from tests.subject.clause_processes import imports
from tests.subject.contract_run import claim_clauses, failures, run_contract
from tests.subject.diagrams import check, perform
from tests.subject.model_server import ModelServer
from tests.subject.recipes import IMITATED, RECIPES, Recipe
from tests.subject.targets import ROOT, Target


def on(recipes: Iterable[Recipe]) -> pytest.MarkDecorator:
    """Run a test for recipes, each with its server."""
    return pytest.mark.parametrize(
        ("recipe", "server"),
        [pytest.param(each, each, id=each.name) for each in recipes],
        indirect=["server"],
    )


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
    assert proof.words[:4] == ["pytest", "--pyargs", "reference_impl.contract", "--session-store"]
    recipe.write(tmp_path)
    ahead = imports(block.text)
    report = run_contract(recipe.store, tmp_path, server, *recipe.options, ahead=ahead)
    claim_clauses(
        request.node,
        report,
        store=recipe.name,
        where=block.where,
        digest=block.digest,
        target="reference",
    )
    assert not failures(report), report["output"][-6000:]
    proof.compare(report["output"])
    passed = [each for each in report["clauses"] if each["verdict"] == "passed"]
    assert len(passed) >= 40


@on([IMITATED])
def test_late_write_may_find_nothing(
    recipe: Recipe, server: dict[str, str], tmp_path: Path
) -> None:
    """A write that comes after a delete is right where the server answers 404, as S3 does."""
    recipe.write(tmp_path)
    chosen = ("-k", "stale_client or against_append")
    ahead = imports(recipe.block.text)
    report = run_contract(recipe.store, tmp_path, server, *chosen, ahead=ahead)
    assert not failures(report), report["output"][-6000:]
    assert sum(each["verdict"] == "passed" for each in report["clauses"]) >= 2


@on(RECIPES)
def test_recipe_works_through_a_bot(
    recipe: Recipe,
    server: dict[str, str],
    target: Target,
    sandbox: Sandbox,
    model_server: ModelServer,
    request: pytest.FixtureRequest,
) -> None:
    """The page's use of its store prints what it shows, and a new process remembers the user."""
    for block in (recipe.block, recipe.use):
        claim(
            request.node,
            kind="recipe",
            where=block.where,
            digest=block.digest,
            target=str(target),
            store=recipe.name,
        )
    recipe.write(sandbox.work)
    path = sandbox.environment(target)["PYTHONPATH"]
    extra = server | {"PYTHONPATH": f"{sandbox.work}{os.pathsep}{path}"}
    shown = [line[3:] for line in recipe.use.text.splitlines() if line.startswith("#> ")]
    said = '"7", "My name is Alice."'
    assert said in recipe.use.text
    # The targets share the server, and each has a user of its own.
    told, asked = (
        recipe.use.text.replace(said, f'"{target}", "{text}"')
        for text in ("My name is Alice.", "What is my name?")
    )
    extra |= model_server.environment
    assert sandbox.python(told, target, extra=extra).splitlines() == shown
    reply = sandbox.python(asked, target, extra=extra)
    assert reply.splitlines() == ["Your name is Alice."]


PAGES = sorted({recipe.page for recipe in RECIPES})


def of_page(page: str) -> Recipe:
    """The recipe whose store a page shows, whatever servers it runs on."""
    return next(each for each in RECIPES if each.page == page)


@pytest.fixture(scope="module")
def complaints(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """What mypy says in strict mode, line by line, of all stores at once.

    They import much of the same, which it would read anew for each.
    """
    directory = tmp_path_factory.mktemp("typed")
    modules = [f"{of_page(page).write(directory)}.py" for page in PAGES]
    command = [sys.executable, "-m", "mypy", "--strict", "--ignore-missing-imports"]
    command += ["--config-file=", f"--cache-dir={ROOT / '.mypy_cache' / 'recipes'}"]
    done = subprocess.run(
        [*command, "--no-error-summary", *modules],
        cwd=directory,
        capture_output=True,
        text=True,
        check=False,
    )
    said = done.stdout.splitlines()
    # With 2 it gave up, and says nothing of the others.
    assert done.returncode == bool(said), done.stdout + done.stderr
    assert all(line.startswith(tuple(f"{each}:" for each in modules)) for line in said), said
    return said


@pytest.mark.parametrize("page", PAGES)
def test_recipe_is_typed_and_formatted(page: str, complaints: list[str], tmp_path: Path) -> None:
    """The block passes ruff, black and mypy in strict mode."""
    recipe = of_page(page)
    module = recipe.write(tmp_path)
    lint(recipe.block, tmp_path)
    lint(recipe.use, tmp_path)
    assert [line for line in complaints if line.startswith(f"{module}.py:")] == []


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
    for recipe in RECIPES
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
    details = claim(
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
    runs: list[Run] = []
    factory = f"{module}:open_store"
    perform(diagram, target, mode, sandbox, factory=factory, extra=extra, runs=runs)
    if target is Target.REFERENCE and mode == "processes":
        details[DETAIL] = recording_of(check(diagram), runs).text()
