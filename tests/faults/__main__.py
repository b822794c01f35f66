"""`python -m tests.faults`: inject faults and print what was lost, as JSON."""

import argparse
import json
import logging
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.faults.cases import READS, WRITES, Case
from tests.faults.crashes import crash
from tests.faults.cuts import cut
from tests.faults.failures import fail
from tests.faults.result import Result

HARNESSES: dict[str, Callable[[list[Case], Path, int], Result]] = {
    "crashes": crash,
    "cuts": cut,
    "failures": fail,
}


def main() -> int:
    """The exit code is 1 when something was lost."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("harness", choices=HARNESSES)
    parser.add_argument("--every", type=int, default=1, help="take one of so many faults")
    parser.add_argument("--only", default="", help="kinds whose name contains this")
    chosen = parser.parse_args()
    logging.getLogger("reference_impl").addHandler(logging.NullHandler())
    cases = [*WRITES, *READS] if chosen.harness == "failures" else WRITES
    cases = [case for case in cases if chosen.only in case.name]
    with tempfile.TemporaryDirectory(prefix="faults-", dir=memory()) as directory:
        place = Path(directory).resolve()
        os.environ["PRAISONAI_HOME"] = str(place / "home")
        started = time.monotonic()
        result = HARNESSES[chosen.harness](cases, place, chosen.every)
    found = result.plain() | {"seconds": round(time.monotonic() - started, 1)}
    json.dump(found, sys.stdout, indent=1)
    print()
    return 1 if found["bad"] or found["missed"] else 0


def memory() -> str | None:
    """A file system in memory where there is one: a flush there costs nothing."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


if __name__ == "__main__":
    raise SystemExit(main())
