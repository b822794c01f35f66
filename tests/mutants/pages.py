"""Tells lies to the pages, one at a time, and asks the check of each block what it says."""

import dataclasses
import multiprocessing
import os
import re
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import ExitStack
from functools import cache
from multiprocessing.util import Finalize
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from executable_pages.testing.diagrams import parse
from executable_pages.testing.json_text import read_json
from executable_pages.testing.links import check_link
from executable_pages.testing.sandbox import Sandbox
from executable_pages.testing.scanner import Block, Page, name, scan
from executable_pages.testing.snippets import PageRun, check_output, compare, run_alone, run_script
from executable_pages.testing.tables import check_table
from tests.differences.entries import entries
from tests.mutants import layouts, retold
from tests.mutants.lies import Lie, all_lies
from tests.mutants.reasons import reason_for
from tests.mutants.told import Verdict, killed_in
from tests.subject.diagrams import perform
from tests.subject.model_server import ModelServer
from tests.subject.project import SUBJECT
from tests.subject.recipes import RECIPES, Recipe
from tests.subject.session_file import check_session_file
from tests.subject.targets import Target

REFERENCE = Target.REFERENCE
_open = ExitStack()
# A worker of a pool ends without `atexit`; its servers would live on.
Finalize(None, _open.close, exitpriority=10)


def run(only: str = "", every: int = 1) -> list[Verdict]:
    """Tell every lie, or each n-th of those whose kind or place contains `only`."""
    lies = [lie for lie in all_lies() if only in lie.kind or only in lie.where][::every]
    # Lies to one page stay together, so that a process runs that page once.
    context = multiprocessing.get_context("spawn")
    found: dict[int, Verdict] = {}
    with ProcessPoolExecutor(2, mp_context=context) as pool:
        tasks = {pool.submit(tell, lie): number for number, lie in enumerate(lies)}
        for task in as_completed(tasks):
            found[tasks[task]] = task.result()
    return [found[number] for number in sorted(found)]


def tell(lie: Lie) -> Verdict:
    """Tell one lie, and once more where a process that was to judge it was killed."""
    verdict = _tell(lie)
    if verdict.unjudged:
        # The page's process is gone, and what later blocks need with it.
        _run.cache_clear()
        verdict = _tell(lie)
    return verdict


def _tell(lie: Lie) -> Verdict:
    started = time.monotonic()
    by = ""
    with TemporaryDirectory(prefix="lie-") as directory:
        try:
            _check(lie, Sandbox(Path(directory), _model()))
        except Exception as error:
            by = str(error) or type(error).__name__
    by = (by.strip().splitlines() or [""])[0]
    page = lie.where.partition(":")[0]
    reason, unjudged = "", ""
    if signal := killed_in(by):
        by, unjudged = "", f"what was to check it was ended by {signal}"
    if by and not re.match(rf"{re.escape(page)}:\d+", by):
        by, reason = "", f"it fails without naming the page: {by}"
    if not (by or unjudged):
        reason = reason_for(lie.where, lie.text) or reason
    seconds = round(time.monotonic() - started, 3)
    return Verdict(lie.kind, lie.where, lie.text, by, seconds, reason, unjudged)


def _check(lie: Lie, sandbox: Sandbox) -> None:
    CHECKS[lie.kind](lie.thing, sandbox)


@cache
def _model() -> dict[str, str]:
    return _open.enter_context(ModelServer()).environment


@cache
def _page(path: Path) -> Page:
    return scan(path)


def _diagram(block: Block, sandbox: Sandbox) -> None:
    factory, extra = "", None
    if recipe := next((each for each in RECIPES if each.path == block.page), None):
        factory = f"{recipe.write(sandbox.work)}:open_store"
        extra = _beside(recipe, sandbox)
    diagram = parse(block.text, name(block.page), block.line)
    perform(
        diagram,
        REFERENCE,
        "instances",
        sandbox,
        factory=factory,
        extra=extra,
    )


def _beside(recipe: Recipe, sandbox: Sandbox) -> dict[str, str]:
    """The environment in which a program finds a recipe's store and its server."""
    path = sandbox.environment(REFERENCE)["PYTHONPATH"]
    return _server(recipe.name) | {"PYTHONPATH": f"{sandbox.work}{os.pathsep}{path}"}


@cache
def _server(recipe: str) -> dict[str, str]:
    return _open.enter_context(next(each for each in RECIPES if each.name == recipe).server())


@cache
def _run(path: Path) -> PageRun:
    directory = _open.enter_context(TemporaryDirectory(prefix="page-"))
    blocks = [block for block in SUBJECT.blocks("snippet") if block.page == path]
    found = PageRun(blocks, REFERENCE, Sandbox(Path(directory), _model()))
    _open.callback(found.close)
    return found


def _output(block: Block, sandbox: Sandbox) -> None:
    if recipe := next((each for each in RECIPES if each.path == block.page), None):
        recipe.write(sandbox.work)
        check_output(block, run_script(block, REFERENCE, sandbox, _beside(recipe, sandbox)))
        return
    # What a block prints does not depend on what it says that it prints.
    true = next(each for each in _page(block.page).blocks if each.line == block.line)
    compare(block, _run(block.page).result(true), REFERENCE)


def _alone(block: Block, sandbox: Sandbox) -> None:
    run_alone(SUBJECT.beside_it(block), block, REFERENCE, sandbox)


def _difference(block: Block, sandbox: Sandbox) -> None:
    entry = next(each for each in entries() if each.block.line == block.line)
    dataclasses.replace(entry, block=block).run(REFERENCE, sandbox)


def _assertion(block: Block, sandbox: Sandbox) -> None:
    is_difference = name(block.page).endswith("known-differences.md")
    (_difference if is_difference else _alone)(block, sandbox)


def _json(block: Block, sandbox: Sandbox) -> None:
    check_session_file(read_json(block), REFERENCE, sandbox)


def _table(table: Any, sandbox: Sandbox) -> None:
    check_table(table, SUBJECT.tables, REFERENCE, sandbox)


def _text(thing: retold.Retold | Block, sandbox: Sandbox) -> None:
    if isinstance(thing, Block):
        (_diagram if thing.language == "mermaid" else _output)(thing, sandbox)
    else:
        retold.check(thing, sandbox)


def _link(link: Any, sandbox: Sandbox) -> None:
    check_link(link, SUBJECT.site)


CHECKS: dict[str, Callable[[Any, Sandbox], None]] = {
    "arrow deleted": _diagram,
    "arrow swapped": _diagram,
    "arrow renamed": _diagram,
    "reply changed": _diagram,
    "output": _output,
    "assertion": _assertion,
    "method in a snippet": _alone,
    "method in a difference": _difference,
    "JSON key": _json,
    "table cell": _table,
    "link": _link,
} | dict.fromkeys(layouts.KINDS, _text)
