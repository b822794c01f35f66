"""What a test run proved, written to `build/evidence.json` for the site to show.

A test says what it is about with `claim`; its outcome makes the claim's verdict. A run of a part
of the suite replaces the claims of the tests that ran and keeps the others. The variable
`EVIDENCE` names another file, or `os.devnull` for none.
"""

import json
import os
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import pytest

from docs.plugins.digests import of_implementation

ROOT = Path(__file__).resolve().parents[2]
RELEASE = ("praisonaiagents", "praisonai-bot")


def claim(
    item: pytest.Item, *, kind: str, where: str, digest: str, target: str, **details: Any
) -> None:
    """Say what a test is about: a block, table or promise at `where`, on a target.

    `digest` is that of the text that the verdict is about; the site shows a mark as stale when
    the page says something else by now.
    """
    page, _, line = where.partition(":")
    said = {"kind": kind, "where": where, "page": page, "line": int(line or 0)}
    item.user_properties.append(("claim", said | {"digest": digest, "target": target} | details))


class Collector:
    """Gathers claims from the reports of every worker and writes them at the end of the run."""

    def __init__(self) -> None:
        self.claims: list[dict[str, Any]] = []
        self.finished: set[str] = set()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take the claims of a finished test."""
        if report.when != "call" and report.passed:
            return
        self.finished.add(report.nodeid)
        for key, said in report.user_properties:
            if key == "claim":
                verdict = "departs" if hasattr(report, "wasxfail") else report.outcome
                done = {"verdict": verdict, "seconds": round(report.duration, 3)}
                self.claims.append(said | done | {"test": report.nodeid})

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Write the file, unless nothing was claimed."""
        if hasattr(session.config, "workerinput") or not self.claims:
            return
        path = Path(os.environ.get("EVIDENCE") or ROOT / "build" / "evidence.json")
        if str(path) == os.devnull:
            return
        kept = [said for said in load(path) if said["test"] not in self.finished]
        path.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps(
            {
                "implementation": of_implementation(ROOT),
                "release": {name: _version(name) for name in RELEASE},
                "claims": sorted(
                    kept + self.claims, key=lambda c: (c["page"], c["line"], c["test"])
                ),
            },
            indent=1,
        )
        temporary = path.with_suffix(".tmp")
        temporary.write_text(text + "\n", encoding="utf-8")
        temporary.replace(path)


def load(path: Path) -> list[dict[str, Any]]:
    """The claims of an earlier run; none when its file is missing or of another implementation."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    return found["claims"] if found.get("implementation") == of_implementation(ROOT) else []


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
