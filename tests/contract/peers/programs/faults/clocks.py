"""Two processes append in turn, and the clock of one is five minutes behind."""

import time
from multiprocessing import get_context

from tests.contract.peers.programs.store import append, read


def set_back():
    seconds, nanoseconds = time.time, time.time_ns
    time.time = lambda: seconds() - 300
    time.time_ns = lambda: nanoseconds() - 300 * 10**9


if __name__ == "__main__":
    said = [f"m{number}" for number in range(6)]
    with get_context("spawn").Pool(1, set_back) as pool:
        for here, there in zip(said[::2], said[1::2], strict=True):
            append("chat", here)
            pool.apply(append, ["chat", there])
    found = read("chat")
    assert found == said, f"{said} were acknowledged in this order, and {found} is there"
