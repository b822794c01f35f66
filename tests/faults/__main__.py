"""`python -m tests.faults`: inject faults and print what was lost, as JSON."""

import argparse
import json
import logging
import os
import sys
import tempfile
import time
from pathlib import Path

from tests.faults.cases import READS, WRITES, Case
from tests.faults.crashes import crash
from tests.faults.cuts import cut
from tests.faults.failures import fail
from tests.faults.full import fill
from tests.faults.fuzz import fuzz_files, fuzz_ids
from tests.faults.load import load
from tests.faults.result import Result

HARNESSES = ("crashes", "cuts", "failures", "ids", "files", "load", "disk")


def main() -> int:
    """The exit code is 1 when something was lost."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("harness", choices=HARNESSES)
    parser.add_argument("--every", type=int, default=1, help="take one of so many faults")
    parser.add_argument("--only", default="", help="kinds whose name contains this")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=100_000, help="how many ids or files")
    parser.add_argument("--seconds", type=float, default=60, help="how long the load lasts")
    chosen = parser.parse_args()
    # What the store says of faults is expected here, thousands of times.
    logging.getLogger("reference_impl").propagate = False
    logging.getLogger("reference_impl").addHandler(logging.NullHandler())
    with tempfile.TemporaryDirectory(prefix="faults-", dir=memory()) as directory:
        place = Path(directory).resolve()
        os.environ["PRAISONAI_HOME"] = str(place / "home")
        started = time.monotonic()
        result = run(chosen, place)
    found = result.as_json() | {"seconds": round(time.monotonic() - started, 1)}
    json.dump(found, sys.stdout, indent=1)
    print()
    return 1 if found["bad"] or found["missed"] else 0


def run(chosen: argparse.Namespace, place: Path) -> Result:
    """The result of the harness that was chosen."""
    match chosen.harness:
        case "ids":
            return fuzz_ids(place, chosen.seed, chosen.count)
        case "files":
            return fuzz_files(place, chosen.seed, chosen.count)
        case "disk":
            return fill(place)
        case "load":
            return load(place, chosen.seed, chosen.seconds)
        case "crashes":
            return crash(_named(chosen.only), place, chosen.every)
        case "cuts":
            return cut(_named(chosen.only), place, chosen.every)
        case _:
            return fail(_named(chosen.only, [*WRITES, *READS]), place, chosen.every)


def _named(part: str, cases: list[Case] = WRITES) -> list[Case]:
    found = [case for case in cases if part in case.name]
    if not found:
        raise SystemExit(f"no kind of write or read has {part!r} in its name")
    return found


def memory() -> str | None:
    """A file system in memory where there is one: a flush there costs nothing."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


if __name__ == "__main__":
    raise SystemExit(main())
