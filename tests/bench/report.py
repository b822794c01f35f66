"""What a run leaves behind: rows and verdicts as JSON, with machine, versions and file system."""

import json
import os
import platform
import subprocess
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psutil

from executable_pages.digests import of_store
from tests.bench.contenders import FAST, PYTHON_OF_PEERS, REFERENCE
from tests.bench.goals import Goal
from tests.bench.tried import trials
from tests.bench.workloads import Row
from tests.contract.peers.registry import PEERS
from tests.subject.targets import ROOT

# The page on performance draws it.
OUTPUT = ROOT / "docs" / "verification" / "performance.json"
OWN = ("praisonaiagents", "filelock", "msgspec")
OTHERS = tuple(dict.fromkeys(each.distribution for each in PEERS if not each.is_release))


def document(rows: list[Row], goals: list[Goal], place: Path) -> dict[str, Any]:
    """The report of a run that worked in the directory `place`."""
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "store": of_store(ROOT),
        "machine": {
            "cores": os.cpu_count(),
            "processor": platform.machine(),
            "system": platform.system(),
            "python": platform.python_version(),
            "file system": _file_system(place),
        },
        "versions": {name: version(name) for name in OWN} | _versions_of_peers(),
        "field": _field(),
        "rows": [asdict(row) for row in rows],
        "goals": [asdict(goal) | {"line": goal.line} for goal in goals],
        "trials": [asdict(trial) for trial in trials(place)],
    }


def _field() -> list[dict[str, Any]]:
    """The stores of the table of costs in its order, with what happens in an append."""
    own = [
        (REFERENCE, "Takes a lock, reads the file, writes it whole, and flushes it and its name."),
        (FAST, "The same without the flushes."),
    ]
    return [{"name": name, "in_field": False, "append": append} for name, append in own] + [
        {"name": peer.name, "in_field": True, "append": peer.append} for peer in PEERS
    ]


def write(found: dict[str, Any]) -> None:
    """Put the report where the site finds it."""
    OUTPUT.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def _file_system(place: Path) -> str:
    mounts = [each for each in psutil.disk_partitions(all=True) if each.fstype]
    holding = [m for m in mounts if place.resolve().is_relative_to(m.mountpoint)]
    return max(holding, key=lambda mount: len(mount.mountpoint)).fstype if holding else "unknown"


def _versions_of_peers() -> dict[str, str]:
    code = "import importlib.metadata as m, json, sys\n" + (
        "print(json.dumps({n: m.version(n) for n in sys.argv[1:]}))"
    )
    done = subprocess.run(
        [str(PYTHON_OF_PEERS), "-c", code, *OTHERS], capture_output=True, text=True, check=True
    )
    found: dict[str, str] = json.loads(done.stdout)
    return found
