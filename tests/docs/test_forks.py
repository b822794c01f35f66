"""A fork of a process that has imported packages is a program as `python` would run it."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from executable_pages.testing.forks import RUN, ahead_of, shared, start
from executable_pages.testing.processes import Worker
from executable_pages.testing.sandbox import Sandbox
from executable_pages.testing.scanner import ROOT
from tests.subject.model_server import ModelServer
from tests.subject.targets import Target

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere no program is forked")

PROGRAMS = {
    "streams": "import sys\nprint(input())\nprint('error', file=sys.stderr)\nprint('end', end='')",
    "seed": "import os\nprint(os.environ['PYTHONHASHSEED'], hash('text'), {'a', 'b', 'c', 'd'})",
    "surroundings": (
        "import os, sys\nprint(sys.argv, os.getcwd(), __name__, len(vars()) > 5)\n"
        "print(os.environ, sys.path)"
    ),
    "modules": "import sys\nprint(sorted(sys.modules))",
    "forgotten": "import importlib, concurrent.futures\nprint(concurrent.futures.thread)",
    "some": "import json, asyncio, sys\nprint(sorted(sys.modules))\n"
    "print(type(asyncio.__spec__.loader), asyncio.__spec__.origin, json.decoder)",
    "packages": (
        "import anyio._backends._asyncio, truststore, sys\nprint(sorted(sys.modules))\n"
        "print(anyio._backends)"
    ),
    # What Cython leaves there is no module that one could import.
    "slow package": "import openai, sys\nprint(sorted(n for n in sys.modules if 'cyt' not in n))",
    "later": (
        "import importlib.util, sys\nprint(importlib.util.find_spec('anyio').origin)\n"
        "print('anyio' in sys.modules)\nfrom anyio.abc import TaskGroup\n"
        "print(TaskGroup.__module__)\n"
        "print(sys.modules['anyio.abc'].__spec__.parent)"
    ),
    "signals": (
        "import signal\n"
        "for each in signal.valid_signals():\n    print(each, signal.getsignal(each))\n"
        "print(signal.set_wakeup_fd(-1))"
    ),
    "threads": (
        "import threading, time\n"
        "threading.Thread(target=lambda: (time.sleep(0.1), print('later'))).start()\nprint('first')"
    ),
    "at exit": (
        "import atexit\nfile = open('left', 'w')\nfile.write('open')\n"
        "atexit.register(lambda: print('bye'))\nraise SystemExit(3)"
    ),
    "spawned": (
        "import multiprocessing\n\ndef double(n):\n    return 2 * n\n\n"
        "if __name__ == '__main__':\n"
        "    with multiprocessing.get_context('spawn').Pool(1) as pool:\n"
        "        print(pool.map(double, [1, 2]))"
    ),
    "said": "raise SystemExit('a reason')",
    "failing": "def fail():\n    raise ValueError('wrong')\n\nfail()",
    "caused": "try:\n    1 / 0\nexcept ArithmeticError as error:\n    raise ValueError from error",
    "no Python": "a = (",
    "hook": "import sys\nsys.excepthook = lambda *error: print(error[:2])\nraise ValueError('x')",
    "killed": "import os, signal\nprint('lost', flush=True)\nos.kill(os.getpid(), signal.SIGKILL)",
    "hard": "import os\nprint('lost')\nos._exit(4)",
    "closed": "import os\nprint('lost')\nos.close(1)\nos.close(2)",
}


# From Python 3.13 on, `-c` imports what shows the program's text in a traceback; a fork does not.
CASES = [
    (program, way)
    for program, text in PROGRAMS.items()
    for way in ("file", "-c", "-m")
    if way != "-c" or "sorted(" not in text
    # It takes half a second to import, each time.
    if way == "file" or "slow" not in program
]


@pytest.mark.parametrize(("program", "way"), CASES)
def test_fork_is_what_a_new_interpreter_would_be(program: str, way: str, tmp_path: Path) -> None:
    """It prints the same, says the same of an error and ends with the same exit code."""
    text, target = PROGRAMS[program], Target.REFERENCE
    assert ahead_of(target)
    sandbox = Sandbox(tmp_path)
    (sandbox.work / "program.py").write_text(text, "utf-8")
    args = {
        "file": ["python", "program.py", "a", "b"],
        "-c": ["python", "-c", text, "a", "b"],
        "-m": ["python", "-m", "program", "a", "b"],
    }[way]
    if program == "spawned" and way == "-c":
        args = ["python", "-c", text.replace("double,", "abs,")]
    seen = []
    for fork in (False, True):
        extra = {"PYTHONHASHSEED": "1"}
        done = sandbox.run(args, target, stdin="a line\n", extra=extra, fork=fork)
        left = sandbox.work / "left"
        error = done.stderr.splitlines()[-1:] if way == "-c" else done.stderr
        seen.append((done.returncode, done.stdout, error, left.exists() and left.read_text()))
    assert seen[1] == seen[0]


def test_fork_has_imported_what_is_slow_and_nothing_of_ours(
    sandbox: Sandbox, target: Target
) -> None:
    """The client of models is there, and neither the packages of pages nor ours are."""
    code = "import sys; print(*{each.partition('.')[0] for each in sys.meta_path[0]._modules})"
    loaded = set(sandbox.python(code, target).split())
    assert "openai" in loaded
    assert not loaded & {"praisonaiagents", "praisonai_bot", "reference_impl", "tests", "pytest"}


def test_turn_of_an_agent_imports_no_more_of_the_client(
    sandbox: Sandbox, target: Target, model_server: ModelServer
) -> None:
    """All of the client that a turn needs is there: a part of it takes a twentieth of a second."""
    code = (
        "import sys\nahead = set(sys.meta_path[0]._modules)\n"
        "from praisonaiagents import Agent\nprint(Agent(name='Assistant').start('Hello'))\n"
        "print(sorted(n for n in set(sys.modules) - ahead if n.startswith(('openai', 'http'))))"
    )
    printed = sandbox.python(code, target, extra=model_server.environment)
    assert printed.splitlines()[-2:] == ["You said: Hello", "[]"]


def test_fork_of_the_caller_asks_through_a_connection_of_its_own() -> None:
    """Two processes that ask through one connection would get each other's programs."""
    code = (
        "import os\nfrom executable_pages.testing import forks\n"
        "with forks.shared():\n"
        "    server = forks.warm((), {})\n"
        "    if not (child := os.fork()):\n"
        "        os._exit(0 if forks.warm((), {}) is not server else 3)\n"
        "    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])\n"
        "raise SystemExit(code or (0 if forks.warm((), {}) is server else 4))"
    )
    alone = {name: text for name, text in os.environ.items() if name != RUN}
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=alone).returncode == 0


