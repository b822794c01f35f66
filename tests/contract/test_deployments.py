"""The deployments on the recipe pages, started as the pages say and used from outside."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import psutil
import pytest
from filelock import FileLock

from executable_pages.testing.evidence import claim
from executable_pages.testing.forks import Fork, ahead_of
from executable_pages.testing.forks import start as fork
from executable_pages.testing.sandbox import Sandbox
from executable_pages.testing.scanner import ROOT
from executable_pages.testing.snippets import lint
from tests.subject.model_server import ModelServer
from tests.subject.recipes import command, program
from tests.subject.servers.process import free_ports, running
from tests.subject.targets import Target

RECIPES = ROOT / "docs" / "recipes"
CLIENTS, EACH = 4, 15


def _claim(request: pytest.FixtureRequest, page: str, target: Target) -> Path:
    block = program(RECIPES / page)
    claim(
        request.node,
        kind="recipe",
        where=block.where,
        digest=block.digest,
        target=str(target),
    )
    return RECIPES / page


def test_four_uvicorn_workers_share_sessions(
    target: Target, sandbox: Sandbox, request: pytest.FixtureRequest
) -> None:
    """Clients that post to four workers at once lose nothing and read the same through each."""
    page = _claim(request, "uvicorn.md", target)
    (sandbox.work / "app.py").write_text(program(page).text, "utf-8")
    [port] = free_ports(1)
    url = f"http://127.0.0.1:{port}/sessions"
    shown = command(page, "uvicorn")
    claim(
        request.node,
        kind="shell",
        where=shown.block.where,
        digest=shown.block.digest,
        target=str(target),
    )
    start = [sys.executable, "-m", *shown.words, "--port", str(port)]
    environment = sandbox.environment(target)
    path = os.pathsep.join([str(sandbox.work), environment["PYTHONPATH"]])

    # A connection of its own for each request, so that any worker gets it; and no certificates,
    # which take longer to read than an answer.
    each_anew = httpx.Limits(max_keepalive_connections=0)
    http = httpx.Client(limits=each_anew, verify=False)

    def is_ready() -> bool:
        try:
            return http.get(f"{url}/ready/messages").status_code == 200
        except httpx.TransportError:
            return False

    def post(client: int) -> None:
        for number in range(EACH):
            message = {"content": f"{client}-{number}"}
            http.post(f"{url}/shared/messages", json=message).raise_for_status()

    extra = environment | {"PYTHONPATH": path, "SESSION_DIR": str(sandbox.work / "sessions")}
    with http, running(start, is_ready, environment=extra) as server:
        workers = psutil.Process(server.pid).children(recursive=True)
        assert len([each for each in workers if "spawn_main" in " ".join(each.cmdline())]) == 4
        with ThreadPoolExecutor(CLIENTS) as pool:
            list(pool.map(post, range(CLIENTS)))
        reads = [http.get(f"{url}/shared/messages").json() for _ in range(20)]
        found = [message["content"] for message in reads[0]]
        assert sorted(found) == sorted(f"{c}-{n}" for c in range(CLIENTS) for n in range(EACH))
        for client in range(CLIENTS):
            mine = [text for text in found if text.startswith(f"{client}-")]
            assert mine == [f"{client}-{n}" for n in range(EACH)]
        assert all(read == reads[0] for read in reads)
        # uvicorn starts another in the place of a worker that is killed.
        workers[-1].kill()
        assert all(http.get(f"{url}/shared/messages").json() == reads[0] for _ in range(8))
        assert http.delete(f"{url}/shared").status_code == 204
        assert [http.get(f"{url}/shared/messages").json() for _ in range(8)] == [[]] * 8
        assert http.post(f"{url}/x/messages", json={"role": "root"}).status_code == 422


Process = subprocess.Popen[str] | Fork


class Fleet:
    """The processes of the recipe, in one sandbox."""

    def __init__(self, sandbox: Sandbox, target: Target, model: ModelServer) -> None:
        self.sandbox, self.target = sandbox, target
        self.environment = sandbox.environment(target, extra=model.environment)
        [self.port] = free_ports(1)

    def start(self, *words: str) -> Process:
        """Start one of them."""
        if ahead := ahead_of(self.target):
            command = ["fleet.py", *words]
            return fork(ahead, command, self.sandbox.work, self.environment, errors=False)
        return subprocess.Popen(
            [sys.executable, "fleet.py", *words],
            cwd=self.sandbox.work,
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, *words: str) -> str:
        """Run one of them to its end."""
        command = ["python", "fleet.py", *words]
        done = self.sandbox.run(command, self.target, fork=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def web(self, method: str, user: str, text: str = "") -> tuple[int, str]:
        """A request to the gateway."""
        url = f"http://127.0.0.1:{self.port}/{user}"
        answer = httpx.request(method, url, content=text, timeout=30, verify=False)
        return answer.status_code, answer.text


BOX = tuple("\u256d\u2502\u2570")


def ask(bot: Process, text: str, user: str = "7") -> str:
    """Say something to the bot, behind lines that are none."""
    assert bot.stdin is not None
    assert bot.stdout is not None
    bot.stdin.write(f"\n \nhello\n{user}:\n: nobody\n{user}: {text}\n")
    bot.stdin.flush()
    lines = (line.strip() for line in bot.stdout)
    # The release draws a box around what its model said wrong.
    return next(line for line in lines if line[:1] not in BOX)


@pytest.fixture
def fleet(
    target: Target, sandbox: Sandbox, model_server: ModelServer, request: pytest.FixtureRequest
) -> Iterator[Fleet]:
    """The recipe's program, with its gateway running."""
    page = _claim(request, "gateway-and-bot.md", target)
    text = program(page).text
    impatient = text.replace('"sessions")', '"sessions"), lock_timeout=0.3', 1)
    assert impatient != text
    (sandbox.work / "fleet.py").write_text(impatient, "utf-8")
    found = Fleet(sandbox, target, model_server)
    with found.start("gateway", str(found.port)) as gateway:
        while True:
            try:
                found.web("GET", "")
                break
            except httpx.TransportError:
                assert gateway.poll() is None
                time.sleep(0.02)
        yield found
        model_server.failure = None
        gateway.kill()


