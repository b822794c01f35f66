"""What the page about containers shows: read, held together, and run through a rolling restart."""

import contextlib
import dataclasses
import itertools
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from executable_pages.testing.evidence import claim
from executable_pages.testing.sandbox import Sandbox
from executable_pages.testing.scanner import ROOT, Block, scan
from executable_pages.testing.wrong import Wrong
from tests.subject.containers import check_compose, check_image, check_manifest, image
from tests.subject.project import SUBJECT
from tests.subject.recipes import program
from tests.subject.servers.process import free_ports, running
from tests.subject.targets import Target

# Not `SUBJECT.blocks`, which has those of one page where one is asked for.
PAGE = scan(ROOT / "docs" / "features" / "containers.md")
DOCKERFILE, COMPOSE, MANIFEST = (
    block for block in PAGE.blocks if SUBJECT.kind_of(block) == "container"
)
OF_PAGE = pytest.mark.pages


def _claim(request: pytest.FixtureRequest, block: Block) -> None:
    claim(
        request.node,
        kind="container",
        where=block.where,
        digest=block.digest,
        target=str(SUBJECT.targets[0]),
    )


@OF_PAGE
def test_image_keeps_its_sessions_in_a_volume_of_its_user(request: pytest.FixtureRequest) -> None:
    """The Dockerfile makes the directories for its user, and its command gets the signals."""
    _claim(request, DOCKERFILE)
    check_image(DOCKERFILE)


@OF_PAGE
@pytest.mark.parametrize("block", [COMPOSE, MANIFEST], ids=["compose", "kubernetes"])
def test_deployment_suits_the_image(block: Block, request: pytest.FixtureRequest) -> None:
    """Volumes, users and directories of a deployment are those of the image, and names lead on."""
    _claim(request, block)
    check = check_compose if block is COMPOSE else check_manifest
    check(block, image(DOCKERFILE))


LIES = [
    (DOCKERFILE, "USER 10001:10001", "USER 0:0", "does not own"),
    (DOCKERFILE, "/data /work", "/work", "PRAISONAI_HOME is no directory"),
    (DOCKERFILE, "/data/sessions", "/srv/sessions", "SESSION_DIR is elsewhere"),
    (DOCKERFILE, "WORKDIR /work", "WORKDIR /data/work", "working directory is none"),
    (DOCKERFILE, 'CMD ["uvicorn"', 'CMD "uvicorn"', "a shell gets the signals"),
    (DOCKERFILE, "COPY app", "COPPY app", "'COPPY"),
    (COMPOSE, "sessions:/data", "sessions:/date", "no volume at PRAISONAI_HOME"),
    (COMPOSE, "init: true", "init: false", "has no init"),
    (COMPOSE, "60s", "6s", "killed too soon"),
    (MANIFEST, "ReadWriteMany", "ReadWriteOnce", "cannot share"),
    (MANIFEST, "claimName: sessions", "claimName: session", "no volume that is claimed"),
    (MANIFEST, "mountPath: /data", "mountPath: /date", "no volume that is claimed"),
    (MANIFEST, "runAsUser: 10001", "runAsUser: 1000", "another user"),
    (MANIFEST, "fsGroup: 10001", "fsGroup: 1000", "another group's"),
    (MANIFEST, "matchLabels: {app: web}", "matchLabels: {app: bot}", "does not find"),
    (MANIFEST, "Seconds: 60", "Seconds: 6", "killed too soon"),
    (MANIFEST, "emptyDir: {}", "hostPath: {}", "does not go with it"),
]


