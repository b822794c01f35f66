"""Two sessions whose ids look alike have to be two."""

from tests.contract.peers.programs.store import append, read

if __name__ == "__main__":
    append("user:1", "a secret of user:1")
    found = read("user_1")
    assert found == [], f"user_1 reads {found}"
