"""`make soak`, the part about faults: every point of every kind, and the report for the site."""

import json
import os
import platform
import py_compile
import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from docs.reports.durability import report_of
from executable_pages.digests import of_store
from tests.faults.running import inject
from tests.mutants.code import source
from tests.mutants.durability import CAUGHT
from tests.subject.targets import ROOT

# Each harness with its options, and how the page says what it does.
RUNS = [
    (("crashes",), "a writer was killed at each of its system calls"),
    (("cuts",), "the power was cut, with every state of the disk that this may leave"),
    (("failures",), "each system call of each write and read failed, with each of 6 errors"),
    (("disk",), "calls were made while the disk was full, and after it had room again"),
    (("ids", "--count", "100000"), "hostile ids were written to and read"),
    (("files", "--count", "100000"), "hostile files were read and appended to"),
    (("load", "--seconds", "60"), "8 processes of 8 threads made calls for 60 seconds"),
]
_PYTHON = platform.python_version()
_BY = {
    "crashes": "killed writers",
    "cuts": "power cuts",
    "failures": "failing calls",
    "load": "load",
}


def soak() -> int:
    """Inject everything, write the report, and return 1 if anything was lost."""
    rows = [_row(options, said) for options, said in RUNS]
    report = {
        "store": of_store(ROOT),
        "day": datetime.now(UTC).date().isoformat(),
        "machine": f"{os.cpu_count()} cores, {platform.system()}, Python {_PYTHON}",
        "rows": rows,
        "breaks": breaks(),
    }
    text = json.dumps(report, indent=1, sort_keys=True)
    report_of(ROOT).write_text(text + "\n", "utf-8")
    return int(any(row["bad"] or row["missed"] for row in rows))


def _row(options: tuple[str, ...], said: str) -> dict[str, Any]:
    found = inject(*options, limit=7200)
    print(f"{found['what']}: {found['tried']} of {found['of']}, {found['bad']} bad", flush=True)
    for each in found["examples"]:
        print(f"  {each}", flush=True)
    kept = ("what", "kinds", "of", "tried", "bad", "missed", "seconds")
    return {"said": said, "command": " ".join(options)} | {key: found[key] for key in kept}


def breaks() -> list[dict[str, str]]:
    """What each harness finds in a store that something was taken out of."""
    rows = []
    with tempfile.TemporaryDirectory() as directory:
        for number, caught in enumerate(CAUGHT):
            code = broken(caught.lie.module, source(caught.lie), Path(directory) / str(number))
            found = inject(*caught.options, code=code)
            loss = caught.loss if caught.loss in found["losses"] else "nothing"
            rows.append({"said": caught.lie.said, "by": _BY[caught.options[0]], "loss": loss})
    return rows


def broken(module: str, text: str, place: Path) -> Path:
    """A copy of the store in which one module says something else, compiled."""
    # Another process may be writing byte code, and gives the file its name when it is whole.
    unwanted = shutil.ignore_patterns("*.pyc.*")
    shutil.copytree(ROOT / "reference_impl", place / "reference_impl", ignore=unwanted)
    changed = place / "reference_impl" / module
    changed.write_text(text, "utf-8")
    # Known by what it says: a change within a second would not be noticed by its time.
    py_compile.compile(str(changed), invalidation_mode=py_compile.PycInvalidationMode.CHECKED_HASH)
    return place
