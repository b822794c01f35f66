"""A survey that runs the Python of foreign pages, and sorts what fails."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from executable_pages.testing.survey import running
from executable_pages.testing.survey.__main__ import main
from executable_pages.testing.survey.tree import survey

# A block, what it comes to alone, and what is said of it.
BLOCKS = {
    "x = 1\nprint(x)\n#> 1": ("", ""),
    "print(x)\n#> 2": ("name", "'x' is not defined"),
    "import json\njson.dump_all(1)": ("attribute", "has no attribute 'dump_all'; there is dump"),
    "import json\nprint(json.JSONDecoder(\n    parse=float))": (
        "parameter",
        "takes no parse; there",
    ),
    "from json import JSONEncode": ("attribute", "json has no JSONEncode; there is JSONEncoder"),
    "import json.decode": ("attribute", "no module json.decode; there is decoder"),
    "import no_such_package.part": ("package", "the package no_such_package is not installed"),
    "len(1, 2)": ("other", "exactly one argument"),
    "def f(a):\n    pass\n\n\nf()": ("parameter", "missing 1 required"),
    "import socket\nsocket.create_connection(('example.com', 80))": ("network", "example.com is"),
    "import urllib.request\nurllib.request.urlopen('https://example.com')": ("network", "asked"),
    "raise ValueError('no api_key is set')": ("network", "no api_key"),
    "open('no-such-file')": ("file", "no-such-file"),
    "input('who? ')": ("input", "asks for input"),
    "while True:\n    pass": ("time", "does not end in time"),
    "import time\ntime.sleep(30)": ("time", "does not end in time"),
    "import os\nos._exit(3)": ("other", "the process has ended"),
    "import os, time\nif not os.fork():\n    time.sleep(60)": ("", ""),
    ">>> 1 + 1\n3": ("output", "it prints '2' and not '3'"),
    ">>> for a in range(2):\n...     a\n0\n1": ("", ""),
    "import asyncio\nawait asyncio.sleep(0)\nprint('a')\n#> b": ("output", "does not print 'b'"),
    "%pip install nothing\nprint(1)": ("", ""),
    "import os\nassert os.getcwd() != os.environ['HOME'] != '/root'": ("", ""),
    "import socket\nwith socket.create_server(('127.0.0.1', 0)) as a:\n"
    "    socket.create_connection(a.getsockname()).close()": ("", ""),
}


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A tree with a page for each block."""
    monkeypatch.setattr(running, "LIMIT", 1)
    for number, block in enumerate(BLOCKS):
        page = tmp_path / "pages" / f"{number:02}.md"
        page.parent.mkdir(exist_ok=True)
        page.write_text(f"```python\n{block}\n```\n", "utf-8")
    return tmp_path / "pages"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="blocks are run in forks")
