"""`make soak`: the contract on the reference and on every recipe, 20 times each.

A clause that fails once in many runs is a race. The exit code is 1 if any did.
"""

import sys
import tempfile
from contextlib import nullcontext
from pathlib import Path

from tests.support.contract_run import failures, run_contract
from tests.support.recipes import RECIPES

TIMES = 20


def main(times: int) -> int:
    """Run every store's contract again and again and print what failed."""
    bad = 0
    with tempfile.TemporaryDirectory() as directory:
        place = Path(directory)
        (place / "sessions").mkdir()
        environment = {"CONTRACT_DIRECTORY": str(place / "sessions")}
        stores = [("Reference", "tests.contract.stores:open_reference", nullcontext(environment))]
        stores += [
            (each.name, f"{each.write(place)}:open_store", each.server()) for each in RECIPES
        ]
        for name, store, server in stores:
            with server as settings:
                failed = [failures(run_contract(store, place, settings)) for _ in range(times)]
            clean = sum(not each for each in failed)
            clauses = sorted(set().union(*failed))
            print(f"{name}: {clean} of {times} runs passed {' '.join(clauses)}", flush=True)
            bad += times - clean
    return 1 if bad else 0


if __name__ == "__main__":
    raise SystemExit(main(int(sys.argv[1]) if len(sys.argv) > 1 else TIMES))
