"""What other tests stand on: targets, the sandbox, and processes driven from outside."""

import os
import re
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from executable_pages.testing.processes import RemoteError, Worker
from executable_pages.testing.sandbox import Sandbox
from tests.scheduling import group
from tests.subject.targets import ROOT, Target


def test_a_sandbox_shares_nothing_with_the_machine(
    target: Target, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A child sees the sandbox's home and model, and none of this process's settings."""
    monkeypatch.setenv("OPENAI_API_KEY", "a developer's own")
    monkeypatch.setenv("PRAISONAI_SESSION_RETENTION", "keep_all")
    program = """
import os, pathlib, tempfile
print(pathlib.Path.home(), os.getcwd(), tempfile.gettempdir(), os.environ["OPENAI_API_KEY"])
print(os.environ["OPENAI_BASE_URL"], "PRAISONAI_SESSION_RETENTION" in os.environ)
"""
    places = f"{sandbox.home} {sandbox.work} {sandbox.home / 'tmp'}"
    expected = f"{places} not-a-secret\nhttp://127.0.0.1:9/v1 False\n"
    assert sandbox.python(program, target) == expected


def test_a_timeout_ends_the_whole_family(sandbox: Sandbox) -> None:
    """A command that takes too long is killed with its children, and its output is kept."""
    program = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print(child.pid, flush=True)
time.sleep(60)
"""
    started = time.monotonic()
    with pytest.raises(subprocess.TimeoutExpired) as caught:
        sandbox.run(["python", "-c", program], Target.RELEASE, timeout=1.5)
    assert time.monotonic() - started < 15
    assert caught.value.stdout is not None
    grandchild = int(caught.value.stdout)
    deadline = time.monotonic() + 5
    while psutil.pid_exists(grandchild) and time.monotonic() < deadline:
        if psutil.Process(grandchild).status() == psutil.STATUS_ZOMBIE:
            break
        time.sleep(0.02)
    else:
        assert not psutil.pid_exists(grandchild)


def test_a_failing_program_shows_its_traceback(sandbox: Sandbox) -> None:
    """The assertion of `Sandbox.python` carries the exit code and standard error."""
    with pytest.raises(AssertionError, match=r"exit 1 on release\n(.|\n)*ZeroDivisionError"):
        sandbox.python("1 / 0", Target.RELEASE)


def test_a_worker_answers_calls(sandbox: Sandbox) -> None:
    """Results, keyword arguments, print and errors of a worker's functions all arrive."""
    program = """
def join(*parts, sep=""):
    print("noise on standard output")
    return sep.join(parts)
def fail():
    raise KeyError("gone")
"""
    with Worker(program, sandbox, Target.REFERENCE) as worker:
        before = time.monotonic_ns()
        assert worker.call("join", "a", "\u00e4", sep="-") == "a-\u00e4"
        assert before <= worker.last["started"] <= worker.last["ended"] <= time.monotonic_ns()
        with pytest.raises(RemoteError, match="gone") as caught:
            worker.call("fail")
        assert caught.value.kind == "KeyError"
        assert "in fail" in caught.value.trace
        worker.ask("join", "x")
        worker.ask("join", "y")
        assert [worker.answer(), worker.answer()] == ["x", "y"]
    assert worker.process.returncode == 0


def test_a_worker_may_be_a_module(sandbox: Sandbox) -> None:
    """A dotted name in place of source text makes a module's functions callable."""
    with Worker("os.path", sandbox, Target.REFERENCE) as worker:
        assert worker.call("basename", "a/b") == "b"


def test_a_worker_that_dies_is_noticed(sandbox: Sandbox) -> None:
    """A killed worker's next answer is an `EOFError`, not a wait without end."""
    worker = Worker("import os\ndef die():\n    os._exit(3)", sandbox, Target.REFERENCE)
    with worker, pytest.raises(EOFError, match="exit code 3"):
        worker.call("die")
    with pytest.raises(RemoteError, match="SyntaxError"):
        Worker("def (", sandbox, Target.REFERENCE)


def test_each_part_is_imported_when_it_is_used(sandbox: Sandbox) -> None:
    """A process of the contract imports no store, a store no openai, and all names are there."""
    program = """
import sys
import reference_impl.contract.worker
print("filelock" in sys.modules)
from reference_impl import DefaultSessionStore
print("filelock" in sys.modules, "openai" in sys.modules)
import reference_impl
print([name for name in reference_impl.__all__ if getattr(reference_impl, name).__name__ != name])
try:
    reference_impl.Nothing
except AttributeError as error:
    print(error)
"""
    expected = "False\nTrue False\n[]\nmodule 'reference_impl' has no attribute 'Nothing'\n"
    assert sandbox.run(["python", "-c", program], Target.REFERENCE).stdout == expected


def test_what_shares_a_start_is_grouped(request: pytest.FixtureRequest) -> None:
    """Each test that shares a browser, a server or a page's process has a group by its name."""
    shared = {"site", "browser", "servers", "page_run", "working_pool"}
    tests = [item for item in request.session.items if isinstance(item, pytest.Function)]
    alone = [
        item.nodeid
        for item in tests
        if shared & set(item.fixturenames) and group(item.nodeid) == item.nodeid
    ]
    assert alone == []
    assert group("a.py::test_recipe[S3 (x)]") == "a.py::test_recipe[S3 (x)]"
    recipes = "tests/contract/test_recipes.py::"
    others = "tests/contract/test_production.py::"
    same = {group(f"{recipes}test_a[S3 (x)]"), group(f"{others}test_b[release-S3 (x)-3]")}
    assert same == {"tests/contract S3 (x)"}


def test_a_group_runs_on_one_worker(tmp_path: Path) -> None:
    """Of two workers one runs all tests of a group, and the other has its part of the rest."""
    for name in ("test_site", "test_other"):
        path = tmp_path / "tests" / "docs" / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(f"def test_{number}(): pass\n" for number in range(8)))
    plugins = ["-p", "xdist.plugin", "-p", "tests.scheduling"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-v", *plugins, "-n", "2", "--rootdir=.", "tests"],
        cwd=tmp_path,
        env=os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    ran = re.findall(r"\[(gw\d)\] .*PASSED tests/docs/(\w+)\.py", done.stdout)
    assert len(ran) == 16, done.stdout + done.stderr
    assert len({worker for worker, name in ran if name == "test_site"}) == 1
    assert len({worker for worker, _ in ran}) == 2


def test_a_run_shows_one_line_of_progress(tmp_path: Path) -> None:
    """A run prints how many tests are done and each failure once, and no dots or queues."""
    body = "import pytest\n@pytest.mark.parametrize('n', range(20))\ndef test_n(n): assert n != 7\n"
    (tmp_path / "test_it.py").write_text(body)
    plugins = ["-p", "xdist.plugin", "-p", "tests.scheduling", "-p", "tests.progress"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *plugins, "-n", "2", "--rootdir=.", "--tb=no"],
        cwd=tmp_path,
        env=os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    begun = done.stdout.partition("[20 items]")[2].partition("=====")[0].split("\n")
    lines = [re.sub(r"\d+ s$", "n s", line) for line in begun if line]
    assert lines.count("failed: test_it.py::test_n[7]") == 1, done.stdout + done.stderr
    progress = [line for line in lines if not line.startswith("failed")]
    assert len(progress) == 10
    assert progress[0] == "2 of 20 tests, n s"
    assert progress[-1] == "20 of 20 tests, 1 failed, n s"
