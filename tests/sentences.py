"""`make sentences`: bring the ledger of sentences up to the pages, and say what is open.

Sentences that are new get a row with `?` to fill in, those that have changed take over the row of
what they said before with `again`, and rows of sentences that are gone go. Nothing is filled in
without a person who has read the sentence and its witness.
"""

import sys

from executable_pages.testing.claimed import summary
from executable_pages.testing.ledger import OPEN, Ledger
from tests.subject.project import SUBJECT


def main() -> int:
    """Write the ledger, name what is open, and end with 1 when there is anything."""
    claims = SUBJECT.claims
    assert claims is not None
    before, after = claims.rows(), Ledger()
    left = 0
    for page in SUBJECT.counted():
        name, found = SUBJECT.name(page.path), claims.of(page)
        after.pages[name] = before.renewed(name, found)
        shown = {each.digest: each for each in found}
        for digest, row in after.pages[name].items():
            if row.again or OPEN in (row.kind, row.over, *row.by):
                left += 1
                said = f"was: {row.again}" if row.again else "new"
                print(f"{shown[digest].where}: {digest} ({said})\n    {shown[digest].text}")
    gone = [
        f"{page}: {digest} is gone: {row.says}"
        for page, rows in before.pages.items()
        for digest, row in rows.items()
        if digest not in after.pages.get(page, {})
    ]
    print("\n".join([*gone, summary(SUBJECT, claims)]))
    claims.ledger.write_text(after.text(), "utf-8")
    if left:
        print(f"{left} rows to look at: fill in `?`, and delete `again`, in {claims.ledger.name}")
    return int(bool(left))


if __name__ == "__main__":
    sys.exit(main())
