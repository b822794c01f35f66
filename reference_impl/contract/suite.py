"""The contract as a class, for `--session-store` or to be subclassed in an author's own tests."""

from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import pytest

from reference_impl.contract.abilities import Abilities
from reference_impl.contract.crowd import Crowd
from reference_impl.contract.factory import FactoryError
from reference_impl.contract.faults import Faults
from reference_impl.contract.ids import Ids
from reference_impl.contract.kit import Kit
from reference_impl.contract.lifecycle import Lifecycle
from reference_impl.contract.plain import Plain
from reference_impl.contract.processes import Pool
from reference_impl.contract.sharing import Sharing


class SessionStoreContract(Faults, Abilities, Crowd, Sharing, Lifecycle, Ids, Plain):
    """Every promise of a session store, as tests.

    Subclass it under a name that begins with `Test`, and give it either `store`, the name of a
    function as "package.module:function", or `open_store` as a staticmethod. The function takes no
    arguments and opens one more independent client of the same storage, here and in other
    processes.
    """

    store: ClassVar[str | None] = None
    open_store: ClassVar[Callable[[], Any] | None] = None

    @pytest.fixture
    def kit(self, request: pytest.FixtureRequest, session_store_pool: Pool) -> Iterator[Kit]:
        """What a clause works with."""
        kit = Kit(session_store_pool, request.config.getoption("session_store_timeout", None))
        wrong = ""
        try:
            kit.open()
        except FactoryError as error:
            wrong = str(error)
        if wrong:
            pytest.fail(wrong, pytrace=False)
        kit.require(getattr(request.function, "abilities", ()))
        yield kit
        kit.close()
        request.node.user_properties.extend(kit.notes.items())
