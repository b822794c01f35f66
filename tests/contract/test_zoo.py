"""Every broken store is caught by the clause that was made for it, and the working one by none."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from reference_impl.contract import GUARANTEES, SessionStoreContract, processes
from reference_impl.contract.factory import Factory
from reference_impl.contract.kit import Kit
from reference_impl.contract.processes import Pool
from reference_impl.contract.route import Route
from tests.contract.zoo import zoo
from tests.subject.clause_processes import AHEAD, start_one
from tests.subject.recipes import RECIPES

FACTORY = Factory.parse("tests.contract.zoo:open_store")
ANIMALS = zoo()
# The working stores that have what the others lack.
RIGHT = {
    "network": "OnServer",
    "async methods": "Later",
    "windows": "Windowed",
    "message ids": "KeepsIds",
}


def clauses() -> dict[str, str]:
    """Every clause as the report names it, with its guarantee."""
    found: dict[str, str] = {}
    for name in dir(SessionStoreContract):
        method = getattr(SessionStoreContract, name)
        if (guarantee := getattr(method, "guarantee", None)) is None:
            continue
        marks = getattr(method, "pytestmark", [])
        ids = [f"[{each}]" for mark in marks for each in mark.kwargs.get("ids", [])]
        found |= {name.removeprefix("test_") + each: guarantee for each in ids or [""]}
    return found


def run(clause: str, kit: Kit) -> None:
    """Call a clause as pytest would."""
    name, _, case = clause.partition("[")
    method = getattr(SessionStoreContract(), f"test_{name}")
    kit.require(method.abilities)
    arguments = []
    for mark in getattr(method, "pytestmark", []):
        cases = dict(zip(mark.kwargs["ids"], mark.args[1], strict=True))
        arguments = [cases[case.rstrip("]")]]
    method(kit, *arguments)


def abilities(clause: str) -> tuple[str, ...]:
    """The abilities that a clause asks for."""
    method = getattr(SessionStoreContract, f"test_{clause.partition('[')[0]}")
    return tuple(method.abilities)


@pytest.fixture
def pool(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Pool]:
    """The processes of the store that the environment names."""
    monkeypatch.setenv("ZOO_DIRECTORY", str(tmp_path))
    monkeypatch.setattr(processes, "interpreter", start_one)
    name = request.node.callspec.params["name"]
    pool = Pool(FACTORY, way(request, monkeypatch, ANIMALS[name].clause))
    yield pool
    pool.close()


def way(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, clause: str
) -> Route | None:
    """The way to a server where a clause asks for one."""
    if "network" not in abilities(clause):
        return None
    served = request.getfixturevalue("servers")(RECIPES[0])
    monkeypatch.setenv(AHEAD, "redis tests.contract.zoo_network")
    monkeypatch.setenv("REDIS_URL", served["REDIS_URL"])
    return Route.parse("REDIS_URL")


@pytest.mark.parametrize("name", ANIMALS)
def test_a_broken_store_is_caught(name: str, pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    """The clause made for a broken store fails on it, for the reason that was expected."""
    monkeypatch.setenv("ZOO_STORE", name)
    animal = ANIMALS[name]
    kit = Kit(pool)
    try:
        with pytest.raises((Exception, pytest.skip.Exception)) as failure:
            run(animal.clause, kit)
    finally:
        kit.close()
    caught = failure.value
    assert not isinstance(caught, pytest.skip.Exception)
    assert re.search(animal.words, str(caught)), f"another reason: {caught}"
    if animal.waited is not None:
        assert kit.notes["fairness"]["slowest_wait_seconds"] > animal.waited


@pytest.fixture(scope="module")
def working_pool(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pool]:
    """The processes of the working store, for all clauses as in a run of the contract."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv("ZOO_DIRECTORY", str(tmp_path_factory.mktemp("working")))
        monkeypatch.setenv("ZOO_STORE", "Base")
        monkeypatch.setattr(processes, "interpreter", start_one)
        pool = Pool(FACTORY)
        yield pool
        pool.close()


@pytest.mark.parametrize("clause", clauses())
def test_the_working_store_is_not_caught(
    request: pytest.FixtureRequest,
    clause: str,
    working_pool: Pool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Every clause passes on the store that the broken ones are made of."""
    other = next((RIGHT[each] for each in RIGHT if each in abilities(clause)), None)
    pool = working_pool
    if other is not None:
        monkeypatch.setenv("ZOO_STORE", other)
        pool = Pool(FACTORY, way(request, monkeypatch, clause))
    kit = Kit(pool)
    try:
        run(clause, kit)
    finally:
        kit.close()
        if pool is not working_pool:
            pool.close()


def test_every_clause_catches_a_store() -> None:
    """No clause is there that catches nothing, and no store without a clause."""
    caught = {animal.clause for animal in ANIMALS.values()}
    assert set(clauses()) - caught == set()
    assert caught - set(clauses()) == set()
    assert len(ANIMALS) >= 25


def test_every_guarantee_has_a_clause() -> None:
    """The guarantees of the contract are those that its clauses prove."""
    assert set(clauses().values()) == set(GUARANTEES)


@pytest.mark.parametrize("clause", clauses())
def test_a_clause_says_what_must_hold(clause: str) -> None:
    """The docstring of a clause is one sentence."""
    method = getattr(SessionStoreContract, f"test_{clause.partition('[')[0]}")
    assert re.fullmatch(r"[A-Za-z][^\n]*[^.]\.", method.__doc__ or "")
    assert ". " not in method.__doc__.replace("0.25 s", "")
