"""Real servers on loopback, each for as long as a `with` block lasts."""

from tests.subject.servers.moto import moto
from tests.subject.servers.postgres import postgres
from tests.subject.servers.redis import redis
from tests.subject.servers.seaweed import seaweed

__all__ = ["moto", "postgres", "redis", "seaweed"]
