"""A process is stopped in an append; another one removes the session and begins it anew.

It stops itself before a call of the system, in each append before another one.
"""

import os
import sys
import threading
from contextlib import suppress
from multiprocessing import get_context
from signal import SIGCONT, SIGSTOP

from tests.contract.peers.programs.store import append, read, remove

SYSTEM = {"_io", "_queue", "fcntl", "io", "posix", "select", "sqlite3"}
ALL, MOST = 10**9, 40
left = 0


def count(frame, event, called):
    global left
    if event == "c_call" and (called.__module__ or type(called.__self__).__module__) in SYSTEM:
        left -= 1
        if left == 0:
            os.kill(os.getpid(), SIGSTOP)


def write(pipe):
    global left
    threading.setprofile(count)  # Some work in a thread of their own.
    append("calls", "first")
    sys.setprofile(count)
    left = ALL
    append("calls", "second")
    pipe.send(ALL - left)
    while place := pipe.recv():
        session, left = place
        with suppress(Exception):  # It may be refused.
            append(session, "late")
        if left > 0:
            os.kill(os.getpid(), SIGSTOP)
        pipe.send(None)


if __name__ == "__main__":
    ours, theirs = get_context("spawn").Pipe()
    writer = get_context("spawn").Process(target=write, args=[theirs], daemon=True)
    writer.start()
    calls = ours.recv()
    remove("calls")
    places = range(1, calls + 1, 1 + calls // MOST)
    for place, more in [(place, more) for place in places for more in (["new"], ["new", "newer"])]:
        session = f"chat-{place}-{len(more)}"
        append(session, "old")
        ours.send((session, place))
        os.waitpid(writer.pid, os.WUNTRACED)
        alarm = threading.Timer(0.3, os.kill, [writer.pid, SIGCONT])
        alarm.start()
        try:
            remove(session)
            for content in more:
                append(session, content)
            is_saved = True
        except Exception:  # The other one may hold a lock.
            is_saved = False
        alarm.cancel()
        os.kill(writer.pid, SIGCONT)
        ours.recv()
        found = read(session)
        right = [each for each in found if each != "late"] == more
        assert right or not is_saved, f"{session} was removed, {more} was saved, it holds {found}"
        remove(session)
