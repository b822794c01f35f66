"""A PostgreSQL primary and its standby, each behind a network that can fail."""

import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from reference_impl.contract.proxy import Proxy
from tests.subject.servers.losses import LATENCY, Loss
from tests.subject.servers.postgres import Installation, accepts, installation
from tests.subject.servers.process import free_ports, running
from tests.subject.servers.service import Service

# PostgreSQL promotes nobody by itself. Here a manager does, as Patroni would, after so long.
DETECTED = 1.0
# In files of the database: after a kill they are removed with it.
SETTINGS = ("dynamic_shared_memory_type=mmap",)


class Node:
    """A server on a machine of its own: it is reached through its door, or from within."""

    service: Service

    def __init__(self, programs: Installation, place: Path, number: int) -> None:
        self._programs, self._place = programs, place
        self.data = place / f"data-{number}"
        [self.port] = free_ports(1)
        self.url = f"postgresql://postgres@127.0.0.1:{self.port}/postgres"
        self.door = Proxy(self.port, late=b"replication", latency=LATENCY)

    def serve(self, other: "Node", *settings: str) -> None:
        """Make ready to run, and to follow another through its door where this is a standby."""
        follows = f"primary_conninfo=host=127.0.0.1 port={other.door.port} user=postgres"
        start = partial(
            running,
            self._programs.command(self.data, self.port, follows, *settings),
            partial(accepts, self.url),
            user=self._programs.user,
            stop=signal.SIGINT,
            directory=str(self._place),
        )
        self.service = Service({}, start)

    def copy(self, other: "Node") -> None:
        """Become the standby of another; a copy through its door would take long."""
        shutil.rmtree(self.data, ignore_errors=True)
        there = f"host=127.0.0.1 port={other.port} user=postgres"
        options = ("-R", "-X", "stream", "-c", "fast", "--no-sync")
        self.run("pg_basebackup", "-d", there, *options)

    def run(self, program: str, *options: str) -> None:
        """Run a program of PostgreSQL on this server's data."""
        self._programs.run(program, *options, "-D", self.data, place=self._place)

    def kill(self) -> None:
        """End all processes, and remove the memory that they leave in the system."""
        segment = (self.data / "postmaster.pid").read_text().splitlines()[6].split()[1]
        self.service.kill()
        subprocess.run(["ipcrm", "-m", segment], check=True)


class PostgresPair:
    """A primary and a standby, and the manager that promotes the standby.

    Args:
        primary: The server that takes writes.
        standby: The one that follows it.
    """

    page = "postgres"

    def __init__(self, primary: Node, standby: Node) -> None:
        self.primary, self.standby = primary, standby

    def far(self) -> dict[str, Any]:
        """How a client reaches the two over the network."""
        ports = (self.primary.door.port, self.standby.door.port)
        return {"url": _url(*ports)}

    def near(self) -> dict[str, Any]:
        """How a client does so whom no partition keeps from the primary."""
        return {"url": _url(self.primary.port, self.standby.door.port)}

    def direct(self) -> dict[str, Any]:
        """How to reach the server that was promoted."""
        return {"url": self.standby.url}

    def lose(self, loss: Loss) -> None:
        """Lose the primary."""
        if loss == "partition":
            self.primary.door.part()
            return
        self.primary.service.stop()
        if loss == "kill":
            # What is on its way to the standby is lost with the machine.
            self.primary.door.refuse()
            self.primary.kill()

    def promote(self) -> None:
        """Make the standby the primary."""
        time.sleep(DETECTED)
        self.standby.run("pg_ctl", "promote")

    def rejoin(self, loss: Loss) -> None:
        """Make the old primary, which may be alive, the standby of the new one."""
        if loss == "stop":
            self.primary.service.go_on()
            time.sleep(DETECTED)
        if loss != "kill":
            self.primary.kill()
        self.primary.copy(self.standby)
        self.primary.service.start()
        if loss == "kill":
            self.primary.door.accept()
        self.primary.door.heal()


@contextmanager
def postgres_pair(*, synchronous: bool) -> Iterator[PostgresPair]:
    """Run the two; `synchronous`, and a commit waits for the standby."""
    settings = [*SETTINGS, *(["synchronous_standby_names=*"] if synchronous else [])]
    with installation() as (programs, place), ExitStack() as stack:
        primary, standby = (Node(programs, place, number) for number in range(2))
        stack.enter_context(primary.door)
        stack.enter_context(standby.door)
        primary.serve(standby, *settings)
        standby.serve(primary, *settings)
        programs.initialise(primary.data)
        stack.enter_context(primary.service)
        standby.copy(primary)
        stack.enter_context(standby.service)
        yield PostgresPair(primary, standby)


def _url(*ports: int) -> str:
    return f"postgresql://postgres@{','.join(f'127.0.0.1:{port}' for port in ports)}/postgres"
