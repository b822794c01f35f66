"""Real servers on loopback, each for as long as a `with` block lasts."""

from tests.support.servers.moto import moto
from tests.support.servers.postgres import postgres
from tests.support.servers.redis import redis
from tests.support.servers.seaweed import seaweed

__all__ = ["moto", "postgres", "redis", "seaweed"]
