"""Workers that are forks do what one process would do."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from xml.etree import ElementTree

import psutil
import pytest

from executable_pages.testing.scanner import ROOT
from tests import workers

pytestmark = pytest.mark.skipif(not workers.IS_POSSIBLE, reason="elsewhere nothing is forked")

CONFTEST = """
import os
from tests import workers

def pytest_configure(config):
    if count := int(os.environ["COUNT"]):
        config.pluginmanager.register(workers.Workers(count), "workers")
"""
OUTCOMES = """
import os, time, warnings
import pytest

@pytest.fixture(scope="module")
def shared():
    yield os.getpid()

@pytest.fixture
def broken():
    yield
    raise OSError("taking down")

class TestPages:
    @pytest.mark.parametrize("block", ["p.md:1", "p.md:5", "q.md:1", "p.md:9"])
    def test_block_in_page_order(self, block, record_property, shared):
        time.sleep(0.1)
        assert shared == os.getpid()
        record_property("process", f"{block[:4]} {shared}")

@pytest.mark.parametrize("number", range(8))
def test_many(number, tmp_path):
    (tmp_path / "file").touch()
    time.sleep(0.05)
    assert (tmp_path / "file").exists()
    print("said", number)
    os.system(f"echo told {number} >&2")

def test_fails():
    print("before")
    assert [1, 2] == [1, 3]

def test_warns():
    warnings.warn(UserWarning("careful"))

def test_is_skipped():
    pytest.skip("a reason")

@pytest.mark.xfail(reason="known", strict=True)
def test_is_known():
    raise ValueError("wrong")

def test_ends_badly(broken):
    pass
"""
CRASH = """
import os, time

def test_first():
    pass

def test_ends_the_process():
    os._exit(3)
"""
STILLBORN = f"""
{CRASH}
os.register_at_fork(after_in_child=lambda: os._exit(3))
"""
WAITING = """
import os, pytest, time
from pathlib import Path

@pytest.fixture
def taken(tmp_path):
    Path(f"up-{os.getpid()}").touch()
    yield
    time.sleep(0.2)
    Path(f"up-{os.getpid()}").rename(f"down-{os.getpid()}")

@pytest.mark.parametrize("number", range(4))
def test_waits(number, taken):
    time.sleep(60)
"""


def start(directory: Path, text: str, count: int, *options: str) -> subprocess.Popen[str]:
    """Run the tests in a text on so many forks; on none, in one process."""
    place = directory / "run" / "tests" / "some"
    place.mkdir(parents=True, exist_ok=True)
    (place.parents[1] / "conftest.py").write_text(CONFTEST, "utf-8")
    (place / "test_some.py").write_text(text, "utf-8")
    return subprocess.Popen(
        [sys.executable, "-m", "pytest", "--rootdir=.", "-o", "junit_family=xunit1", *options],
        cwd=place.parents[1],
        env={
            **{name: value for name, value in os.environ.items() if "PYTEST" not in name},
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            "PYTHONPATH": str(ROOT),
            "COUNT": str(count),
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def outcomes(report: Path) -> dict[str, object]:
    """What became of each test, and what it printed."""
    found = dict[str, object]()
    for case in ElementTree.parse(report).iter("testcase"):
        about = [(each.tag, each.attrib, each.text) for each in case if each.tag != "properties"]
        assert case.attrib["name"] not in found
        found[case.attrib["name"]] = about
    return found


def test_outcomes_are_those_of_one_process(tmp_path: Path) -> None:
    """Each test runs once, with the outcome, traceback and output that it has without workers."""
    reports, printed = [tmp_path / "0.xml", tmp_path / "3.xml"], []
    for count, report in zip((0, 3), reports, strict=True):
        options = ["-q", "--no-header", "-o", "junit_logging=all", f"--junitxml={report}"]
        options += [f"--basetemp={tmp_path / 'temporary'}"]
        run = start(tmp_path, OUTCOMES, count, *options)
        printed.append(run.communicate(timeout=60)[0])
        assert run.returncode == pytest.ExitCode.TESTS_FAILED, printed
    assert outcomes(reports[1]) == outcomes(reports[0])
    last = [text.splitlines()[-1].rpartition(" in ")[0] for text in printed]
    assert last == ["1 failed, 14 passed, 1 skipped, 1 xfailed, 1 warning, 1 error"] * 2
    assert all("UserWarning: careful" in text for text in printed)
    dots = [sorted(text.partition("[100%]")[0].strip()) for text in printed]
    assert dots[1] == dots[0]


def test_groups_stay_together(tmp_path: Path) -> None:
    """The blocks of a page run in one process, and the tests of a run in several."""
    report = tmp_path / "report.xml"
    run = start(tmp_path, OUTCOMES, 3, f"--junitxml={report}", "-k", "page_order")
    printed, _ = run.communicate(timeout=60)
    assert run.returncode == 0, printed
    told = [each.attrib["value"].split() for each in ElementTree.parse(report).iter("property")]
    assert [page for page, _ in told].count("p.md") == 3
    processes = {page: {process for each, process in told if each == page} for page, _ in told}
    assert all(len(each) == 1 for each in processes.values())
    assert processes["p.md"] != processes["q.md"]
    assert str(run.pid) not in {process for _, process in told}


@pytest.mark.parametrize(
    ("text", "named"),
    [(CRASH, "tests/some/test_some.py::test_ends_the_process"), (STILLBORN, "its beginning")],
    ids=["in a test", "before all"],
)
def test_worker_that_ends_is_a_failure(text: str, named: str, tmp_path: Path) -> None:
    """What a worker was at when it ended has failed, and the run says so."""
    run = start(tmp_path, text, 2)
    printed, _ = run.communicate(timeout=60)
    assert run.returncode, printed
    assert f"FAILED {named}" in printed
    assert "the worker that was here has ended" in printed
    assert f"Interrupted: a worker ended in the middle of {named}" in printed


def test_first_failure_ends_a_run_that_asks_for_it(tmp_path: Path) -> None:
    """With `-x` the workers begin no other test, and the run is over."""
    text = OUTCOMES.replace('print("said", number)', "assert number")
    run = start(tmp_path, text + WAITING, 2, "-x", "-k", "many or waits")
    printed, _ = run.communicate(timeout=60)
    assert run.returncode == pytest.ExitCode.TESTS_FAILED, printed
    assert "stopping after 1 failures" in printed


@pytest.mark.parametrize("to_all", [True, False], ids=["terminal", "process"])
def test_interrupt_leaves_nothing(tmp_path: Path, to_all: bool) -> None:
    """Ctrl-C, to one process or to all, lets tests take down what they have, and none goes on."""
    run = start(tmp_path, WAITING, 3)
    place, deadline = tmp_path / "run", time.monotonic() + 30
    while len(list(place.glob("up-*"))) < 3:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    forks = psutil.Process(run.pid).children()
    for each in [*([child.pid for child in forks] if to_all else []), run.pid]:
        os.kill(each, signal.SIGINT)
    printed, _ = run.communicate(timeout=30)
    assert run.returncode == pytest.ExitCode.INTERRUPTED, printed
    assert len(list(place.glob("down-*"))) == 3
    assert not any(child.is_running() for child in forks)
