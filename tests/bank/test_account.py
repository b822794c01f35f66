"""What the bank promises."""

from pathlib import Path

import pytest

from tests.bank.bank import Account


@pytest.mark.proves("one-balance")
def test_tellers_see_the_same_balance(tmp_path: Path) -> None:
    """What one teller deposits, another one can withdraw, and both see what is left."""
    file = str(tmp_path / "bank.db")
    one, other = Account("alice", file), Account("alice", file)
    one.deposit(50)
    assert other.withdraw(20) == 30
    assert one.balance() == other.balance() == 30
