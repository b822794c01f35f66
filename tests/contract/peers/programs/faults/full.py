"""A disk that is full in the middle of a write: what was there has to stay."""

import resource
from contextlib import suppress

from tests.contract.peers.programs.store import append, read

if __name__ == "__main__":
    append("chat", "before")
    _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, most))
    with suppress(OSError):
        append("chat", "x" * 100_000)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
    try:
        found = read("chat")
    except Exception as error:
        raise AssertionError(f"unreadable: {type(error).__name__}") from error
    assert found[:1] == ["before"], f"{len(found)} messages are there, the first is {found[:1]}"
