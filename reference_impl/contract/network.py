"""Clauses about a network that fails: a proxy stands between the store and its server."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from reference_impl.contract.kit import Client, Kit, clause
from reference_impl.contract.processes import together
from reference_impl.contract.proxy import Fault, Kind, Proxy
from reference_impl.contract.verdicts import Finding, Lost, Refused

_HARMS: tuple[Kind, ...] = ("cut", "reset")
# More than a call with a new connection has, and fewer than one that goes on for ever.
_ENOUGH = 60
_TRIES = 3


class Network:
    """What a caller may rely on when an answer is lost on its way."""

    @clause("broken-connection", "network", since=2)
    def test_a_connection_is_cut_at_any_packet(self, kit: Kit) -> None:
        """A call is done once if it answered, once or not at all if it raised, at each packet."""
        with _between(kit) as (direct, behind, network):
            for method, *words in (
                ("add_message", "user", "new"),
                ("clear_session",),
                ("delete_session",),
                ("get_chat_history",),
            ):
                if not kit.offers(method) and method not in ("add_message", "get_chat_history"):
                    continue
                for harm in _HARMS:
                    for number in range(_ENOUGH):
                        session = kit.session()
                        direct("add_message", session, "user", "old")
                        _connected(behind, session)
                        network.set(Fault(harm, frozenset({number})))
                        behind(method, session, *words)
                        harmed = network.harmed
                        network.set(None)
                        _connected(behind, session)
                        direct("get_chat_history", session)
                        direct("session_exists", session)
                        if not harmed:
                            break
                    kit.explain()
                    kit.history.clear()

    @clause("broken-connection", "network", since=2)
    def test_a_crowd_whose_connections_are_cut(self, kit: Kit) -> None:
        """Three processes add and read while connections are cut, and one order explains all."""
        with _between(kit) as (direct, _, network):
            session, processes = kit.session(), kit.processes(3)
            programs = [
                (
                    process,
                    [
                        step
                        for i in range(20)
                        for step in kit.steps(
                            session, ("add_message", "user", f"{n}-{i}"), "get_chat_history"
                        )
                    ],
                )
                for n, process in enumerate(processes, 1)
            ]
            at = frozenset(number for number in range(5_000) if kit.random.random() < 0.08)
            network.set(Fault("cut", at))
            history = together(programs)
            network.set(None)
            kit.history.clear()
            direct("get_chat_history", session)
            kit.explain([*history, *kit.history])

    @clause("message-ids", "network", "message ids", since=2)
    def test_a_repeat_after_a_cut_is_stored_once(self, kit: Kit) -> None:
        """A message with an id is stored once when its call is cut at any packet and made again."""
        with _between(kit) as (direct, behind, network):
            for number in range(_ENOUGH):
                session, given = kit.session(), {"message_id": f"id-{number}"}
                direct("add_message", session, "user", "old")
                _connected(behind, session)
                network.set(Fault("cut", frozenset({number})))
                behind("add_message", session, "user", "new", given)
                harmed = network.harmed
                network.set(None)
                again = [behind("add_message", session, "user", "new", given) for _ in range(2)]
                read = direct("get_chat_history", session)
                if again[-1] is not True:
                    raise Refused(f"the repeat was answered {again[-1]!r}")
                if read != ["old", "new"]:
                    kind = Finding if isinstance(read, list) and "new" in read else Lost
                    raise kind(f"cut at packet {number} and made again, the session holds {read}")
                if not harmed:
                    break


@contextmanager
def _between(kit: Kit) -> Iterator[tuple[Client, Client, Proxy]]:
    """A client that reaches the server, one behind a proxy, and the proxy."""
    direct, session = kit.client(), kit.session()
    direct("get_chat_history", session)
    assert kit.route is not None
    with kit.route.through() as network:
        behind = kit.client()
        behind("add_message", session, "user", "m")
        if not network.packets:
            pytest.skip(
                f"not judged: nothing went through the proxy; open_store() has to read "
                f"{kit.route.variable} each time it is called"
            )
        try:
            yield direct, behind, network
        finally:
            network.set(None)


def _connected(client: Client, session: str) -> None:
    """Let a client read; the first calls after its connection broke may fail."""
    for _ in range(_TRIES):
        if isinstance(client("get_chat_history", session), list):
            return
    raise Refused(f"{_TRIES} calls after a connection broke have failed, and the server is there")
