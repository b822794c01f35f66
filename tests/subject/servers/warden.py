"""Ends a server whose test run was killed before it could do so.

Started beside each server with its process id, the signal that stops it and the directory to
remove. The test run holds the other end of standard input: a line means that all is well, an end
without one that the run is gone.
"""

import contextlib
import os
import shutil
import sys

import psutil


def main(pid: int, stop: int, directory: str) -> None:
    """Wait for the run to end, and clean up after it if it was killed."""
    if sys.stdin.readline():
        return
    with contextlib.suppress(psutil.NoSuchProcess):
        server = psutil.Process(pid)
        family = [server, *server.children(recursive=True)]
        server.send_signal(stop)
        for left in psutil.wait_procs(family, timeout=10)[1]:
            with contextlib.suppress(psutil.NoSuchProcess):
                left.kill()
        psutil.wait_procs(family, timeout=5)
    if directory:
        shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    os.chdir(os.path.abspath(os.sep))
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
