"""`make watch`: serves the site, and runs a page's tests whenever the page is saved.

The tests run on the reference alone, so that an answer is there in seconds; the marks on the served
page change with it.
"""

import argparse
import os
import queue
import subprocess
import sys
from pathlib import Path

from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer

from tests.pages import forks

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
# An editor saves in several steps; what comes this soon after belongs to the same save.
SETTLED = 0.2


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


def test(page: str) -> int:
    """Run one page's tests and return pytest's exit code."""
    print(f"\n{page} was saved", flush=True)
    command = [sys.executable, "-m", "pytest", "tests/docs", "-n", "0", "-q", "--no-header"]
    command += ["--target", "reference", "--page", page]
    return subprocess.run(command, cwd=ROOT, check=False).returncode


def main() -> None:
    """Serve and watch until interrupted."""
    parser = argparse.ArgumentParser(prog="make watch", description=__doc__)
    parser.add_argument("--address", default="127.0.0.1:8000")
    address = parser.parse_args().address
    serve = [sys.executable, "-m", "mkdocs", "serve", "--quiet", "-a", address]
    saved, observer = Saved(), Observer()
    observer.schedule(saved, str(DOCS), recursive=True)
    observer.start()
    server = subprocess.Popen(serve, cwd=ROOT, env=os.environ | {"NO_MKDOCS_2_WARNING": "1"})
    print(f"serving http://{address}, and testing each page that you save", flush=True)
    try:
        # What imports packages for a page's programs stays for the next save.
        with forks.shared():
            while True:
                for page in saved.wait():
                    test(page)
    except KeyboardInterrupt:
        pass
    finally:
        server.terminate()
        server.wait()
        observer.stop()
        observer.join()


if __name__ == "__main__":
    main()
