"""The way to a server, as a variable says it, and a store that does not go it."""

import os
from pathlib import Path

import pytest

from reference_impl.contract.factory import FactoryError
from reference_impl.contract.route import Route
from tests.subject.contract_run import run_contract

ADDRESSES = {
    "redis://127.0.0.1:6379/0": ("redis://127.0.0.1:{}/0", "127.0.0.1", 6379),
    "postgresql://me:p%40ss@db.example:5432/chats?sslmode=disable": (
        "postgresql://me:p%40ss@127.0.0.1:{}/chats?sslmode=disable",
        "db.example",
        5432,
    ),
    "http://[::1]:9000": ("http://127.0.0.1:{}", "::1", 9000),
    "cache.example:6379": ("127.0.0.1:{}", "cache.example", 6379),
    "5432": ("{}", None, 5432),
}


@pytest.mark.parametrize("value", ADDRESSES)
def test_an_address_is_found_and_replaced(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """While a proxy is there the variable names it, and nothing else in it changes."""
    monkeypatch.setenv("WAY", value)
    replaced, host, port = ADDRESSES[value]
    route = Route.parse("WAY")
    assert (route.host, route.port) == (host, port)
    with route.through() as proxy:
        assert os.environ["WAY"] == replaced.format(proxy.port)
    assert os.environ["WAY"] == value


@pytest.mark.parametrize("value", ["redis://cache/0", "a:1,b:2", "", "postgresql:///sessions"])
def test_a_variable_without_one_address_is_refused(
    value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An address without a port, or several of them, is an error that says what to write."""
    monkeypatch.setenv("WAY", value)
    with pytest.raises(FactoryError, match="Write the port"):
        Route.parse("WAY")
    with pytest.raises(FactoryError, match="no such variable"):
        Route.parse("NO_WAY")


def test_a_store_that_goes_around_the_proxy_is_not_judged(tmp_path: Path) -> None:
    """A store that does not read the variable passes no clause about broken connections."""
    (tmp_path / "around.py").write_text(
        "from tests.contract.stores import open_reference as open_store\n", "utf-8"
    )
    report = run_contract(
        "around:open_store",
        tmp_path,
        {"WAY": "127.0.0.1:9", "CONTRACT_DIRECTORY": str(tmp_path)},
        "--session-store-network",
        "WAY",
        "-k",
        "broken-connection",
    )
    assert [each["verdict"] for each in report["clauses"]] == ["not judged"] * 2
    assert "WAY each time it is called" in " ".join(report["output"].split())
