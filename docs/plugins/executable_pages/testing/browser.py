"""The built site, served on loopback, and a real browser that looks at it."""

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Self

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from executable_pages.testing.requirements import require
from executable_pages.testing.scanner import ROOT

DESKTOP = ViewportSize(width=1280, height=900)
PHONE = ViewportSize(width=390, height=900)
OPTIONS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# Material draws diagrams in closed shadow roots, where a test cannot look.
OPEN_SHADOWS = """
const attach = Element.prototype.attachShadow;
Element.prototype.attachShadow = function (options) {
  return attach.call(this, { ...options, mode: "open" });
};
"""


def build(directory: Path, config: Path = ROOT / "mkdocs.yml", **environment: str) -> str:
    """Build a site strictly into a directory and return what the build printed."""
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(directory)]
    # Where a developer or CI deploys the site changes nothing in what is tested.
    own = {"REQUIRE_EVIDENCE": "", "SITE_URL": "", "SOURCE_URL": "", "OFFLINE": "false"}
    variables = {"NO_MKDOCS_2_WARNING": "1"} | own | environment
    done = subprocess.run(
        [*command, "--config-file", str(config)],
        cwd=ROOT,
        env=os.environ | variables,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def settings(docs: Path) -> Path:
    """The project's own settings, for a directory of other pages; the file stands beside it."""
    main = ROOT / "mkdocs.yml"
    hooks = re.findall(r"docs/reports/\w+\.py", main.read_text("utf-8"))
    for asset in (ROOT / "docs").glob("*/*.*"):
        if asset.suffix in (".css", ".js", ".svg"):
            target = docs / asset.relative_to(ROOT / "docs")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(asset.read_bytes())
    file = docs.parent / "mkdocs.yml"
    inherited = {
        "INHERIT": str(main),
        "docs_dir": str(docs),
        "theme": {"custom_dir": str(ROOT / "docs" / "theme")},
        "hooks": [str(ROOT / hook) for hook in hooks],
        "watch": [],
        "nav": [page.relative_to(docs).as_posix() for page in sorted(docs.rglob("*.md"))],
    }
    file.write_text(json.dumps(inherited), "utf-8")
    return file


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def served(directory: Path) -> Iterator[str]:
    """Serve a directory and yield its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(directory)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def chromium() -> Iterator[Browser]:
    """A headless browser from the machine's own packages."""
    path = require("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(path), args=OPTIONS)
        try:
            yield browser
        finally:
            browser.close()


# What moves without being asked to, as a share of the screen: the sum of layout shifts.
SHIFTS = """
window.shifted = 0;
new PerformanceObserver((seen) => {
  for (const { value, hadRecentInput } of seen.getEntries()) if (!hadRecentInput) shifted += value;
}).observe({ type: "layout-shift", buffered: true });
"""


class Visit:
    """One open tab, with all that its page complained about and asked of other machines."""

    def __init__(self, browser: Browser, *, dark: bool = False):
        self.complaints: list[str] = []
        self.strangers: list[str] = []
        self.context = browser.new_context(
            viewport=DESKTOP,
            color_scheme="dark" if dark else "light",
            permissions=["clipboard-read", "clipboard-write"],
        )
        self.page: Page = self.context.new_page()
        self.page.add_init_script(OPEN_SHADOWS + SHIFTS)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on(
            "console",
            lambda said: self.complaints.append(said.text) if said.type == "error" else None,
        )
        self.page.on("request", lambda request: self._note(request.url))

    def open(self, url: str) -> Self:
        """Go to a page and wait until it is still; what the last one said is forgotten."""
        self.complaints.clear()
        self.strangers.clear()
        self.page.goto(url, wait_until="load")
        self.page.wait_for_load_state("networkidle")
        return self

    def shifted(self) -> float:
        """How much has moved since the page was opened; what changes now is waited for."""
        self.page.evaluate("new Promise((done) => setTimeout(done, 60))")
        return float(self.page.evaluate("shifted"))

    def _note(self, url: str) -> None:
        if not url.startswith(("http://127.0.0.1:", "data:", "blob:")):
            self.strangers.append(url)

    def close(self) -> None:
        """Close the page with its cookies."""
        self.context.close()


# Opens a page of the site by its path.
Opener = Callable[..., Visit]


def address(page: Path, docs: Path = ROOT / "docs") -> str:
    """The path of a page on the site."""
    path = page.relative_to(docs).with_suffix("").as_posix()
    return "/" if path == "index" else f"/{path}/"
