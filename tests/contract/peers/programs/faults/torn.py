"""While two processes append, each read has to begin with what the read before it gave."""

from contextlib import suppress
from multiprocessing import get_context

from tests.contract.peers.programs.store import append, read


def write(number):
    for count in range(50):
        with suppress(Exception):  # What was refused may be tried again.
            append("chat", f"{number}-{count}")


if __name__ == "__main__":
    append("chat", "first")
    context = get_context("spawn")
    with context.Pool(2, context.Barrier(2).wait) as pool:
        writers, before = pool.map_async(write, range(2), 1), ["first"]
        while not writers.ready():
            try:
                now = read("chat")
            except Exception as error:
                raise AssertionError(f"a read raised {type(error).__name__}") from error
            for number, text in enumerate(before):
                other = now[number : number + 1]
                assert other == [text], f"message {number} was {text!r}, and then {other}"
            before = now
