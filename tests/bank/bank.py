"""Accounts that several tellers share, kept in one file of SQLite."""

import json
import sqlite3
import sys
from contextlib import closing
from typing import Any


class OverdrawnError(Exception):
    """An account holds less than was asked for."""


class Account:
    """The account `name` in the file `path`; it may owe `limit` at most."""

    def __init__(self, name: str, path: str = "bank.db", limit: int = 0) -> None:
        self.name, self.path, self.limit = name, path, limit
        with closing(self._open()) as bank, bank:
            bank.execute("CREATE TABLE IF NOT EXISTS entries (account, amount)")

    def _open(self) -> sqlite3.Connection:
        return sqlite3.connect(self.path, timeout=5)

    def _entries(self, bank: sqlite3.Connection) -> list[int]:
        rows = bank.execute("SELECT amount FROM entries WHERE account = ?", [self.name])
        return [amount for (amount,) in rows]

    def _add(self, amount: int) -> int:
        with closing(self._open()) as bank, bank:
            # Nobody else adds an entry between the look and the entry.
            bank.execute("BEGIN IMMEDIATE")
            balance = sum(self._entries(bank)) + amount
            if balance < -self.limit:
                raise OverdrawnError(f"{self.name} has {balance - amount}")
            bank.execute("INSERT INTO entries VALUES (?, ?)", [self.name, amount])
        return balance

    def deposit(self, amount: int) -> int:
        """Put an amount in and return the balance."""
        return self._add(amount)

    def withdraw(self, amount: int) -> int:
        """Take an amount out and return the balance."""
        return self._add(-amount)

    def balance(self) -> int:
        """What the account holds."""
        return int(self.statement()["balance"])

    def statement(self) -> dict[str, Any]:
        """Every entry and their sum."""
        with closing(self._open()) as bank:
            entries = self._entries(bank)
        return {"account": self.name, "entries": entries, "balance": sum(entries)}


if __name__ == "__main__":
    account, method, *amounts = sys.argv[1:]
    print(json.dumps(getattr(Account(account), method)(*map(int, amounts))))
