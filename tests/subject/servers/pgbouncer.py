"""PgBouncer in transaction mode before a PostgreSQL server, from the system's package."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from executable_pages.testing.requirements import require
from tests.subject.servers.process import answers, free_ports, running


@contextmanager
def pgbouncer(url: str) -> Iterator[str]:
    """The URL of a pooler that gives its clients two connections for a transaction each."""
    program = require("pgbouncer")
    address = urlsplit(url)
    [port] = free_ports(1)
    with tempfile.TemporaryDirectory(prefix="pgbouncer-") as directory:
        place = Path(directory)
        # Where this is root, the pooler becomes nobody and reads its file again.
        place.chmod(0o755)
        settings = place / "pgbouncer.ini"
        server = f"host={address.hostname} port={address.port} user={address.username}"
        settings.write_text(
            f"[databases]\n* = {server}\n"
            f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\n"
            "auth_type = any\npool_mode = transaction\ndefault_pool_size = 2\n",
            "utf-8",
        )
        command = [program, *(["-u", "nobody"] if os.geteuid() == 0 else []), settings]
        with running(command, lambda: answers(port), directory=directory):
            yield f"postgresql://{address.username}@127.0.0.1:{port}{address.path}"
