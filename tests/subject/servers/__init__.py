"""Real servers on loopback, each for as long as a `with` block lasts."""

from tests.subject.servers.moto import moto
from tests.subject.servers.nats import nats, nats_cluster
from tests.subject.servers.pgbouncer import pgbouncer
from tests.subject.servers.postgres import postgres
from tests.subject.servers.redis import redis, redis_cluster
from tests.subject.servers.seaweed import seaweed
from tests.subject.servers.sentinels import valkey_sentinels
from tests.subject.servers.service import Service
from tests.subject.servers.standby import postgres_pair

__all__ = [
    "Service",
    "moto",
    "nats",
    "nats_cluster",
    "pgbouncer",
    "postgres",
    "postgres_pair",
    "redis",
    "redis_cluster",
    "seaweed",
    "valkey_sentinels",
]
