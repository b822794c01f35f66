"""What a test needs from the machine beyond Python packages."""

import os
import shutil
import sys
from pathlib import Path

import pytest

_WHERE: dict[str, tuple[str, ...]] = {
    "chromium": (
        "chromium",
        "chromium-browser",
        "google-chrome",
        "chrome",
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
        r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    ),
    "strace": ("strace",),
    # Debian keeps it where a user's path does not lead.
    "pgbouncer": ("pgbouncer", "/usr/sbin/pgbouncer"),
}


def find(program: str) -> Path | None:
    """The path of a system program, or None when this machine has none."""
    for name in _WHERE.get(program, (program,)):
        if found := shutil.which(name):
            return Path(found)
    return None


def require(program: str) -> Path:
    """The path of a system program that a test cannot do without.

    A machine without it skips the test and says so; CI fails, since there a
    missing program would hide a gap.
    """
    if found := find(program):
        return found
    reason = f"{program} is not installed on this machine"
    if os.environ.get("CI") == "true":
        pytest.fail(f"{reason}, and CI must have it: see .ci/run", pytrace=False)
    pytest.skip(reason)


def require_linux() -> None:
    """Skip a test of a Linux mechanism, such as strace, on other systems."""
    if not sys.platform.startswith("linux"):
        pytest.skip(f"needs Linux, this is {sys.platform}")
