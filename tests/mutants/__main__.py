"""`python -m tests.mutants`: lie to the pages and to the code, and report what was caught."""

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from tests.mutants import by_hand, code, operators, pages
from tests.mutants.told import Verdict

ROOT = Path(__file__).resolve().parents[2]
OUTPUT = ROOT / "build" / "mutants.json"
# So many small changes of the reference take about ten minutes; `--limit` tells more.
SAMPLE = 60


def main() -> int:
    """Tell the lies and print the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("--pages", action="store_true", help="lie to the pages alone")
    parser.add_argument("--code", action="store_true", help="lie to the code alone")
    parser.add_argument("--limit", type=int, help="tell at most so many lies of each sort")
    parser.add_argument("--only", default="", help="lies whose kind or place contains this")
    chosen = parser.parse_args()
    both = chosen.pages == chosen.code
    found: dict[str, list[Verdict]] = {}
    if both or chosen.pages:
        found["pages"] = _timed("pages", lambda: pages.run(chosen.limit, chosen.only))
    if both or chosen.code:
        found["code"] = _timed("code", lambda: _code(chosen.limit, chosen.only))
    _write(found)
    return any(not each.is_caught and not each.reason for each in found.get("pages", []))


def _code(limit: int | None, only: str) -> list[Verdict]:
    lies = [lie for lie in by_hand.LIES if only in lie.module or only in lie.kind][:limit]
    if only in "operator":
        lies += operators.sample(SAMPLE if limit is None else limit)
    code.check_truth()
    return code.tell_all(lies, by_hand.REASONS, code.jobs())


def _timed(sort: str, tell: Callable[[], list[Verdict]]) -> list[Verdict]:
    started = time.monotonic()
    verdicts = tell()
    told = Counter(each.kind for each in verdicts)
    caught = Counter(each.kind for each in verdicts if each.is_caught)
    print(f"{'lies to the ' + sort:32}{'told':>6}{'caught':>8}")
    for kind, count in told.items():
        print(f"  {kind:30}{count:>6}{caught[kind]:>8}")
    seconds = time.monotonic() - started
    print(f"  {'all':30}{len(verdicts):>6}{sum(caught.values()):>8}   {seconds:.0f} s")
    for each in verdicts:
        if not each.is_caught:
            print(f"  survived: {each.kind} at {each.where}: {each.lie}")
            print(f"            {each.reason or 'no reason is known'}")
    return verdicts


def _write(found: dict[str, list[Verdict]]) -> None:
    try:
        report = json.loads(OUTPUT.read_text("utf-8"))
    except (OSError, ValueError):
        report = {}
    before = [each for each in report.get("survivors", []) if each["sort"] not in found]
    for sort, verdicts in found.items():
        told, caught = len(verdicts), sum(each.is_caught for each in verdicts)
        report[sort] = {"told": told, "caught": caught}
    report["survivors"] = before + [
        {"sort": sort} | each.plain()
        for sort, verdicts in found.items()
        for each in verdicts
        if not each.is_caught
    ]
    OUTPUT.parent.mkdir(exist_ok=True)
    OUTPUT.write_text(json.dumps(report, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    sys.exit(main())
