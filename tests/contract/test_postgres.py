"""What is Postgres' own: locks and connections, PgBouncer, standbys, and what is forgotten."""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest

from tests.contract.test_recipes import on
from tests.faults.links import Link
from tests.subject.recipes import RECIPES, Recipe
from tests.subject.servers import pgbouncer

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the servers' wheels are for POSIX")
POSTGRES = [each for each in RECIPES if each.page == "postgres"]


@pytest.fixture
def admin(server: dict[str, str]) -> Iterator[psycopg.Connection[Any]]:
    """A connection of somebody else."""
    with psycopg.connect(server["DATABASE_URL"], autocommit=True) as connection:
        yield connection


@on(POSTGRES)
def test_a_locked_session_stops_no_other(
    recipe: Recipe, server: dict[str, str], link: Link, admin: psycopg.Connection[Any]
) -> None:
    """While more threads than a process has connections wait for one session, others go on."""
    url, threads = server["DATABASE_URL"], 6
    store = type(link.direct)(url, timeout=60.0, answer=30.0, connections=2)
    free, locked = link.session(["old"]), link.session(["old"])
    with ThreadPoolExecutor(threads + 1) as pool:
        with admin.transaction():
            row = f'"{locked}"'
            admin.execute("SELECT 1 FROM sessions WHERE id = %s FOR UPDATE", (row,))
            waiting = [pool.submit(store.add_message, locked, "user", "x") for _ in range(threads)]
            for number in range(3):
                add = pool.submit(store.add_message, free, "user", str(number))
                assert add.result(timeout=20) is True
                assert len(store.get_chat_history(free)) == number + 2
            assert not any(each.done() for each in waiting)
        assert all(each.result() for each in waiting)
    store.close()
    assert len(link.texts(locked) or ()) == 1 + threads


@on(POSTGRES)
def test_behind_pgbouncer_all_is_the_same(
    recipe: Recipe, server: dict[str, str], link: Link
) -> None:
    """In transaction mode every call works, also from more threads than there are connections."""
    with pgbouncer(server["DATABASE_URL"]) as url:
        store = type(link.direct)(url)
        session = link.session(None)
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda n: store.add_message(session, "user", str(n)), range(40)))
        assert sorted(link.texts(session) or ()) == sorted(map(str, range(40)))
        assert len(store.get_chat_history(session, 5)) == 5
        assert store.clear_session(session) is True
        assert store.session_exists(session)
        assert store.delete_session(session) is True
        assert not store.session_exists(session)
        store.close()


@on(POSTGRES)
def test_a_pooler_need_not_know_the_client(recipe: Recipe, link: Link) -> None:
    """The store prepares no statement on the server and asks for no options when it connects."""
    session = link.session(["old"])
    for _ in range(8):
        link.direct.get_chat_history(session)
    with link.direct._connection() as db:
        assert "options" not in db.info.get_parameters()
        [(prepared,)] = db.execute("SELECT count(*) FROM pg_prepared_statements").fetchall()
    assert prepared == 0


def _until_commits_wait(link: Link) -> None:
    other = link.session(None)
    for number in range(1000):
        try:
            link.hasty.add_message(other, "user", str(number))
        except psycopg.OperationalError:
            return
    raise AssertionError("no commit waited for a standby")


@on(POSTGRES)
def test_a_repeat_waits_for_the_standby_too(
    recipe: Recipe, link: Link, admin: psycopg.Connection[Any]
) -> None:
    """Where no standby confirms, a write raises though its row is visible, and so does its repeat.

    A repeat that changed nothing would have nothing to wait for, and answer at once.
    """
    session = link.session(["old"])
    message = (session, "user", "new", {"message_id": "m-1"})
    cancel = "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
    admin.execute("ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
    try:
        admin.execute("SELECT pg_reload_conf()")
        _until_commits_wait(link)
        for _ in range(2):
            with pytest.raises(psycopg.OperationalError):
                link.hasty.add_message(*message)
        # Who gives up the wait of a backend makes its row visible.
        while link.texts(session) == ["old"]:
            admin.execute(cancel)
        assert link.texts(session) == ["old", "new"]
        with pytest.raises(psycopg.OperationalError):
            link.hasty.add_message(*message)
    finally:
        admin.execute("ALTER SYSTEM RESET synchronous_standby_names")
        admin.execute("SELECT pg_reload_conf()")
    assert link.hasty.add_message(*message) is True
    assert link.texts(session) == ["old", "new"]


@on(POSTGRES)
def test_a_cancelled_wait_is_no_answer(
    recipe: Recipe, server: dict[str, str], link: Link, admin: psycopg.Connection[Any]
) -> None:
    """A write whose wait for a standby somebody cancels raises, though the server reports success.

    The store waits for a standby where the database is set not to, unless it is told otherwise.
    """
    url = server["DATABASE_URL"]
    session, made = link.session(["old"]), type(link.direct)
    patient, local = made(url, timeout=3.0, answer=1.0), made(url, synchronous_commit="local")
    cancel = "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
    admin.execute("ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
    admin.execute("ALTER SYSTEM SET synchronous_commit = off")
    try:
        admin.execute("SELECT pg_reload_conf()")
        _until_commits_wait(link)
        assert local.add_message(session, "user", "local") is True
        with ThreadPoolExecutor(1) as pool:
            add = pool.submit(patient.add_message, session, "user", "new")
            while link.texts(session) == ["old", "local"]:
                admin.execute(cancel)
            with pytest.raises(psycopg.OperationalError):
                add.result(timeout=20)
        assert link.texts(session) == ["old", "local", "new"]
    finally:
        admin.execute("ALTER SYSTEM RESET ALL")
        admin.execute("SELECT pg_reload_conf()")
    assert patient.add_message(session, "user", "new") is True
    assert link.texts(session) == ["old", "local", "new"]
    patient.close()
    local.close()


@on(POSTGRES)
def test_identities_of_writes_are_forgotten_after_a_day(
    recipe: Recipe, link: Link, admin: psycopg.Connection[Any]
) -> None:
    """Writes remove the identities of those that were made more than a day ago, two each."""
    session = link.session(None)
    admin.execute("DELETE FROM session_writes")
    for number in range(4):
        link.direct.add_message(session, "user", str(number))
    admin.execute("UPDATE session_writes SET at = now() - interval '25 hours'")
    link.direct.add_message(session, "user", "4")
    link.direct.add_message(session, "user", "5")
    [(left,)] = admin.execute("SELECT count(*) FROM session_writes").fetchall()
    assert left == 2
    assert len(link.texts(session) or ()) == 6
