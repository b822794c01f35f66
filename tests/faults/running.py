"""Running a harness in a process of its own, on this code of the store or on another."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from executable_pages.testing.requirements import require, require_linux
from tests.subject.targets import ROOT


def inject(*options: str, code: Path = ROOT, limit: float = 250) -> dict[str, Any]:
    """What a harness found; `code` is the directory that holds `reference_impl`."""
    require_linux()
    require("strace")
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults", *options],
        cwd=code,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=limit,
        check=False,
    )
    assert done.stdout, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found