def test_gateway_and_bot_share_a_conversation(fleet: Fleet) -> None:
    """What one of both is told the other knows; what is cleared is gone, or as the page says."""
    with fleet.start("bot") as bot:
        assert ask(bot, "My name is Alice.") == "Nice to meet you, Alice."
        assert fleet.web("POST", "7", "What is my name?") == (200, "Your name is Alice.")
        assert fleet.web("POST", "7", "My town is Oslo.")[0] == 200
        assert ask(bot, "What is my town?") == "Your town is Oslo."
        shown = fleet.run("show", "7")
        assert fleet.web("GET", "7") == (200, shown.rstrip("\n"))
        assert shown.splitlines()[:2] == [
            "user: My name is Alice.",
            "assistant: Nice to meet you, Alice.",
        ]
        assert len(shown.splitlines()) == 8
        bot.kill()
    with fleet.start("bot") as bot:
        assert ask(bot, "What is my name?") == "Your name is Alice."
        fleet.run("clear", "7")
        assert fleet.run("show", "7") == "\n"
        forgotten = {
            Target.REFERENCE: "I do not know your name.",
            Target.RELEASE: "Your name is Alice.",
        }
        assert ask(bot, "What is my name?") == forgotten[fleet.target]
        assert fleet.web("DELETE", "7") == (200, "cleared")
        assert bot.stdin is not None
        bot.stdin.close()
        assert bot.wait(timeout=30) == 0


def test_a_user_s_fault_ends_nobody_else_s_conversation(
    fleet: Fleet, model_server: ModelServer
) -> None:
    """After blank lines, bytes that are no text, a failing model, a locked session: all go on."""
    with fleet.start("bot") as bot:
        model_server.failure = 400
        assert ask(bot, "hi", "7") == "Please try again."
        assert fleet.web("POST", "7", "hi")[0] == 502
        model_server.failure = None
        assert ask(bot, "hi", "8") == "You said: hi"
        assert fleet.web("POST", "8", "ho") == (200, "You said: ho")
        # The release answers, and stores nothing.
        locked = {Target.REFERENCE: "Please try again.", Target.RELEASE: "You said: hi"}
        status = {Target.REFERENCE: 503, Target.RELEASE: 200}
        assert ask(bot, "hello", "9") == "You said: hello"
        with FileLock(fleet.sandbox.work / "sessions" / "bot_telegram_9.json.lock"):
            assert ask(bot, "hi", "9") == locked[fleet.target]
            assert fleet.web("POST", "9", "hi")[0] == status[fleet.target]
            assert fleet.web("GET", "9")[0] == 503
            assert fleet.web("GET", "8")[0] == 200
        assert ask(bot, "again", "8") == "You said: again"
        for path, text, expected in (("", "hi", 404), ("7", " ", 400), ("8", "\udc80", 200)):
            content = text.encode(errors="surrogateescape")
            url = f"http://127.0.0.1:{fleet.port}/{path}"
            assert httpx.post(url, content=content, verify=False).status_code == expected
        bot.kill()


