"""What is listed by its agent has to be what was appended."""

from tests.contract.peers.programs.store import append, listed

if __name__ == "__main__":
    append("chat", "hello")
    found = listed("chat")
    assert found == ["hello"], f"hello was appended, and {[each[:25] for each in found]} is listed"
