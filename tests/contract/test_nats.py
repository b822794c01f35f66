"""What is NATS' own: the page's cluster, nodes that are lost, identities, long conversations."""

import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from executable_pages.testing.evidence import claim
from executable_pages.testing.scanner import scan
from executable_pages.testing.shell import commands
from tests.faults.links import imported
from tests.subject.recipes import RECIPES, Recipe, command
from tests.subject.servers.nats import Cluster

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the servers' wheels are for POSIX")
RECIPE = next(each for each in RECIPES if each.page == "nats")
NATS = pytest.mark.parametrize(
    ("recipe", "server"), [pytest.param(RECIPE, RECIPE, id=RECIPE.name)], indirect=["server"]
)


@pytest.fixture(scope="module")
def module(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The recipe as a module."""
    place = tmp_path_factory.mktemp("nats")
    return imported(place, RECIPE.write(place))


@pytest.fixture
def opened(module: Any) -> Iterator[Callable[..., Any]]:
    """Opens stores, which are closed in the end."""
    stores: list[Any] = []

    def open_store(server: dict[str, str], **more: Any) -> Any:
        stores.append(module.NatsSessionStore(server["NATS_URL"], **more))
        return stores[-1]

    yield open_store
    for store in stores:
        store.close()


def _texts(store: Any, session: str, *more: int) -> list[str]:
    return [message["content"] for message in store.get_chat_history(session, *more)]


@NATS
def test_nodes_are_lost_and_no_message_is(
    recipe: Recipe, server: Cluster, opened: Callable[..., Any]
) -> None:
    """The leader is killed, or stopped, or all are killed: four writers lose and double nothing.

    A node that comes back without its disk has all messages again.
    """
    losses = [_kill_leader, _stop_leader, _kill_all]
    counts = [0] * 4
    done = False

    def write(writer: int) -> None:
        store = opened(server, timeout=60.0, answer=1.0)
        while not done:
            assert store.add_message("lost", "user", f"{writer}-{counts[writer]}") is True
            counts[writer] += 1
            time.sleep(0.02)

    with ThreadPoolExecutor(4) as pool:
        writers = [pool.submit(write, number) for number in range(4)]
        try:
            for lose in losses:
                before = [*counts]
                lose(server)
                _until(lambda before=before: all(map(int.__gt__, counts, before)))
        finally:
            done = True
        for each in writers:
            each.result()
    wanted = sorted(f"{writer}-{number}" for writer in range(4) for number in range(counts[writer]))
    server.wait()
    for node in server.nodes:
        store = opened({"NATS_URL": f"nats://127.0.0.1:{node.port}"})
        assert sorted(_texts(store, "lost")) == wanted


def _until(question: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not question():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def _kill_leader(server: Cluster) -> None:
    node = server.leader
    node.kill()
    others = [each for each in server.nodes if each is not node]
    _until(lambda: any(each.leads() for each in others))
    node.lose_disk()
    node.start()
    server.wait()


def _stop_leader(server: Cluster) -> None:
    node = server.leader
    others = [each for each in server.nodes if each is not node]
    with node.stalled():
        _until(lambda: any(each.leads() for each in others))
    server.wait()


def _kill_all(server: Cluster) -> None:
    for node in server.nodes:
        node.kill()
    for node in server.nodes:
        node.start()
    server.wait()


@NATS
def test_an_identity_outlives_a_clear_and_a_restart(
    recipe: Recipe, server: Cluster, opened: Callable[..., Any]
) -> None:
    """A message that was delivered, and cleared, is not stored again after all nodes restarted."""
    store = opened(server)
    given = {"message_id": "m-1"}
    for change, exists in ((store.clear_session, True), (store.delete_session, False)):
        session = change.__name__
        store.add_message(session, "user", "once", given)
        change(session)
        server.restart()
        assert store.add_message(session, "user", "once", given) is True
        assert (_texts(store, session), store.session_exists(session)) == ([], exists)


@NATS
def test_the_newest_are_found_wherever_they_are(
    recipe: Recipe, server: Cluster, opened: Callable[..., Any]
) -> None:
    """The newest of a long conversation are found among those of others, however far back."""
    store = opened(server)
    rows = [f"{number}" for number in range(60)]
    for text in rows[:50]:
        store.add_message("far", "user", text)
    for number in range(300):
        store.add_message("others", "user", f"{number}")
    for text in rows[50:]:
        store.add_message("far", "user", text)
    for newest in (1, 5, 10, 11, 30, 59, 60, 61):
        assert _texts(store, "far", newest) == rows[-newest:]
    assert _texts(store, "far") == rows


@NATS
def test_what_is_too_large_is_refused_at_once(
    recipe: Recipe, server: Cluster, module: Any, opened: Callable[..., Any]
) -> None:
    """A message above the server's `max_payload` raises at once, and the next one is stored."""
    store = opened(server, timeout=60.0)
    started = time.monotonic()
    with pytest.raises(module.MaxPayloadError):
        store.add_message("large", "user", "x" * 9_000_000)
    assert time.monotonic() - started < 30
    assert store.add_message("large", "user", "small") is True
    assert _texts(store, "large") == ["small"]


def test_the_cluster_of_the_page_starts(
    tmp_path: Path, opened: Callable[..., Any], request: pytest.FixtureRequest
) -> None:
    """The two blocks of the page, typed, start nodes, and each knows what others were told."""
    shown = command(RECIPE.path, "seq")
    blocks = [block for block in scan(RECIPE.path).blocks if block.language == "bash"]
    [settings] = [block for block in blocks if "nats.conf <<" in block.text]
    claim(
        request.node,
        kind="shell",
        where=shown.block.where,
        digest=shown.block.digest,
        target="reference",
    )
    clients, routes = _prefix(), _prefix()
    text = f"{commands(settings)[0].text}\n{shown.text}\n"
    assert "-p 422N" in text
    text = text.replace("422N", f"{clients}N").replace(":622", f":{routes}")
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            ["bash", "-c", text],
            cwd=tmp_path,
            env=os.environ | {"PATH": path},
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        urls = [f"nats://127.0.0.1:{clients}{number}" for number in (1, 2, 3)]
        for url in urls:
            store = opened({"NATS_URL": url}, timeout=60.0)
            assert store.add_message("typed", "user", url) is True
        for url in urls:
            assert _texts(opened({"NATS_URL": url}), "typed") == urls
    finally:
        os.killpg(process.pid, signal.SIGINT)
        process.wait(timeout=60)
    kept = [each.parent.name for each in (tmp_path / "data").glob("*/jetstream")]
    assert sorted(kept) == ["1", "2", "3"]


def _prefix() -> int:
    """A number that is a free port with each of three digits behind it."""
    numbers = [*range(1500, 3200)]
    random.SystemRandom().shuffle(numbers)
    return next(each for each in numbers if all(map(_is_free, range(10 * each, 10 * each + 4))))


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
