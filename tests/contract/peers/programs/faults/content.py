"""Content that is accepted has to come back as it was given."""

from tests.contract.peers.programs.store import append, read

if __name__ == "__main__":
    for content in (None, [], 7, [{"type": "text", "text": "a", "odd": ("b", 1)}]):
        try:
            append("chat", content)
        except Exception:  # It may be refused.
            continue
        [*_, found] = read("chat")
        assert found == content, f"{content!r} was accepted, and came back as {found!r}"
