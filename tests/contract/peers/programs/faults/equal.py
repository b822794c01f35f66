"""Turns that are equal have to come back as often as they were taken."""

from tests.contract.peers.programs.store import read, turn

if __name__ == "__main__":
    for _ in range(4):
        turn("chat", "next", "OK")
    found = read("chat")
    assert found == ["next", "OK"] * 4, f"8 messages were acknowledged, and {found} is there"
