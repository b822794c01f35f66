"""The contract as a class, for `--session-store` or to be subclassed in an author's own tests."""

from collections.abc import Callable, Collection, Iterator
from typing import Any, ClassVar

import pytest

from reference_impl.contract.abilities import Abilities
from reference_impl.contract.alone import Alone
from reference_impl.contract.arrival import Arrival
from reference_impl.contract.beside import Beside
from reference_impl.contract.crowd import Crowd
from reference_impl.contract.factory import FactoryError
from reference_impl.contract.faults import Faults
from reference_impl.contract.given import Given
from reference_impl.contract.ids import Ids
from reference_impl.contract.kit import Kit
from reference_impl.contract.lasting import Lasting
from reference_impl.contract.lifecycle import Lifecycle
from reference_impl.contract.network import Network
from reference_impl.contract.processes import Pool
from reference_impl.contract.sharing import Sharing
from reference_impl.contract.stopped import Stopped
from reference_impl.contract.turns import Turns
from reference_impl.contract.verdicts import Finding


class SessionStoreContract(
    Stopped,
    Faults,
    Abilities,
    Turns,
    Beside,
    Crowd,
    Sharing,
    Lasting,
    Lifecycle,
    Ids,
    Given,
    Arrival,
    Network,
    Alone,
):
    """Every promise of a session store, as tests.

    Subclass it under a name that begins with `Test`, and give it either `store`, the name of a
    function as "package.module:function", or `open_store` as a staticmethod. The function takes no
    arguments and opens one more independent client of the same storage, here and in other
    processes; it may be async, and so may the methods. Each clause has the directory that the
    environment names as `SESSION_STORE_DIRECTORY` to itself.

    `not_offered` names what the store does not have and does not promise, of `ABILITIES`. The store
    may have an attribute of that name instead. `contract` is the version of the contract that
    judges, unless `--session-store-contract` says otherwise; None is the newest.
    """

    store: ClassVar[str | None] = None
    open_store: ClassVar[Callable[[], Any] | None] = None
    not_offered: ClassVar[Collection[str]] = ()
    contract: ClassVar[int | None] = None

    @pytest.fixture
    def kit(self, request: pytest.FixtureRequest, session_store_pool: Pool) -> Iterator[Kit]:
        """What a clause works with: clients and storage of its own."""
        option = request.config.getoption
        without = {*self.not_offered, *filter(None, option("session_store_without").split(","))}
        name = request.node.name.removeprefix("test_")
        wrong, kit = "", None
        try:
            seed = f"{option('session_store_seed')} {name}"
            kit = Kit(session_store_pool, option("session_store_timeout"), without, seed)
        except FactoryError as error:
            wrong = str(error)
        if kit is None:
            pytest.fail(wrong, pytrace=False)
        try:
            kit.require(getattr(request.function, "abilities", ()))
            kit.begin(session_store_pool.damaged)
            yield kit
            damage = kit.damage()
        finally:
            kit.close()
            request.node.user_properties.extend(kit.notes.items())
            request.node.user_properties.append(("refused", kit.refused))
        if damage is not None:
            session_store_pool.damaged = name
            raise Finding(f"storage damaged by clause {name}: {damage}")
