"""`make field`: the stores of other projects, and the release's, under the contract.

Each runs in the environment of `make .venv/.peers`, in directories of its own, and its verdicts go
to `docs/verification/field.json` with the versions. The same stores are also counted without
the contract, by `tests.contract.peers.count`. Names given on the command line choose stores.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from docs.plugins.digests import of_text
from tests.contract.peers.registry import PEERS, Peer
from tests.subject.targets import ROOT

OUTPUT = ROOT / "docs" / "verification" / "field.json"
PYTHON = ROOT / ".venv" / "peers" / "bin" / "python"
LIMIT = 900
QUIET = {"PYTHONWARNINGS": "ignore", "DO_NOT_TRACK": "1", "OTEL_SDK_DISABLED": "true"}


def run(peer: Peer, python: Path, place: Path) -> dict[str, Any]:
    """What became of one store, in directories below `place`."""
    environment = (
        os.environ
        | QUIET
        | {
            "PYTHONPATH": str(ROOT),
            "PEER_DIRECTORY": str(place / "sessions"),
            "HOME": str(place / "home"),
        }
    )
    report = place / "report.json"
    command = [str(python), "-m", "pytest", "-q", "-p", "no:cacheprovider", "--pyargs"]
    command += ["reference_impl.contract", "--session-store", peer.factory]
    done = subprocess.run(
        [*command, f"--session-store-report={report}"],
        cwd=place,
        env=environment,
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=False,
    )
    if not report.exists():
        raise SystemExit(f"{peer.name}: no report\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
    counted = subprocess.run(
        [str(python), "-m", "tests.contract.peers.count", peer.factory],
        cwd=place,
        env=environment | {"PEER_DIRECTORY": str(place / "count")},
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=False,
    )
    if counted.returncode:
        raise SystemExit(f"{peer.name}: it could not be counted\n{counted.stderr[-3000:]}")
    found = json.loads(report.read_text("utf-8"))
    kept = ("clause", "guarantee", "verdict", "counts")
    return {
        "name": peer.name,
        "distribution": peer.distribution,
        "version": _version(python, peer.distribution),
        "made_for": peer.made_for,
        "better": peer.better,
        "report": peer.report,
        "clauses": [
            {key: each.get(key, "") for key in kept} | {"drawing": _drawing(each["detail"])}
            for each in found["clauses"]
        ],
        "count": json.loads(counted.stdout.splitlines()[-1]),
    }


def _drawing(detail: str) -> str:
    """The diagram in what a clause says; the rest speaks of this machine's directories."""
    found = re.search(r"```mermaid\n(.*?\n)```", detail, re.DOTALL)
    return found[1] if found else ""


def _version(python: Path, distribution: str) -> str:
    code = f"import importlib.metadata as m; print(m.version({distribution!r}))"
    done = subprocess.run([str(python), "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def contract_digest() -> str:
    """What the verdicts are about: the kit and the adapters."""
    places = (ROOT / "reference_impl" / "contract", ROOT / "tests" / "contract" / "peers")
    files = sorted(path for place in places for path in place.rglob("*.py"))
    return of_text("".join(path.read_text("utf-8") for path in files))


def main() -> None:
    """Run every store, print a line for each, and write the report."""
    parser = argparse.ArgumentParser(prog="make field", description=__doc__)
    parser.add_argument("names", nargs="*", help="stores to run; the others keep their verdicts")
    names = parser.parse_args().names
    if unknown := set(names) - {peer.name for peer in PEERS}:
        parser.error(f"no store is called {unknown.pop()!r}; there are {[p.name for p in PEERS]}")
    earlier = json.loads(OUTPUT.read_text("utf-8"))["stores"] if OUTPUT.exists() else []
    known = {each["name"]: each for each in earlier}
    for peer in PEERS:
        if names and peer.name not in names:
            continue
        python = Path(sys.executable) if peer.is_release else PYTHON
        with tempfile.TemporaryDirectory(prefix="field-", ignore_cleanup_errors=True) as place:
            (Path(place) / "home").mkdir()
            known[peer.name] = found = run(peer, python, Path(place))
        verdicts = [each["verdict"] for each in found["clauses"]]
        said = ", ".join(f"{verdicts.count(v)} {v}" for v in dict.fromkeys(verdicts))
        print(
            f"{peer.name:<40} {found['version']:<10} {said}; counted {found['count']}", flush=True
        )
    document = {
        "date": datetime.now(UTC).date().isoformat(),
        "contract": contract_digest(),
        "stores": [known[peer.name] for peer in PEERS if peer.name in known],
    }
    OUTPUT.write_text(json.dumps(document, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
