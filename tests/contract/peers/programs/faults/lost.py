"""Four processes append to the same sessions: is every message there that was acknowledged?"""

from contextlib import suppress
from multiprocessing import get_context

from tests.contract.peers.programs.store import append, read


def write(number):
    saved = set()
    for text in [f"{number}-{count}" for count in range(50)]:
        with suppress(Exception):  # What was refused is not lost.
            append(f"chat-{text[-1]}", text)
            saved.add(text)
    return saved


if __name__ == "__main__":
    sessions = [f"chat-{number}" for number in range(10)]
    for session in sessions:
        append(session, f"first of {session}")
    context = get_context("spawn")
    with context.Pool(4, context.Barrier(4).wait) as pool:
        saved = set().union(*pool.map(write, range(4), 1))
    saved.update(f"first of {session}" for session in sessions)
    there = set()
    for session in sessions:
        with suppress(Exception):  # What is unreadable is lost.
            there.update(read(session))
    lost = len(saved - there)
    assert not lost, f"{lost} of {len(saved)} acknowledged messages are lost"
