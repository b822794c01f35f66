"""Gathers what tests prove, for the site to show.

A test says what it is about with `claim`; its outcome makes the claim's verdict. A run of a part
of the suite replaces the claims of the tests that ran and keeps the others.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import msgspec
import pytest

from executable_pages import evidence
from executable_pages.digests import of_implementation
from executable_pages.evidence import Claim, Evidence, claim_of
from executable_pages.testing.scanner import ROOT


def claim(
    item: pytest.Item,
    *,
    root: Path = ROOT,
    kind: str,
    where: str,
    digest: str,
    target: str,
    **details: str,
) -> dict[str, str]:
    """Say what a test is about: a block, table or promise at `where`, on a target.

    Returns the details, to which the test may add what it finds.

    `digest` is that of the text that the verdict is about; the site shows a mark as stale when
    the page says something else by now. `root` is the project's directory.
    """
    page, _, line = where.partition(":")
    said = {"kind": kind, "page": page, "line": int(line or 0), "digest": digest}
    item.user_properties.append(
        ("claim", [str(root), said | {"target": target, "details": details}])
    )
    return details


class Collector:
    """Gathers the claims about a project from every worker and writes them at the end of the run.

    `packages` are those whose versions the evidence notes.
    """

    def __init__(self, root: Path, packages: Sequence[str]) -> None:
        self.root, self.packages = root, packages
        self.claims: list[Claim] = []
        self.finished: set[str] = set()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take the claims of a finished test."""
        if report.when != "call" and report.passed:
            return
        self.finished.add(report.nodeid)
        for key, told in report.user_properties:
            if key != "claim":
                continue
            root, said = msgspec.convert(told, tuple[str, dict[str, Any]])
            if root == str(self.root):
                verdict = "departs" if hasattr(report, "wasxfail") else report.outcome
                seconds = round(report.duration, 3)
                self.claims.append(
                    claim_of(said, verdict=verdict, seconds=seconds, test=report.nodeid)
                )

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Write the file, unless nothing was claimed."""
        if hasattr(session.config, "workerinput") or not self.claims:
            return
        earlier = evidence.load(self.root)
        kept = earlier.claims if earlier.is_current(self.root) else []
        claims = [claim for claim in kept if claim.test not in self.finished] + self.claims
        found = Evidence(
            implementation=of_implementation(self.root),
            release={name: _version(name) for name in self.packages},
            claims=sorted(claims, key=lambda claim: (claim.page, claim.line, claim.test)),
            day=datetime.now(UTC).date().isoformat(),
        )
        evidence.save(self.root, found)


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
