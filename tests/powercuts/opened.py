"""The stores that lie in a directory, as the writer opens them."""

import os
from typing import Any


def durable() -> Any:
    """The reference as it is."""
    from reference_impl import DefaultSessionStore

    return DefaultSessionStore(os.environ["POWER_PLACE"])


def quick() -> Any:
    """The reference without a flush."""
    from reference_impl import DefaultSessionStore

    return DefaultSessionStore(os.environ["POWER_PLACE"], durable=False)


def released() -> Any:
    """The release's store."""
    from praisonaiagents.session import DefaultSessionStore

    return DefaultSessionStore(session_dir=os.environ["POWER_PLACE"])
