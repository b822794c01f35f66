"""Two processes that have read append in turn: does each see what the other one wrote?"""

from multiprocessing import get_context

from tests.contract.peers.programs.store import append, read

if __name__ == "__main__":
    with get_context("spawn").Pool(1) as pool:
        append("chat", "m1")
        assert pool.apply(read, ["chat"]) == ["m1"]
        pool.apply(append, ["chat", "m2"])
        append("chat", "m3")
        found = read("chat")
        assert found == ["m1", "m2", "m3"], f"m1, m2 and m3 were acknowledged, and {found} is there"
