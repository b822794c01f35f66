"""The empty id is refused, or is a session of its own."""

from contextlib import suppress

from tests.contract.peers.programs.store import append, read

if __name__ == "__main__":
    for name in ("default", "None", "null", "0"):
        append(name, f"a secret of {name}")
    for odd in ("", None):
        found = []
        with suppress(Exception):  # It may be refused.
            append(odd, "hello")
            found = read(odd)
        assert found in ([], ["hello"]), f"the session {odd!r} reads {found}"
