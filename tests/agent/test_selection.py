"""What `--target` and `--page` choose, as pytest sees it."""

import json
import os
import subprocess
import sys
from itertools import pairwise
from typing import Any

import pytest

from executable_pages.testing.scanner import ROOT
from tests import selection, workers

# One process collects all of them, since most of the time goes into imports.
PROGRAM = """
import contextlib, io, json, sys
import pytest
from _pytest.config import _prepareconfig
from tests import selection

# What another run has imported cannot be rewritten again.
PLAIN = "--assert=plain"
WORKER = "worker"

class Recorder:
    def pytest_collection_finish(self, session):
        self.found = [item.nodeid for item in session.items]

def collect(args):
    recorder, out = Recorder(), io.StringIO()
    recorder.found = []
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        code = pytest.main([*args, "--collect-only", "-q", "-n", "0", PLAIN], plugins=[recorder])
    return {"code": code, "tests": recorder.found, "printed": out.getvalue()}

def workers(args):
    config = _prepareconfig([*args[args[0] == WORKER :], PLAIN])
    if args[0] == WORKER:
        config.workerinput = {}
    selection.pytest_cmdline_main(config)
    forks = config.pluginmanager.get_plugin("workers")
    is_in_memory = str(config.option.basetemp).startswith("/dev/shm/pages-")
    config._ensure_unconfigure()
    return [forks.count if forks else config.option.numprocesses, is_in_memory]

runs, starts = json.loads(sys.argv[1])
collected = [collect(args.split()) for args in runs]
print(json.dumps([collected, [workers(args.split()) for args in starts]]))
"""
RUNS = (
    "tests/docs --target reference",
    "tests/docs --page features/bot-sessions.md",
    "tests/docs --page start/first-agent --target release",
    "tests/docs --page recipes/nothing",
    "tests/docs/test_shell.py --target reference",
    "tests/agent/test_support.py --target release",
)
COUNT = (os.cpu_count() or 1) + 2 if workers.IS_POSSIBLE else None
IS_IN_MEMORY = selection.MEMORY.is_dir()
# How many workers each has, and whether its files are in memory.
STARTS = {
    "tests/docs --target reference": [COUNT, IS_IN_MEMORY],
    "tests/docs --target reference --page index": [COUNT, IS_IN_MEMORY],
    "tests/docs --page index": [COUNT, IS_IN_MEMORY],
    "tests/docs --target reference --update-examples": [None, IS_IN_MEMORY],
    "tests/docs --page index -s": [None, IS_IN_MEMORY],
    "tests/docs --target reference -n 0": [0, False],
    "tests/docs/test_shell.py --target reference": [None, False],
    "tests/agent --target reference": [None, False],
    "tests/docs": [None, False],
    # A worker that chose workers would be followed by theirs.
    "worker tests/docs --target reference": [None, False],
}
Start = list[int | None]
Run = dict[str, Any]


@pytest.fixture(scope="module")
def seen() -> tuple[dict[str, Run], dict[str, Start]]:
    """What each run collects, and the workers and the place of each start."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, json.dumps([RUNS, list(STARTS)])],
        cwd=ROOT,
        # A run that is a worker's child would take itself for a worker.
        env={name: text for name, text in os.environ.items() if "XDIST" not in name},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    runs, starts = json.loads(done.stdout)
    return dict(zip(RUNS, runs, strict=True)), dict(zip(STARTS, starts, strict=True))


Seen = tuple[dict[str, Run], dict[str, Start]]


def names(run: Run) -> set[str]:
    """The names of the tests that a run has."""
    return {test.partition("[")[0].rpartition("::")[2] for test in run["tests"]}


def test_target_chooses_what_holds_pages(seen: Seen) -> None:
    """Of tests/docs, the tests of pages run on that target, and the run says what it left out."""
    run = seen[0]["tests/docs --target reference"]
    assert names(run) >= {
        "test_block_alone",
        "test_block_in_page_order",
        "test_diagram",
        "test_links_resolve",
        "test_promise",
        "test_shell_block",
        "test_table",
        "test_tutorial",
    }
    assert not any("[release" in test for test in run["tests"])
    assert not names(run) & {"test_output_is_compared", "test_mistake_is_named", "test_no_faults"}
    assert "left out" in run["printed"]
    assert "`pytest tests/docs` runs them" in run["printed"]


def test_what_takes_longest_comes_first(seen: Seen) -> None:
    """Commands and tutorials of pages begin, so that nobody waits for one of them at the end."""
    tests = seen[0]["tests/docs --target reference"]["tests"]
    order = [
        f"test_{name}[" for name in ("shell_block", "tutorial", "block_in_page_order", "table")
    ]
    places = [[number for number, test in enumerate(tests) if name in test] for name in order]
    assert all(max(one) < min(other) for one, other in pairwise(places))


def test_page_chooses_what_stands_on_it(seen: Seen) -> None:
    """`--page` keeps all that stands on the page: blocks, links, promises, tables, tutorials."""
    run = seen[0]["tests/docs --page features/bot-sessions.md"]
    blocks = [test for test in run["tests"] if "[features/" in test or "-features/" in test]
    assert all("features/bot-sessions.md" in test for test in blocks)
    assert names(run) >= {"test_block_alone", "test_diagram", "test_links_resolve", "test_promise"}
    tutorial = seen[0]["tests/docs --page start/first-agent --target release"]["tests"]
    assert "tests/docs/test_typed.py::test_tutorial[release-first-agent]" in tutorial
    assert not any("[reference" in test or "two-terminals" in test for test in tutorial)


def test_page_that_is_not_there_is_an_error(seen: Seen) -> None:
    """A name that no page has is a mistake in the command."""
    run = seen[0]["tests/docs --page recipes/nothing"]
    assert run["code"] == pytest.ExitCode.USAGE_ERROR
    assert "--page recipes/nothing: no test is about a page of this name" in run["printed"]


def test_what_is_named_runs(seen: Seen) -> None:
    """In a named file, and outside tests/docs, the other target's cases alone are left out."""
    named = seen[0]["tests/docs/test_shell.py --target reference"]
    assert names(named) >= {"test_output_is_compared", "test_shell_block"}
    other = seen[0]["tests/agent/test_support.py --target release"]
    cases = [test.rpartition("[")[2] for test in other["tests"] if "shares_nothing" in test]
    assert cases == ["release]"]
    assert "test_a_worker_answers_calls" in names(other)


def test_workers_are_chosen_for_pages_alone(seen: Seen) -> None:
    """Pages on one target, and a page, run on several workers, unless an option says otherwise."""
    assert seen[1] == STARTS
