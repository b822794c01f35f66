"""Runs a page's blocks through pytest-examples, inside the process that stands for the page."""

import os
import sys
import traceback
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from pytest_examples import CodeExample, EvalExample


def example(page: str, text: str, fence_line: int) -> CodeExample:
    """A block as pytest-examples knows it; its own finder is not asked."""
    return CodeExample.create(text, path=Path(page), start_line=fence_line)


def evaluation(directory: Path) -> EvalExample:
    """pytest-examples with the pages' style, updating so that it says what it would print."""
    request = SimpleNamespace(
        config=SimpleNamespace(getoption=lambda name: True), node=SimpleNamespace(nodeid="page")
    )
    found = EvalExample(tmp_path=directory, pytest_request=cast(pytest.FixtureRequest, request))
    found.set_config(
        line_length=88,
        target_version=cast(Any, "py311"),
        isort=True,
        ruff_select=["F", "B", "UP"],
        ruff_ignore=["RUF"],
    )
    return found


def run(page: str, text: str, fence_line: int, directory: str) -> dict[str, Any]:
    """Run a block and return its source with the lines that it really prints.

    A failure comes back as `error`, its place on the page as `line`.
    """
    block = example(page, text, fence_line)
    environment, cwd, path = dict(os.environ), Path.cwd(), list(sys.path)
    try:
        evaluation(Path(directory)).run_print_update(block, rewrite_assertions=False)
    except BaseException as error:
        return {"error": describe(error), "line": place(error, page, fence_line)}
    finally:
        # A block may set what it likes; the next one starts as a reader would.
        os.environ.clear()
        os.environ.update(environment)
        os.chdir(cwd)
        sys.path[:] = path
    return {"source": block.source}


def describe(error: BaseException) -> str:
    """The last lines of a traceback."""
    return "".join(traceback.format_exception_only(error)).strip()


def place(error: BaseException, page: str, fence_line: int) -> int:
    """The line of the page where an error arose."""
    if isinstance(error, SyntaxError) and error.lineno:
        return fence_line + error.lineno
    line, step = fence_line, error.__traceback__
    while step is not None:
        if step.tb_frame.f_code.co_filename == page:
            line = step.tb_lineno
        step = step.tb_next
    return line
