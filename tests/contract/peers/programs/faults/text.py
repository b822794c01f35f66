"""A text that is accepted has to come back, and one that is refused has to harm nothing."""

from contextlib import suppress

from tests.contract.peers.programs.store import append, read

if __name__ == "__main__":
    append("chat", "before")
    expected = ["before"]
    with suppress(Exception):
        append("chat", "half \ud800 a character")
        expected.append("half \ud800 a character")
    try:
        found = read("chat")
    except Exception as error:
        raise AssertionError(f"unreadable: {type(error).__name__}") from error
    assert found == expected, f"{expected!r} were acknowledged, and {found!r} are there"
