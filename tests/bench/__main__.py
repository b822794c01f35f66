"""`make bench`: stores side by side in one run, and a verdict for each ratio that we aim at.

Times of one machine say little about another; ratios of one run hold better, and best when all
are measured in turns. `--quick` takes under a minute and writes nothing.
"""

import argparse
import tempfile
from contextlib import ExitStack
from pathlib import Path

from tests.bench import contenders, goals, report
from tests.bench.workloads import FULL, QUICK, Bench


def main() -> None:
    """Measure, print the goals and write the report that the site shows."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer stores, sizes and turns")
    quick = parser.parse_args().quick
    if not contenders.PYTHON_OF_PEERS.exists():
        parser.exit(2, "The stores of other projects are missing: say `make .venv/.peers` first.\n")
    chosen = contenders.core()
    if quick:
        print("Left out: the recipes, and of the field what cannot make a long session at once.")
    else:
        chosen += contenders.rest_of_field() + contenders.recipes()
    with ExitStack() as stack:
        place = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        running = [each.start(stack, place) for each in chosen]
        rows = []
        for row in Bench(running, QUICK if quick else FULL).rows():
            rows.append(row)
            print(row.line, flush=True)
        judged = goals.judge(rows)
        if not quick:
            report.write(report.document(rows, judged, place))
    for each in judged:
        print(each.line)


if __name__ == "__main__":
    main()
