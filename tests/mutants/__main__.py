"""`python -m tests.mutants`: lie to the pages and to the code, and report what was caught."""

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from docs.plugins.digests import of_implementation, of_pages
from tests.mutants import by_hand, code, operators, pages
from tests.mutants.told import Verdict
from tests.pages.scanner import ROOT

# docs/plugins/mutants.py shows it on the site.
OUTPUT = ROOT / "docs" / "verification" / "mutants.json"
PAGES, CODE = "pages", "code"


def main() -> int:
    """Tell the lies, print the table and write the report that the site shows."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("--pages", action="store_true", help="lie to the pages alone")
    parser.add_argument("--code", action="store_true", help="lie to the code alone")
    parser.add_argument("--only", default="", help="lies whose kind or place contains this")
    chosen = parser.parse_args()
    both = chosen.pages == chosen.code
    found: dict[str, list[Verdict]] = {}
    if both or chosen.pages:
        found[PAGES] = _timed(PAGES, lambda: pages.run(chosen.only))
    if both or chosen.code:
        found[CODE] = _timed(CODE, lambda: _code(chosen.only))
    if not chosen.only:
        _write(found)
    left = [each for verdicts in found.values() for each in verdicts if not each.is_caught]
    return any(not each.reason for each in left)


def _code(only: str) -> list[Verdict]:
    lies = [lie for lie in by_hand.LIES if only in lie.module or only in lie.kind]
    code.check_truth()
    return code.tell_all(lies) + operators.run(only)


def _timed(sort: str, tell: Callable[[], list[Verdict]]) -> list[Verdict]:
    started = time.monotonic()
    verdicts = tell()
    print(f"{'lies told to the ' + sort:32}{'told':>6}{'caught':>8}")
    for row in _counted(sort, verdicts):
        print(f"  {row['kind']:30}{row['told']:>6}{row['caught']:>8}")
    caught = sum(each.is_caught for each in verdicts)
    print(f"  {'all':30}{len(verdicts):>6}{caught:>8}   {time.monotonic() - started:.0f} s")
    for each in verdicts:
        if not each.is_caught:
            print(f"  survived: {each.kind} at {each.where}: {each.lie}")
            print(f"            {each.reason or 'no reason is known'}")
    return verdicts


def _counted(sort: str, verdicts: list[Verdict]) -> list[dict[str, Any]]:
    told = Counter(each.kind for each in verdicts)
    caught = Counter(each.kind for each in verdicts if each.is_caught)
    return [
        {"sort": sort, "kind": kind, "told": count, "caught": caught[kind]}
        for kind, count in told.items()
    ]


def _write(found: dict[str, list[Verdict]]) -> None:
    """Replace what an earlier report says of the sorts of lies that were told now."""
    try:
        report = json.loads(OUTPUT.read_text("utf-8"))
    except FileNotFoundError:
        report = {"told": [], "survivors": []}
    # A note tells how an earlier run came about.
    report.pop("note", None)
    for key in ("told", "survivors"):
        report[key] = [each for each in report[key] if each["sort"] not in found]
    for sort, verdicts in found.items():
        report["pages" if sort == PAGES else "implementation"] = (
            of_pages(ROOT) if sort == PAGES else of_implementation(ROOT)
        )
        report["told"] += _counted(sort, verdicts)
        report["survivors"] += [
            {"sort": sort} | each.plain() for each in verdicts if not each.is_caught
        ]
    OUTPUT.write_text(json.dumps(report, indent=1, sort_keys=True) + "\n", "utf-8")


if __name__ == "__main__":
    sys.exit(main())