BUSY = """
import app
from fastapi.testclient import TestClient
from filelock import FileLock

with TestClient(app.app) as client:
    for session in ("busy", "free"):
        print(client.post(f"/sessions/{session}/messages", json={"content": "x"}).status_code)
    with FileLock("sessions/busy.json.lock"):
        for session in ("busy", "free"):
            print(client.post(f"/sessions/{session}/messages", json={"content": "y"}).status_code)
            print(client.get(f"/sessions/{session}/messages").status_code)
    print(len(client.get("/sessions/busy/messages").json()))
    with FileLock("sessions/busy.json.lock"):
        print(client.delete("/sessions/busy").status_code)
"""


def _served(sandbox: Sandbox, target: Target, calls: str) -> list[str]:
    """What a program prints that calls the app, a line each; the app is less patient there."""
    text = program(RECIPES / "uvicorn.md").text
    impatient = text.replace('retention="keep_all"', 'retention="keep_all", lock_timeout=0.2')
    assert impatient != text
    (sandbox.work / "app.py").write_text(impatient, "utf-8")
    path = sandbox.environment(target)["PYTHONPATH"]
    extra = {"PYTHONPATH": f"{sandbox.work}{os.pathsep}{path}"}
    return sandbox.python(calls, target, extra=extra).splitlines()


def test_a_session_that_stays_locked_is_answered_503(target: Target, sandbox: Sandbox) -> None:
    """Requests of a session that is locked are refused and can be repeated; others go on."""
    # The release takes no lock to delete.
    deleted = {Target.REFERENCE: "503", Target.RELEASE: "204"}[target]
    assert _served(sandbox, target, BUSY) == [
        *("201", "201", "503", "503", "201", "200", "1", deleted)
    ]


BROKEN = """
import os
from pathlib import Path

import app
from fastapi.testclient import TestClient


def refuse(*_, **__):
    raise PermissionError(1, "not permitted")


with TestClient(app.app) as client:
    client.post("/sessions/s/messages", json={"content": "x"})
    os.remove = os.unlink = Path.unlink = refuse
    print(client.delete("/sessions/s").status_code)
    print(len(client.get("/sessions/s/messages").json()))
"""


def test_a_delete_that_fails_is_no_success(target: Target, sandbox: Sandbox) -> None:
    """Where the disk refuses to remove the file the answer is 507, and the session is there."""
    assert _served(sandbox, target, BROKEN) == ["507", "1"]


NAMED = """
from urllib.parse import quote

import app
from fastapi.testclient import TestClient

with TestClient(app.app) as client:
    for session in {sessions}:
        url = f"/sessions/{{quote(session, safe='')}}"
        said = client.post(f"{{url}}/messages", json={{"content": session}}).status_code
        read = client.get(f"{{url}}/messages")
        kept = read.status_code == 200 and [each["content"] for each in read.json()] == [session]
        gone = client.delete(url).status_code
        print(said, kept, gone, client.get(f"{{url}}/messages").text)
"""
REACHED = [
    "team/a",
    "https://example.org/c/7",
    "a//b",
    "/a",
    "b/",
    "100%",
    "%2F",
    "?c#d",
    "x/messages",
]


def test_ids_are_reached_as_the_client_encodes_them(target: Target, sandbox: Sandbox) -> None:
    """A session is stored, read and deleted by the id that its address holds, slashes included."""
    sessions = [*REACHED, "..", ".", "a\nb"]
    answers = _served(sandbox, target, NAMED.format(sessions=sessions))
    assert answers[: len(REACHED)] == ["201 True 204 []"] * len(REACHED)
    assert {each[0] for each in answers[len(REACHED) :]} == {"4"}


CUT = r"""
import app
from fastapi.testclient import TestClient

bodies = [
    rb'{"content": "cut \ud83d"}',
    rb'{"content": "\ude00"}',
    rb'{"role": "\ud83d", "content": "x"}',
    rb'{"\ud83d": "x"}',
    rb'{"content": {"\ud83d": "x"}}',
    rb'"\ud83d"',
    b'{"content": "\xed\xa0\xbd"}',
]
with TestClient(app.app) as client:
    for body in bodies:
        sent = {"content": body, "headers": {"content-type": "application/json"}}
        answer = client.post("/sessions/s/messages", **sent)
        print(answer.status_code, bool(answer.json()["detail"]))
    print(client.get("/sessions/s/messages").json())
"""


def test_half_an_emoji_is_refused(target: Target, sandbox: Sandbox) -> None:
    """A lone surrogate anywhere in the JSON is answered 422 with a reason, and nothing is kept."""
    assert _served(sandbox, target, CUT) == [*["422 True"] * 7, "[]"]


@pytest.mark.parametrize("page", ["uvicorn.md", "gateway-and-bot.md"])
def test_program_is_formatted(page: str, tmp_path: Path) -> None:
    """The program passes ruff and black."""
    lint(program(RECIPES / page), tmp_path)