@pytest.mark.parametrize(("block", "old", "new", "complaint"), LIES, ids=[lie[2] for lie in LIES])
def test_lie_in_a_deployment_is_caught(block: Block, old: str, new: str, complaint: str) -> None:
    """A user, a directory, a name or a time that does not fit is named at page and line."""
    assert old in block.text
    lie = dataclasses.replace(block, text=block.text.replace(old, new, 1))
    blocks = [lie if each is block else each for each in (DOCKERFILE, COMPOSE, MANIFEST)]

    def check_all() -> None:
        seen = check_image(blocks[0])
        check_compose(blocks[1], seen)
        check_manifest(blocks[2], seen)

    with pytest.raises(Wrong, match=rf"containers\.md:\d+: .*{complaint}"):
        check_all()


@contextmanager
def _pod(sandbox: Sandbox, target: Target, http: httpx.Client) -> Iterator[tuple[str, int]]:
    """The command of the image on the sandbox's volume: its address and its process id."""
    seen = image(DOCKERFILE)
    [port] = free_ports(1)
    home = seen.variables["PRAISONAI_HOME"]
    inside = {
        name: value.replace(home, str(sandbox.home), 1) for name, value in seen.variables.items()
    }
    here = {"/srv": str(sandbox.work), "0.0.0.0": "127.0.0.1"}
    words = [here.get(word, word) for word in seen.command]
    url = f"http://127.0.0.1:{port}/sessions"

    def is_ready() -> bool:
        with contextlib.suppress(httpx.TransportError):
            return http.get(f"{url}/ready/messages").status_code == 200
        return False

    environment = sandbox.environment(target, extra=inside)
    command = [sys.executable, "-m", *words, "--port", str(port)]
    with running(command, is_ready, environment=environment) as process:
        yield url, process.pid


class Writers:
    """Clients that post to a pod until it is gone, and note what was answered with 201."""

    def __init__(self, http: httpx.Client, url: str, names: list[str]) -> None:
        self.stored: list[str] = []
        self._http, self._url = http, f"{url}/chat/messages"
        self._is_over = threading.Event()
        self._threads = [threading.Thread(target=self._write, args=(name,)) for name in names]
        for thread in self._threads:
            thread.start()

    def _write(self, name: str) -> None:
        for number in itertools.count():
            text = f"{name}-{number}"
            if self._is_over.is_set():
                return
            try:
                answer = self._http.post(self._url, json={"content": text})
            except httpx.TransportError:
                return
            if answer.status_code == 201:
                self.stored.append(text)

    def wait_for(self, count: int) -> None:
        """Let them store so many messages more."""
        wanted = len(self.stored) + count
        while len(self.stored) < wanted and any(each.is_alive() for each in self._threads):
            time.sleep(0.005)

    def join(self, *, is_over: bool) -> None:
        """Wait until they have ended, which they do by themselves when their pod is gone."""
        if is_over:
            self._is_over.set()
        for thread in self._threads:
            thread.join(30)
            assert not thread.is_alive()


@pytest.mark.skipif(os.name != "posix", reason="there is no SIGTERM on this system")
def test_rolling_restart_loses_nothing(target: Target, sandbox: Sandbox) -> None:
    """What a pod that gets SIGTERM amid writes has answered with 201, its successor returns."""
    page = ROOT / "docs" / "recipes" / "uvicorn.md"
    Path(sandbox.work, "app.py").write_text(program(page).text, "utf-8")
    each_anew = httpx.Limits(max_keepalive_connections=0)
    with (
        httpx.Client(limits=each_anew, verify=False) as http,
        _pod(sandbox, target, http) as (old, pid),
        _pod(sandbox, target, http) as (new, _),
    ):
        before = Writers(http, old, ["old-a", "old-b"])
        after = Writers(http, new, ["new"])
        before.wait_for(20)
        os.kill(pid, signal.SIGTERM)
        before.join(is_over=False)
        after.wait_for(5)
        after.join(is_over=True)
        found = [each["content"] for each in http.get(f"{new}/chat/messages").json()]
    assert len(before.stored) >= 20
    assert len(after.stored) >= 5
    assert set(before.stored + after.stored) <= set(found)
    assert len(set(found)) == len(found)
