"""A limit of 0, and one below, is no limit or is refused."""

from contextlib import suppress

from tests.contract.peers.programs.store import append, newest

if __name__ == "__main__":
    for content in ("one", "two", "three"):
        append("chat", content)
    for count in (0, -1):
        with suppress(TypeError, ValueError):
            found = [each["content"] for each in newest("chat", count)]
            assert len(found) == 3, f"of three messages a limit of {count} gave {found}"