def test_blocks_are_run_and_sorted(
    tree: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What fails is sorted by what is wrong, each at its page and line, and said beforehand."""
    began = time.monotonic()
    path = tmp_path / "survey.json"
    assert main([str(tree), "--run", "--json", str(path)]) == 0
    assert time.monotonic() - began < 60
    out = capsys.readouterr().out
    said = (
        f"running {len(BLOCKS)} Python blocks of {len(BLOCKS)} pages, each alone and then in page"
    )
    assert out.startswith(said)
    assert sys.executable in out.splitlines()[0]
    told = json.loads(path.read_text("utf-8"))
    for number, (block, (kind, what)) in enumerate(BLOCKS.items()):
        found = [
            each
            for each in told["findings"]
            if each["page"] == f"{number:02}.md" and each["cause"].startswith("run ")
        ]
        ways = [running.cause(way, kind) for way in running.WAYS] if kind else []
        assert [each["cause"] for each in found] == ways, block
        assert all(what in each["what"] for each in found), found
    well = sum(not kind for kind, _ in BLOCKS.values())
    assert told["ran"] == {"blocks": len(BLOCKS), "alone": well, "in page order": well}
    assert f"alone, ended well {well} " in " ".join(out.split())


@pytest.mark.skipif(not hasattr(os, "fork"), reason="blocks are run in forks")
def test_blocks_of_a_page_continue_each_other(tmp_path: Path) -> None:
    """In page order a block has the names and files of those above it; alone it has none."""
    text = "```python\nx = 1\nopen('a', 'w').close()\n```\n\n```python\nprint(x)\nopen('a')\n```\n"
    tmp_path.joinpath("page.md").write_text(text, "utf-8")
    ran = survey(tmp_path, python=sys.executable).ran
    assert ran is not None
    assert dict(ran.well) == {"alone": 1, "in page order": 2}
    assert [(each.line, each.cause) for each in ran.findings] == [
        (7, running.cause("alone", "name"))
    ]


SERVER = """
import http.server, sys
server = http.server.HTTPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler)
print(f"http://127.0.0.1:{server.server_port}/", flush=True)
server.serve_forever()
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="blocks are run in forks")
def test_blocks_find_a_server_that_stands_in(tmp_path: Path) -> None:
    """A server runs in the network of the blocks, is found by its variable, and ends with them."""
    script, pages, told = tmp_path / "server.py", tmp_path / "pages", tmp_path / "told.json"
    script.write_text(SERVER, "utf-8")
    pages.mkdir()
    text = (
        "```python\nimport os, urllib.request\n"
        "assert urllib.request.urlopen(os.environ['STAND_IN']).status == 200\n```\n\n"
        "```python\nimport os\nraise ValueError(os.environ['KEY'], os.environ['STAND_IN'][:7])\n"
        "```\n"
    )
    (pages / "page.md").write_text(text, "utf-8")
    options = ["--set", "KEY=a=b", "--serve", f"STAND_IN={sys.executable} {script}"]
    assert main([str(pages), "--run", *options, "--json", str(told)]) == 0
    found = json.loads(told.read_text("utf-8"))
    assert found["ran"] == {"blocks": 2, "alone": 1, "in page order": 1}
    assert {each["said"] for each in found["findings"]} == {"ValueError: ('a=b', 'http://')"}
    lines = [each.info["cmdline"] or [] for each in psutil.process_iter(["cmdline"])]
    assert not [line for line in lines if str(script) in line]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="blocks are run in forks")
def test_a_python_is_found_from_where_one_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A Python that is named by a path from here is found, though blocks run elsewhere."""
    monkeypatch.chdir(Path(sys.executable).parents[1])
    tmp_path.joinpath("page.md").write_text("```python\n1\n```\n", "utf-8")
    python = os.path.join("bin", Path(sys.executable).name)
    ran = survey(tmp_path, python=python).ran
    assert ran is not None
    assert ran.well["alone"] == 1


def test_nothing_is_run_unless_it_is_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without RUN=1 a survey runs nothing, and says how many blocks it would run."""
    made = tmp_path / "made"
    tmp_path.joinpath("page.md").write_text(f"```python\nopen({str(made)!r}, 'w')\n```\n", "utf-8")
    assert main([str(tmp_path), "--json", str(tmp_path / "survey.json")]) == 0
    assert "Python blocks that RUN=1 would run 1" in " ".join(capsys.readouterr().out.split())
    assert not made.exists()


def test_python_that_is_none_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An environment without a Python is an error that names it, before anything is run."""
    tmp_path.joinpath("page.md").write_text("```python\n1\n```\n", "utf-8")
    wanted = tmp_path / "no-python"
    options = ["--run", "--python", str(wanted), "--json", str(tmp_path / "survey.json")]
    assert main([str(tmp_path), *options]) == 2
    assert str(wanted) in capsys.readouterr().err


@pytest.mark.skipif(sys.platform != "linux", reason="a process ends with its parent on Linux alone")
def test_a_block_ends_with_a_runner_that_is_killed(tmp_path: Path) -> None:
    """When whoever runs blocks is killed, the block that was running ends too."""
    text = (
        "import os, time\n"
        f"open({str(tmp_path / 'pid')!r}, 'w').write(str(os.getpid()))\n"
        "while True: time.sleep(0.01)\n"
    )
    request = {"blocks": [(text, text)], "cwd": str(tmp_path), "limit": 60}
    command = [sys.executable, str(running.RUNNER)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as runner:
        assert runner.stdin is not None
        runner.stdin.write(json.dumps(request) + "\n")
        runner.stdin.flush()
        wait_for(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text())
        block = psutil.Process(int((tmp_path / "pid").read_text()))
        runner.kill()
    wait_for(lambda: not block.is_running() or block.status() == psutil.STATUS_ZOMBIE)


def wait_for(is_so: Callable[[], object]) -> None:
    """Wait until it is so, for ten seconds at most."""
    end = time.monotonic() + 10
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.01)
