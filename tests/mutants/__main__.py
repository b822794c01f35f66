"""`python -m tests.mutants`: lie to the pages and to the code, and report what was caught."""

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from executable_pages.digests import of_implementation, of_pages
from executable_pages.testing.scanner import ROOT
from tests.mutants import by_hand, code, operators, pages
from tests.mutants.leash import leash
from tests.mutants.told import Verdict

# docs/reports/mutants.py shows it on the site.
OUTPUT = ROOT / "docs" / "verification" / "mutants.json"
PAGES, CODE = "pages", "code"


def main() -> int:
    """Tell the lies, print the table and write the report that the site shows."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("--pages", action="store_true", help="lie to the pages alone")
    parser.add_argument("--code", action="store_true", help="lie to the code alone")
    parser.add_argument("--only", default="", help="lies whose kind or place contains this")
    parser.add_argument("--every", type=int, default=1, help="each n-th lie of a sort")
    parser.add_argument("--report", type=Path, help="write it here, also of a part")
    chosen = parser.parse_args()
    is_whole = not chosen.only and chosen.every == 1
    output = chosen.report or (OUTPUT if is_whole else None)
    both = chosen.pages == chosen.code
    found: dict[str, list[Verdict]] = {}
    with leash():
        if both or chosen.pages:
            found[PAGES] = _timed(PAGES, lambda: pages.run(chosen.only, chosen.every))
        if both or chosen.code:
            found[CODE] = _timed(CODE, lambda: _code(chosen.only, chosen.every))
    if output is not None:
        _write(found, output)
    left = [each for verdicts in found.values() for each in verdicts if not each.is_caught]
    return any(not each.reason for each in left)


def _code(only: str, every: int) -> list[Verdict]:
    lies = [lie for lie in by_hand.LIES if only in lie.module or only in lie.kind]
    code.check_truth()
    return code.tell_all(lies[::every]) + operators.run(only, every)


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
            became = "not judged" if each.unjudged else "survived"
            print(f"  {became}: {each.kind} at {each.where}: {each.lie}")
            print(f"            {each.unjudged or each.reason or 'no reason is known'}")
    return verdicts


def _counted(sort: str, verdicts: list[Verdict]) -> list[dict[str, Any]]:
    told = Counter(each.kind for each in verdicts)
    caught = Counter(each.kind for each in verdicts if each.is_caught)
    unjudged = Counter(each.kind for each in verdicts if each.unjudged)
    return [
        {"sort": sort, "kind": kind, "told": count, "caught": caught[kind]}
        | ({"unjudged": unjudged[kind]} if unjudged[kind] else {})
        for kind, count in told.items()
    ]


def _write(found: dict[str, list[Verdict]], output: Path) -> None:
    """Replace what an earlier report says of the sorts of lies that were told now."""
    report: dict[str, Any] = {"told": [], "survivors": [], "unjudged": []}
    with suppress(FileNotFoundError):
        report |= json.loads(output.read_text("utf-8"))
    # A note tells how an earlier run came about.
    report.pop("note", None)
    for key in ("told", "survivors", "unjudged"):
        report[key] = [each for each in report[key] if each["sort"] not in found]
    for sort, verdicts in found.items():
        report["pages" if sort == PAGES else "implementation"] = (
            of_pages(ROOT) if sort == PAGES else of_implementation(ROOT)
        )
        report["told"] += _counted(sort, verdicts)
        for each in verdicts:
            if not each.is_caught:
                key = "unjudged" if each.unjudged else "survivors"
                report[key].append({"sort": sort} | each.plain())
    if CODE in found:
        report["every"] = operators.EVERY
    output.write_text(json.dumps(report, indent=1, sort_keys=True) + "\n", "utf-8")


if __name__ == "__main__":
    sys.exit(main())
