"""Keeps the proof of the last whole test run with the pages: `make proof`.

A fresh clone shows it, dated, until its own tests have run.
"""

import sys

import msgspec

from executable_pages import evidence
from executable_pages.evidence import Evidence
from executable_pages.testing.scanner import ROOT


def keep(found: Evidence) -> str:
    """Write the proof down, a line for each claim, and say what was written.

    Raises:
        ValueError: The run was not a whole one, not all of it passed, or the code has changed.
    """
    if not found.census:
        raise ValueError("the last run was not a whole one; say `make test` first")
    if not found.is_current(ROOT):
        raise ValueError("the code has changed since the last run; say `make test` first")
    if failed := [claim for claim in found.claims if not claim.is_proof]:
        raise ValueError(f"{failed[0].test} did not pass; mend it first")
    whole = msgspec.to_builtins(found)
    claims = whole.pop("claims")
    head = msgspec.json.encode(whole)[1:-1].decode()
    lines = ",\n".join(msgspec.json.encode(claim).decode() for claim in claims)
    path = evidence.committed(ROOT)
    path.write_text(f'{{{head},"claims":[\n{lines}\n]}}\n', "utf-8")
    return f"{path.relative_to(ROOT)}: {len(claims)} claims, {found.day}"


def main() -> int:
    """Keep the proof, or say why not."""
    try:
        print(keep(evidence.load(ROOT)))
    except ValueError as error:
        print(f"proof: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
