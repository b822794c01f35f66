"""`make pastes`: run each program of the pages where its page's `pip install` lines alone were run.

An environment for each set of packages, of the versions in `constraints.txt`. Programs that need a
server of a recipe are left out: the tests of recipes run them. `tests/docs/test_needs.py` holds the
same against the metadata of packages, in a second.
"""

import hashlib
import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from uv import find_uv_bin

from executable_pages.testing.sandbox import Sandbox
from executable_pages.testing.scanner import ROOT, Page
from tests.docs.test_needs import PAGES, said
from tests.subject.model_server import ModelServer
from tests.subject.project import SUBJECT
from tests.subject.targets import Target

ENVIRONMENTS = ROOT / "build" / "pastes"


def interpreter(packages: list[str]) -> Path:
    """Python in an environment with these packages, what they require, and nothing else."""
    name = hashlib.sha256("\n".join(sorted(packages)).encode()).hexdigest()[:12]
    place = ENVIRONMENTS / name
    python = place / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not (place / "complete").exists():
        uv, constraints = find_uv_bin(), str(ROOT / "constraints.txt")
        make = [uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(place)]
        subprocess.run(make, check=True)
        install = [uv, "pip", "install", "--quiet", "--python", str(python)]
        subprocess.run([*install, "-c", constraints, "-b", constraints, *packages], check=True)
        (place / "complete").touch()
    return python


def run(page: Page, model: ModelServer) -> list[str]:
    """Run the programs of a page, each alone, and say which failed."""
    blocks = [each for each in page.blocks if each.language == "python"]
    if not said(page):
        # It shows what this repository's own tools are for.
        return []
    failed = []
    for block in blocks:
        if SUBJECT.kind_of(block) != "snippet":
            continue
        with TemporaryDirectory(prefix="paste-") as directory:
            sandbox = Sandbox(Path(directory))
            environment = sandbox.environment(Target.RELEASE, extra=model.environment)
            del environment["PYTHONPATH"]
            script = sandbox.work / "paste.py"
            script.write_text(block.text, "utf-8")
            command = [str(interpreter(said(page))), str(script)]
            done = subprocess.run(
                command, cwd=sandbox.work, env=environment, capture_output=True, text=True
            )
        last = (done.stderr.strip().splitlines() or [""])[-1]
        print(f"{block.where}: {f'FAILED: {last}' if done.returncode else 'ran'}", flush=True)
        failed += [block.where] if done.returncode else []
    return failed


def main() -> int:
    """Run all of them and end with 1 when one failed."""
    with ModelServer() as model:
        failed = [where for page in PAGES for where in run(page, model)]
    print(f"{len(failed)} failed")
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
