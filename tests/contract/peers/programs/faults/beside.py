"""One process appends a long message to each of 200 sessions: does a reader meet half of one?"""

from multiprocessing import get_context

from tests.contract.peers.programs.store import append, read

SESSIONS = [f"chat-{number}" for number in range(200)]


def write():
    for session in SESSIONS:
        append(session, "x" * 500_000)


if __name__ == "__main__":
    append("chat", "first")
    with get_context("spawn").Pool(1) as pool:
        writer = pool.apply_async(write)
        for session in SESSIONS:
            try:
                while not (read(session) or writer.ready()):
                    pass
            except Exception as error:
                raise AssertionError(f"a read raised {type(error).__name__}") from error
