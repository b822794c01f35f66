"""A process is killed as it appends: are the messages there, and can another one go on?"""

import time
from itertools import count
from multiprocessing import get_context
from random import random

from tests.contract.peers.programs.store import append, read


def write(session, pipe):
    for number in count():
        append(session, f"message {number} {'x' * 20000}")
        pipe.send(number)


if __name__ == "__main__":
    context = get_context("fork")
    for session in [f"chat-{number}" for number in range(100)]:
        theirs, ours = context.Pipe()
        writer = context.Process(target=write, args=[session, ours])
        writer.start()
        theirs.recv()
        time.sleep(random() / 20)
        writer.kill()
        writer.join()
        try:
            read(session)
            append(session, "after")
        except Exception as error:
            raise AssertionError(f"after kill {session[5:]}: {type(error).__name__}") from error
