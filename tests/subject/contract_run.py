"""Running the contract on a store, as its author would, in a process of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from executable_pages.testing.evidence import claim
from reference_impl.contract.report import FAILED
from tests.subject import clause_processes
from tests.subject.targets import ROOT

# An author of a store does not have these, and they take as long to import as pytest itself.
APART = [
    word
    for plugin in ("anyio", "examples", "hypothesispytest", "valkey")
    for word in ("-p", f"no:{plugin}")
]


def run_contract(
    store: str,
    directory: Path,
    environment: Mapping[str, str],
    *options: str,
    ahead: Iterable[str] = (),
) -> dict[str, Any]:
    """Run every clause on `module:function` and return the report; `directory` is importable.

    `options` are pytest's, such as those that choose clauses. The modules named in `ahead` are
    imported once for all processes of the run.
    """
    report = directory / "contract.json"
    # The command that the pages show, and a report, with processes that start sooner.
    command = [sys.executable, "-m", "pytest", "--pyargs", "reference_impl.contract"]
    command += ["--session-store", store, f"--session-store-report={report}"]
    command += ["-p", "no:cacheprovider", "-p", clause_processes.__name__, *APART, *options]
    variables = {
        "PYTHONPATH": os.pathsep.join([str(directory), str(ROOT)]),
        "EVIDENCE": os.devnull,
        clause_processes.AHEAD: " ".join(ahead),
    }
    done = subprocess.run(
        command,
        cwd=directory,
        env=os.environ | dict(environment) | variables,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert report.exists(), done.stdout[-4000:] + done.stderr[-2000:]
    found: dict[str, Any] = json.loads(report.read_text("utf-8"))
    return found | {"output": done.stdout}


def claim_clauses(
    item: pytest.Item,
    report: dict[str, Any],
    *,
    store: str,
    where: str,
    digest: str,
    target: str,
    departures: Mapping[str, str] | None = None,
) -> None:
    """Make the verdict of each clause evidence, for the conformance matrix.

    `departures` says for a clause that fails where a reader learns what to do about it.
    """
    for each in report["clauses"]:
        claim(
            item,
            kind="clause",
            where=where,
            digest=digest,
            target=target,
            store=store,
            clause=each["clause"],
            guarantee=each["guarantee"],
            outcome=outcome(each),
            departure=(departures or {}).get(each["clause"], ""),
        )


def outcome(clause: dict[str, Any]) -> str:
    """What evidence calls a verdict: the matrix does not tell how a promise fails."""
    return "failed" if clause["verdict"] in FAILED else str(clause["verdict"])


def failures(report: dict[str, Any]) -> set[str]:
    """The names of the clauses that failed."""
    return {each["clause"] for each in report["clauses"] if each["verdict"] in FAILED}
