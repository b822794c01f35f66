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

from docs.plugins.digests import of_store
from tests.bench.contenders import PEERS
from tests.bench.goals import Goal
from tests.bench.tried import trials
from tests.bench.workloads import Row
from tests.subject.targets import ROOT

# The page on performance draws it.
OUTPUT = ROOT / "docs" / "verification" / "performance.json"
OWN = ("praisonaiagents", "filelock", "msgspec")
OTHERS = ("openai-agents", "langchain-community")


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
        "rows": [asdict(row) for row in rows],
        "goals": [asdict(goal) | {"line": goal.line} for goal in goals],
        "trials": [asdict(trial) for trial in trials(place)],
    }


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
        [str(PEERS), "-c", code, *OTHERS], capture_output=True, text=True, check=True
    )
    found: dict[str, str] = json.loads(done.stdout)
    return found
