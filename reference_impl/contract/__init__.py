"""The contract of a session store, as a pytest suite for any store.

    pytest --pyargs reference_impl.contract --session-store package.module:open_store

or, in a test module of your own:

    from reference_impl.contract import SessionStoreContract

    class TestMyStore(SessionStoreContract):
        store = "package.module:open_store"

`VERSION` is that of the contract; CHANGELOG.md beside this file says what is stable.
"""

from typing import TYPE_CHECKING, Any

from reference_impl.contract.guarantees import ABILITIES, GUARANTEES, VERSION

if TYPE_CHECKING:
    from reference_impl.contract.suite import SessionStoreContract

__all__ = ["ABILITIES", "GUARANTEES", "VERSION", "SessionStoreContract"]


def __getattr__(name: str) -> Any:
    # Every pytest run loads the plugin and so this package: the suite waits until it is used.
    if name == "SessionStoreContract":
        from reference_impl.contract.suite import SessionStoreContract

        return SessionStoreContract
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
