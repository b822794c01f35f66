"""Ends what a run of lies has started when the run ends, by whatever signal.

Nobody can catch SIGKILL, and a process whose parent is gone is told nothing. So every process of a
run carries the run's mark in its environment, and a watcher outside ends whoever has it.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

MARK = "LIES"


@contextmanager
def leash() -> Iterator[Path]:
    """A directory for a run, which goes with all processes of the run at its end."""
    place = Path(tempfile.mkdtemp(prefix="lies-"))
    # Some tests are another user, who has to reach what is below.
    place.chmod(0o755)
    mark = uuid.uuid4().hex
    watcher = subprocess.Popen(
        [sys.executable, "-m", "tests.mutants.leash", mark, str(place)],
        stdin=subprocess.PIPE,
        # A Ctrl-C is for the run alone.
        start_new_session=True,
    )
    assert watcher.stdin is not None
    os.environ[MARK] = mark
    before, tempfile.tempdir = tempfile.tempdir, str(place)
    os.environ["TMPDIR"] = str(place)
    try:
        yield place
    finally:
        tempfile.tempdir = before
        watcher.stdin.close()
        watcher.wait()


def marked(mark: str) -> list[psutil.Process]:
    """The processes that carry a mark."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.environ().get(MARK) == mark:
                found.append(process)
    return found


def watch(mark: str, place: Path) -> None:
    """Wait until the run has ended, end its processes, and remove its directory."""
    sys.stdin.read()
    while left := marked(mark):
        for process in left:
            with suppress(psutil.Error):
                process.kill()
        # Whoever is dead and not yet collected carries no mark any more.
        time.sleep(0.02)
    shutil.rmtree(place, ignore_errors=True)


if __name__ == "__main__":
    watch(sys.argv[1], Path(sys.argv[2]))
