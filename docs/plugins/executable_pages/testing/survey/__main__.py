"""Prints what stands on the pages of a directory, and writes where."""

import argparse
import sys
from pathlib import Path

from executable_pages.files import ROOT
from executable_pages.testing.survey.tree import survey

BUILD = ROOT / "build" / "survey.json"


def main(arguments: list[str] | None = None) -> int:
    """Survey a directory; 2 where there is no page."""
    parser = argparse.ArgumentParser(
        prog="python -m executable_pages.testing.survey", description=__doc__
    )
    parser.add_argument("directory", type=Path, help="a tree of .md and .mdx pages")
    parser.add_argument("--json", type=Path, default=BUILD, help="where to write each place")
    parser.add_argument(
        "--shown", action="store_true", help="hold what each page shows against what was read"
    )
    parser.add_argument("--run", action="store_true", help="run the Python blocks, without network")
    parser.add_argument(
        "--python", default=sys.executable, help="the Python that runs them (default: this one)"
    )
    parser.add_argument(
        "--set", action="append", default=[], metavar="NAME=VALUE", help="a variable of the blocks"
    )
    parser.add_argument(
        "--serve",
        action="append",
        default=[],
        metavar="NAME=COMMAND",
        help="a server in their network, whose first line is the value of the variable",
    )
    given = parser.parse_args(arguments)
    try:
        found = survey(
            given.directory,
            is_shown=given.shown,
            python=given.python if given.run else "",
            variables=_named(given.set),
            servers=_named(given.serve),
            say=lambda text: print(text, flush=True),
        )
    except OSError as error:
        print(error, file=sys.stderr)
        return 2
    if not found.pages:
        print(f"no .md or .mdx page below {given.directory}", file=sys.stderr)
        return 2
    found.write(given.json)
    print(f"{found.table()}\neach place: {given.json}")
    return 0


def _named(given: list[str]) -> dict[str, str]:
    pairs = (each.partition("=") for each in given)
    return {name: value for name, _, value in pairs}


if __name__ == "__main__":
    sys.exit(main())