def test_fork_that_takes_too_long_ends_with_what_it_started(sandbox: Sandbox) -> None:
    """After the timeout the fork and its children are gone, and what it printed is told."""
    code = (
        "import os, subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "print(os.getpid(), child.pid, flush=True)\ntime.sleep(60)"
    )
    with pytest.raises(subprocess.TimeoutExpired) as caught:
        sandbox.run(["python", "-c", code], Target.REFERENCE, timeout=2, fork=True)
    pids = [int(pid) for pid in str(caught.value.stdout).split()]
    assert len(pids) == 2
    deadline = time.monotonic() + 10
    while any(_is_running(pid) for pid in pids):
        assert time.monotonic() < deadline


def _is_running(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_forks_end_one_by_one(sandbox: Sandbox) -> None:
    """Several run at once, and each tells its own end."""
    program = "import os\ndef end(code): os._exit(code)"
    workers = [Worker(program, sandbox, Target.REFERENCE) for _ in range(3)]
    for code in (2, 0, 1):
        assert workers[code].process.poll() is None
        with pytest.raises(EOFError, match=f"exit code {code}"):
            workers[code].call("end", code)
    for worker in workers:
        worker.close()
    with Worker(program, sandbox, Target.REFERENCE) as worker:
        os.kill(worker.process.pid, signal.SIGKILL)
        assert worker.process.wait(10) == -signal.SIGKILL


def test_fork_has_the_modules_of_its_own_path(tmp_path: Path) -> None:
    """What is imported ahead of a copy of a checkout is the copy's, and not what is installed."""
    (tmp_path / "reference_impl").mkdir()
    (tmp_path / "reference_impl" / "__init__.py").write_text("NAME = 'the copy'\n", "utf-8")
    environment = {"PYTHONPATH": str(tmp_path)}
    code = ("-c", "import reference_impl; print(reference_impl.NAME)")
    fork = start(("reference_impl",), code, tmp_path, environment, own=True)
    assert fork.communicate(timeout=20) == ("the copy\n", "")


def test_processes_of_a_run_share_their_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Several processes have forks of one server, which goes on without the first and ends last."""
    code = (
        "import json, os, sys\nfrom pathlib import Path\n"
        "from executable_pages.testing.forks import start\n"
        "fork = start((), ['-c', 'import os; print(os.getppid())'], Path.cwd(), {})\n"
        "print(fork.communicate()[0], flush=True)\ninput()"
    )
    monkeypatch.delenv(RUN, raising=False)
    callers, servers = [], []
    with shared():
        for _ in range(3):
            caller = subprocess.Popen(
                [sys.executable, "-c", code],
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            assert caller.stdout is not None
            servers.append(int(caller.stdout.readline()))
            callers.append(caller)
            if len(callers) == 2:
                callers[0].communicate("end\n")
        assert len(set(servers)) == 1
        for caller in callers[1:]:
            caller.communicate("end\n")
        assert _is_running(servers[0])
    deadline = time.monotonic() + 10
    while _is_running(servers[0]):
        assert time.monotonic() < deadline


def test_servers_end_with_the_process_that_shares_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that is killed leaves no server behind, though it could tell nobody."""
    monkeypatch.delenv(RUN, raising=False)
    code = (
        "import os, signal\nfrom pathlib import Path\n"
        "from executable_pages.testing.forks import shared, start\n"
        "with shared():\n"
        "    fork = start((), ['-c', 'import os; print(os.getppid())'], Path.cwd(), {})\n"
        "    print(fork.communicate()[0], os.environ['FORK_SERVERS'], flush=True)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
    server, directory = done.stdout.split()
    deadline = time.monotonic() + 10
    while _is_running(int(server)):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    shutil.rmtree(directory)
