"""The way from a store to its server, as a variable of the environment says it."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from reference_impl.contract.factory import FactoryError
from reference_impl.contract.proxy import Proxy

# A URL's or an address' host and port, or a port of this machine alone.
_ADDRESS = re.compile(r"(?:(?P<host>\[[0-9a-fA-F:]+\]|[A-Za-z0-9_.-]+):)?(?P<port>\d{1,5})")
_HERE = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Route:
    """A variable, what stands in it before and after the address, and the address."""

    variable: str
    before: str
    host: str | None
    port: int
    after: str

    @classmethod
    def parse(cls, variable: str) -> "Route":
        """Find the address in a variable: a URL with a port, `host:port` or a port.

        Raises `FactoryError` when the variable is not set, or names no single address.
        """
        value = os.environ.get(variable)
        if value is None:
            raise FactoryError(
                f"--session-store-network {variable}: there is no such variable. "
                "Set it to where the server is, as open_store() reads it."
            )
        scheme, slashes, rest = value.rpartition("://")
        place, slash, path = rest.partition("/")
        user, at, address = place.rpartition("@")
        if (found := _ADDRESS.fullmatch(address)) is None:
            raise FactoryError(
                f"--session-store-network {variable}: {address!r} is not one host with a port. "
                "Write the port too, also when it is the usual one."
            )
        before, after = f"{scheme}{slashes}{user}{at}", f"{slash}{path}"
        host = found["host"]
        return cls(variable, before, host and host.strip("[]"), int(found["port"]), after)

    @contextmanager
    def through(self) -> Iterator[Proxy]:
        """Put a proxy before the server, for all who read the variable while the block lasts."""
        there = os.environ[self.variable]
        with Proxy(self.port, self.host or _HERE) as proxy:
            host = f"{_HERE}:" if self.host else ""
            os.environ[self.variable] = f"{self.before}{host}{proxy.port}{self.after}"
            try:
                yield proxy
            finally:
                os.environ[self.variable] = there
