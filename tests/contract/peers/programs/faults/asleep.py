"""A process is stopped as it appends; another one removes the session and begins it anew."""

import os
import signal
import time
from contextlib import suppress
from multiprocessing import get_context
from random import random
from threading import Timer

from tests.contract.peers.programs.store import append, read, remove


def write(pipe):
    append("warm", "up")
    while session := pipe.recv():
        pipe.send(None)
        with suppress(Exception):  # It may be refused.
            append(session, "late")
        pipe.send(None)


if __name__ == "__main__":
    ours, theirs = get_context("spawn").Pipe()
    writer = get_context("spawn").Process(target=write, args=[theirs], daemon=True)
    writer.start()
    append("pace", "first")
    start = time.monotonic()
    append("pace", "second")
    pace = time.monotonic() - start
    for session in [f"chat-{number}" for number in range(200)]:
        append(session, "old")
        ours.send(session)
        ours.recv()
        time.sleep(random() * pace)
        os.kill(writer.pid, signal.SIGSTOP)
        alarm = Timer(1, os.kill, [writer.pid, signal.SIGCONT])  # Some wait for ever.
        alarm.start()
        try:
            remove(session)
            append(session, "new")
            is_saved = True
        except Exception:  # The other one may hold a lock.
            is_saved = False
        alarm.cancel()
        os.kill(writer.pid, signal.SIGCONT)
        ours.recv()
        found = read(session)
        right = "old" not in found and found.count("new") == 1
        assert right or not is_saved, f"{session} was removed, new was saved, and it holds {found}"
