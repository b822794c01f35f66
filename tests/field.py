"""`make field`: the stores of other projects, and the release's, under the contract.

Each runs in the environment of `make .venv/.peers`, in directories of its own, and its verdicts go
to `docs/verification/field.json` with the versions. The contract runs twice, and again for the
promises on which the two runs differ. What is broken is shown once more without the contract: by a
program of its own, and by its drawing, replayed. Names given on the command line choose stores.
`make newest` does the same with the newest versions, and fails when a cell of the table changes.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from docs.reports.field import broken, verdict
from executable_pages.digests import of_contract
from executable_pages.testing.sandbox import importable
from tests.contract.peers import programs, proofs
from tests.contract.peers.registry import PEERS, Peer
from tests.contract.peers.rounds import Row, twice
from tests.subject import clause_processes
from tests.subject.targets import ROOT

OUTPUT = ROOT / "docs" / "verification" / "field.json"
NEWEST = ROOT / "build" / "field.json"
PYTHON = ROOT / ".venv" / "peers" / "bin" / "python"
PYTHON_OF_NEWEST = ROOT / ".venv" / "newest" / "bin" / "python"
LIMIT = 1800
QUIET = {"PYTHONWARNINGS": "ignore", "DO_NOT_TRACK": "1", "OTEL_SDK_DISABLED": "true"}


def run(peer: Peer, python: Path, place: Path, earlier: Mapping[str, str]) -> Row:
    """What became of one store, in directories below `place`.

    What is told otherwise than in the `earlier` cells is not told before it was tried again.
    """
    home = {"HOME": str(place / "home")}
    # A program is what a stranger would paste: it sees nothing of this repository.
    alone = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"} | QUIET | home
    environment = alone | {"PYTHONPATH": importable(), "PEER_DIRECTORY": str(place / "sessions")}

    def contract(only: Iterable[str], rounds: int) -> list[Row]:
        return _contract(peer, python, place, environment, only, rounds)

    clauses, differ = twice(contract, earlier)
    counted = _output(
        [str(python), "-m", "tests.contract.peers.count", peer.factory],
        place,
        environment | {"PEER_DIRECTORY": str(place / "count")},
    )
    found: Row = {
        "name": peer.name,
        "distribution": peer.distribution,
        "version": _version(python, peer.distribution),
        "contract": of_contract(ROOT),
        "made_for": peer.made_for,
        "better": peer.better,
        "report": peer.report,
        "clauses": clauses,
        "runs": 2,
        "differ": differ,
        "count": json.loads(counted.splitlines()[-1]),
    }
    found["programs"] = proofs.programs(peer, broken(found), python, alone)
    proofs.replay(clauses, peer, python, environment)
    return found


def _contract(
    peer: Peer,
    python: Path,
    place: Path,
    environment: dict[str, str],
    only: Iterable[str],
    rounds: int,
) -> list[Row]:
    """One run of the contract, of the clauses that prove `only` some promises if any are named."""
    report = place / "report.json"
    report.unlink(missing_ok=True)
    command = [str(python), "-m", "pytest", "-q", "-p", "no:cacheprovider", "--pyargs"]
    command += ["reference_impl.contract", "--session-store", peer.factory]
    command += ["--session-store-rounds", str(rounds), f"--session-store-report={report}"]
    # To import what an agent needs takes a process longer than most clauses take.
    command += ["-p", clause_processes.__name__]
    done = subprocess.run(
        [*command, "-k", " or ".join(only)],
        cwd=place,
        env=environment | {clause_processes.AHEAD: " ".join(_packages(peer))},
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=False,
    )
    if not report.exists():
        raise SystemExit(f"{peer.name}: no report\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
    found: list[Row] = json.loads(report.read_text("utf-8"))["clauses"]
    return found


def _packages(peer: Peer) -> list[str]:
    """What the adapter of a store imports of others."""
    module = peer.factory.partition(":")[0].replace(".", "/")
    found = clause_processes.imports((ROOT / f"{module}.py").read_text("utf-8"))
    return [each for each in found if each.partition(".")[0] != "tests"]


def _output(command: list[str], place: Path, environment: dict[str, str]) -> str:
    done = subprocess.run(
        command,
        cwd=place,
        env=environment,
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed\n{done.stderr[-3000:]}")
    return done.stdout


def _version(python: Path, distribution: str) -> str:
    code = f"import importlib.metadata as m; print(m.version({distribution!r}))"
    return _output([str(python), "-c", code], ROOT, dict(os.environ)).strip()


def reference() -> dict[str, str]:
    """What each program says of the reference: nothing, when it is right."""
    environment = os.environ | {"PYTHONPATH": importable()}
    return {
        fault: proofs.attempt(
            programs.compose("praisonai_reference", fault), Path(sys.executable), environment
        )
        for fault in programs.faults()
    }


def changes(earlier: list[Row], now: list[Row]) -> list[str]:
    """A line for each cell of the table that is another one than before."""
    before = {each["name"]: _cells(each) for each in earlier}
    return [
        f"{each['name']} {each['version']}: {promise} was {old[promise]}, and is {told}"
        for each in now
        if (old := before.get(each["name"]))
        for promise, told in _cells(each).items()
        if promise in old and told != old[promise]
    ]


def _cells(store: Row) -> dict[str, str]:
    promises = dict.fromkeys(each["guarantee"] for each in store["clauses"])
    return {each: verdict(store, each) for each in promises}


def main() -> int:
    """Run every store, print a line for each, and write the report.

    With `--newest` the exit code is 1 when a cell is another one than in the report of the pages.
    """
    parser = argparse.ArgumentParser(prog="make field", description=__doc__)
    parser.add_argument("names", nargs="*", help="stores to run; the others keep their verdicts")
    parser.add_argument(
        "--newest", action="store_true", help="run what is in .venv/newest, into build/field.json"
    )
    given = parser.parse_args()
    names, output = given.names, NEWEST if given.newest else OUTPUT
    if unknown := set(names) - {peer.name for peer in PEERS}:
        parser.error(f"no store is called {unknown.pop()!r}; there are {[p.name for p in PEERS]}")
    before: dict[str, Any] = json.loads(OUTPUT.read_text("utf-8")) if OUTPUT.exists() else {}
    earlier = before.get("stores", [])
    known = {each["name"]: each for each in earlier}
    document = {
        "date": datetime.now(UTC).date().isoformat(),
        "contract": of_contract(ROOT),
        "reference": reference(),
    }
    for peer in PEERS:
        if names and peer.name not in names:
            continue
        python = Path(sys.executable) if peer.is_release else PYTHON
        python = PYTHON_OF_NEWEST if given.newest else python
        with tempfile.TemporaryDirectory(prefix="field-", ignore_cleanup_errors=True) as place:
            (Path(place) / "home").mkdir()
            before_it = known.get(peer.name) if given.newest else None
            cells = _cells(before_it) if before_it else {}
            known[peer.name] = found = run(peer, python, Path(place), cells)
        print(line(found), flush=True)
        document["stores"] = [known[each.name] for each in PEERS if each.name in known]
        # A store that was not run now was judged by the contract of then.
        for each in document["stores"]:
            each.setdefault("contract", before.get("contract"))
        # Each store is kept as soon as it was run, since the whole takes long.
        output.parent.mkdir(exist_ok=True)
        output.write_text(json.dumps(document, indent=1) + "\n", "utf-8")
    changed = changes(earlier, document.get("stores", []))
    print("\n".join(changed) or "No cell of the table is another one than before.")
    return int(given.newest and bool(changed))


def line(found: Row) -> str:
    """What is said of a store while the others run."""
    verdicts = [each["verdict"] for each in found["clauses"]]
    said = ", ".join(f"{verdicts.count(v)} {v}" for v in dict.fromkeys(verdicts))
    agreed = f"the runs differ on {', '.join(found['differ'])}" if found["differ"] else "twice"
    return f"{found['name']:<40} {found['version']:<10} {said}; {agreed}; {found['count']}"


if __name__ == "__main__":
    raise SystemExit(main())
