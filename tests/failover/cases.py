"""Whose machine is lost, and with which settings."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol

from tests.subject import servers
from tests.subject.servers.losses import LOSSES, Loss


class Replicas(Protocol):
    """Servers of which one is lost; the addresses are arguments of the recipe's store."""

    page: str

    def far(self) -> dict[str, Any]:
        """How a client reaches them over the network."""

    def near(self) -> dict[str, Any]:
        """How a client does so whom no partition keeps from the primary."""

    def direct(self) -> dict[str, Any]:
        """How to reach the new primary."""

    def lose(self, loss: Loss) -> None:
        """Lose the primary."""

    def promote(self) -> None:
        """Return when there is a new primary."""

    def rejoin(self, loss: Loss) -> None:
        """Make the old primary a replica of the new one."""


@dataclass(frozen=True)
class Case:
    """A kind of deployment.

    Args:
        recipe: Its name in the table.
        setting: In the words of the table.
        safe: Whether the page says that nothing acknowledged is lost.
        start: Starts the servers.
        arguments: Of the store, beside its address.
        losses: How the primary is lost.
    """

    recipe: str
    setting: str
    safe: bool
    start: Callable[[], AbstractContextManager[Replicas]]
    arguments: dict[str, Any] = field(default_factory=dict)
    losses: tuple[Loss, ...] = LOSSES

    @property
    def name(self) -> str:
        """The two in one."""
        return f"{self.recipe}, {self.setting}"


CASES = [
    Case("Redis", "`replicas=0`", False, servers.valkey_sentinels, {"replicas": 0}),
    Case("Redis", "`replicas=1`", True, servers.valkey_sentinels, {"replicas": 1}),
    Case(
        "Postgres",
        "no synchronous standby",
        False,
        partial(servers.postgres_pair, synchronous=False),
    ),
    Case(
        "Postgres",
        "`synchronous_standby_names`",
        True,
        partial(servers.postgres_pair, synchronous=True),
    ),
]
