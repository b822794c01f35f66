"""The tellers behind a diagram's participants: each has opened Alice's account."""

from bank import Account

from executable_pages.testing.stage import Stage, serve


class Tellers(Stage):
    """A process in which tellers work."""

    def open(self, role: str, factory: str) -> Account:
        """A teller's view of the account."""
        return Account("alice")


globals().update(serve(Tellers()))
