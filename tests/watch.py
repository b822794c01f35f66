"""`make watch`: serves the site, and runs a page's tests whenever the page is saved.

The tests run on the reference alone, so that an answer is there in seconds; the marks on the served
page change with it.
"""

import argparse
import multiprocessing
import os
import queue
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer

from executable_pages.testing import forks

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
# An editor saves in several steps; what comes this soon after belongs to the same save.
SETTLED = 0.2
# What a run imports of others, and pytest rewrites nothing of: half of the time until it begins.
# What is ours is imported by each run, since it may have been saved too.
PRELOADED = [
    "pytest",
    "watchdog.observers",
    "black",
    "execnet",
    "linkify_it",
    "markdown_it",
    "mermaidx",
    "mkdocs.utils",
    "msgspec",
    "pexpect",
    "psutil",
]


# Without a server of forks, each run is a new interpreter.
RUNS: Any = multiprocessing.get_context("forkserver" if sys.platform == "linux" else "spawn")


class Saved(FileSystemEventHandler):
    """Remembers the pages that were written."""

    def __init__(self) -> None:
        super().__init__()
        self.pages: queue.Queue[Path] = queue.Queue()

    def on_any_event(self, event: FileSystemEvent) -> None:
        """Take a page that was written or moved into place."""
        path = Path(str(event.dest_path or event.src_path))
        if path.suffix == ".md" and event.event_type in ("created", "modified", "moved"):
            self.pages.put(path)

    def wait(self) -> list[str]:
        """The names of the pages of the next save."""
        found = {self.pages.get()}
        while True:
            try:
                found.add(self.pages.get(timeout=SETTLED))
            except queue.Empty:
                return sorted(page.relative_to(DOCS).as_posix() for page in found if page.exists())


def run(page: str) -> None:
    """Run one page's tests, and end with pytest's exit code."""
    options = ["-q", "--no-header", "--target", "reference", "--page", page]
    sys.exit(pytest.main([str(ROOT / "tests" / "docs"), "--rootdir", str(ROOT), *options]))


def test(page: str) -> int | None:
    """Run one page's tests in a process of their own, and return pytest's exit code."""
    print(f"\n{page} was saved", flush=True)
    process = RUNS.Process(target=run, args=(page,))
    process.start()
    process.join()
    return process.exitcode


def _end(server: subprocess.Popen[bytes]) -> None:
    """Let the server remove its files, as it does when it is interrupted."""
    # A terminal has told it already.
    with suppress(subprocess.TimeoutExpired):
        server.wait(3)
    if server.returncode is None:
        server.send_signal(signal.SIGINT)
        server.wait()


def main() -> None:
    """Serve and watch until interrupted."""
    parser = argparse.ArgumentParser(prog="make watch", description=__doc__)
    parser.add_argument("--address", default="127.0.0.1:8000")
    address = parser.parse_args().address
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    serve = [sys.executable, "-m", "mkdocs", "serve", "--quiet", "-a", address]
    saved, observer = Saved(), Observer()
    observer.schedule(saved, str(DOCS), recursive=True)
    observer.start()
    server = subprocess.Popen(serve, cwd=ROOT, env=os.environ | {"NO_MKDOCS_2_WARNING": "1"})
    print(f"serving http://{address}, and testing each page that you save", flush=True)
    try:
        # What imports packages for a page's programs stays for the next save.
        with forks.shared():
            multiprocessing.set_forkserver_preload(PRELOADED)
            while True:
                for page in saved.wait():
                    test(page)
    except KeyboardInterrupt:
        pass
    finally:
        _end(server)
        observer.stop()
        observer.join()


if __name__ == "__main__":
    main()
