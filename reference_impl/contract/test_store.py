"""What `pytest --pyargs reference_impl.contract --store ...` collects."""

from reference_impl.contract.suite import SessionStoreContract


class TestStore(SessionStoreContract):
    """The contract on the store that `--store` names."""
