"""What is Redis' own: a cluster, loading, replicas, expiry, and other software's keys."""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

import pytest
from redis import Redis
from redis.sentinel import SentinelManagedSSLConnection

from executable_pages.testing.sandbox import Sandbox
from tests.contract.test_production import client_of
from tests.faults.links import imported
from tests.subject.recipes import RECIPES
from tests.subject.servers import Service, redis, redis_cluster, valkey_sentinels

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the servers' wheels are for POSIX")
RECIPE = next(each for each in RECIPES if each.page == "redis")
OPENED = "module.open_store()"


@pytest.fixture(scope="module")
def server() -> Iterator[Service]:
    """A server for the tests of this module."""
    # A replica gets its first copy at once.
    with redis("--repl-diskless-sync-delay", "0") as service:
        yield service


@pytest.fixture
def admin(server: Service) -> Iterator[Any]:
    """A client that sees the keys; there are none."""
    with Redis.from_url(server["REDIS_URL"], decode_responses=True) as client:
        client.flushall()
        yield client


@pytest.fixture(scope="module")
def module(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The recipe as a module."""
    place = tmp_path_factory.mktemp("redis")
    return imported(place, RECIPE.write(place))


@pytest.mark.proves("recipes-in-production")
@pytest.mark.parametrize("client_of_what", ["a server", "the cluster"])
def test_redis_may_be_a_cluster(client_of_what: str, sandbox: Sandbox) -> None:
    """On a server in cluster mode every call works, whatever braces an id has."""
    with redis_cluster() as server:
        if client_of_what == "the cluster":
            server["REDIS_CLUSTER"] = "1"
        with client_of(RECIPE, sandbox, server, OPENED) as client:
            sessions = ("a", "{a}b", "{", "}", "{}", "{}{a}", "a}{b", "\u00e4{\u00e4}")
            for session in sessions:
                client.call("add", f"of {session}", session)
                client.call("add", "more", session)
            for session in sessions:
                assert client.call("texts", session) == [f"of {session}", "more"]
                assert client.call("forget", session) is True
                assert client.call("texts", session) == []


def _key(session: str) -> str:
    return f"praisonai:{{session:{session}}}"


def test_a_server_that_reads_its_data_is_waited_for(sandbox: Sandbox) -> None:
    """A call that is made while the server restarts and reads its data is answered when it can be.

    A call is one round trip, also on a conversation of 8,000 messages.
    """
    said: list[str] = []
    with (
        redis("--key-load-delay", "50") as server,
        client_of(RECIPE, sandbox, server, OPENED) as client,
        Redis.from_url(server["REDIS_URL"]) as admin,
        ThreadPoolExecutor(1) as pool,
    ):
        pipe = admin.pipeline()
        for number in range(8_000):
            pipe.rpush(_key("long"), f'{{"role": "user", "content": "{number}"}}')
        pipe.execute()
        client.call("texts", "long")
        for call in (("texts", "long"), ("add", "more", "long")):
            before = admin.info("stats")["total_reads_processed"]
            client.call(*call)
            # The second of the two asks for the number.
            assert admin.info("stats")["total_reads_processed"] - before == 2
        restart = pool.submit(server.restart)
        while not restart.done():
            said.append(str(len(said)))
            assert client.call("add", said[-1]) is True
        restart.result()
        assert client.call("texts") == said


def test_keys_of_other_software_are_left_alone(module: Any, server: Service, admin: Any) -> None:
    """No call reads, writes or deletes a key without the store's prefix, Flask-Session's say."""
    store = module.RedisSessionStore(server["REDIS_URL"])
    others = {"session:7", "7", "praisonai:7", _key("other")}
    for taken in others:
        admin.set(taken, "not ours")
    store.add_message("7", "user", "m")
    store.set_chat_history("7", [{"role": "user", "content": "n"}])
    store.clear_session("7")
    assert store.session_exists("7")
    store.delete_session("7")
    assert {admin.get(taken) for taken in others} == {"not ours"}
    written = set(admin.keys("*")) - others
    assert written
    assert all(key.startswith(_key("7") + ":") for key in written)
    two = module.RedisSessionStore(server["REDIS_URL"], prefix="second:")
    two.add_message("7", "user", "m")
    assert not store.session_exists("7")


def test_an_expiry_stays(module: Any, server: Service, admin: Any) -> None:
    """A time to live that was set on a session is kept by every write but the delete."""
    store = module.RedisSessionStore(server["REDIS_URL"])
    store.add_message("7", "user", "m")
    admin.expire(_key("7"), 1000)
    store.add_message("7", "user", "n")
    store.set_chat_history("7", [{"role": "user", "content": "o"}])
    store.clear_session("7")
    assert 990 < admin.ttl(_key("7")) <= 1000
    store.delete_session("7")
    store.add_message("7", "user", "m")
    assert admin.ttl(_key("7")) == -1


def test_identities_are_forgotten_after_a_day(module: Any, server: Service, admin: Any) -> None:
    """Each write leaves one key of less than 250 bytes, which expires after a day."""
    store = module.RedisSessionStore(server["REDIS_URL"])
    store.add_message("7" * 40, "user", "m")
    store.clear_session("7" * 40)
    kept = [key for key in admin.keys("*") if key != _key("7" * 40)]
    assert len(kept) == 2
    for key in kept:
        assert 86_390 < admin.ttl(key) <= 86_400
        assert admin.memory_usage(key) < 250


def test_a_write_waits_for_replicas(module: Any, server: Service, admin: Any) -> None:
    """With replicas, a write that too few have is an error, also when another client repeats it.

    WAIT counts what its own connection has written, so a repeat writes too.
    """
    url = server["REDIS_URL"]
    with pytest.raises(ValueError, match="cluster"):
        module.RedisSessionStore(url, replicas=1, cluster=True)

    def store(timeout: float = 0.6) -> Any:
        return module.RedisSessionStore(url, timeout=timeout, answer=0.4, replicas=1)

    def append(client: Any) -> object:
        return client.add_message("7", "user", "m", {"message_id": "m-1"})

    address = urlsplit(url)
    with (
        redis("--replicaof", f"{address.hostname} {address.port}") as replica,
        Redis.from_url(replica["REDIS_URL"], decode_responses=True) as copy,
    ):
        assert store(10).add_message("8", "user", "n") is True
        assert copy.llen(_key("8")) == 2
        with replica.stalled():
            for _ in range(2):
                with pytest.raises(module.TimeoutError, match="replicas"):
                    append(store())
        assert append(store(10)) is True
        assert copy.llen(_key("7")) == 2


def test_sentinels_name_the_primary(module: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the sentinels in the environment the store asks them, and has each write on a replica.

    Others see a write before a replica has it. The rest of the URL is kept: database, user, and
    whether the connection is encrypted.
    """
    with valkey_sentinels() as replicas:
        far = replicas.far()
        monkeypatch.setenv("REDIS_URL", far["url"])
        watch = " ".join(f"{host}:{port}" for host, port in far["sentinels"])
        monkeypatch.setenv("REDIS_SENTINELS", watch)
        store = module.open_store()
        assert store.add_message("7", "user", "m") is True
        copy = module.RedisSessionStore(**replicas.direct())
        assert [each["content"] for each in copy.get_chat_history("7")] == ["m"]
        replicas.services[1].stop()
        hasty = module.RedisSessionStore(**far, timeout=0.6, answer=0.4)
        with pytest.raises(module.TimeoutError, match="replicas"):
            hasty.add_message("7", "user", "n")
        assert [each["content"] for each in store.get_chat_history("7")] == ["m", "n"]
        replicas.services[1].go_on()
    there = module.RedisSessionStore("rediss://u:p@sessions/3", sentinels=far["sentinels"])
    pool = there._redis.connection_pool
    assert pool.service_name == "sessions"
    assert issubclass(pool.connection_class, SentinelManagedSSLConnection)
    kept = {name: pool.connection_kwargs[name] for name in ("db", "username", "password")}
    assert kept == {"db": 3, "username": "u", "password": "p"}


def test_redis_py_repeats_or_not_as_the_page_says(server: Service) -> None:
    """`Redis(host=...)` has retries of its own, `Redis.from_url` has none: the store sets them."""
    assert Redis(host="127.0.0.1").get_retry().get_retries() > 0
    assert Redis.from_url(server["REDIS_URL"]).get_retry() is None
