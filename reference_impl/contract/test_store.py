"""What `pytest --pyargs reference_impl.contract --session-store ...` collects."""

from reference_impl.contract.suite import SessionStoreContract


class TestStore(SessionStoreContract):
    """The contract on the store that `--session-store` names."""
