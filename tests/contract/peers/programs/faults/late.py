"""One process removes a session while another one appends: one of the two has to come first."""

import time
from contextlib import suppress
from multiprocessing import get_context
from random import random

from tests.contract.peers.programs.store import append, read, remove

if __name__ == "__main__":
    with get_context("spawn").Pool(1) as pool:
        pool.apply(append, ["warm", "up"])
        for session in [f"chat-{number}" for number in range(500)]:
            append(session, "old")
            removal = pool.apply_async(remove, [session])
            time.sleep(random() / 500)
            with suppress(Exception):  # Both may be refused.
                append(session, "new")
            try:
                removal.get()
            except Exception:
                continue
            try:
                found = read(session)
            except Exception as error:
                raise AssertionError(f"{session} raises {type(error).__name__}") from error
            assert "old" not in found, f"{session} was removed, and holds {found}"
