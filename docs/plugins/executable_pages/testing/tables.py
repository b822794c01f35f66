"""Tables of pages: each is claimed by a check, which its comment or its header names."""

from collections.abc import Callable, Mapping, Sequence

from executable_pages.testing.sandbox import Sandbox
from executable_pages.testing.scanner import PageError, Table
from executable_pages.testing.target import Target
from executable_pages.testing.wrong import Wrong

PROSE = "table: prose"
# A check is given what the comment says behind its name: what the table is about.
TableCheck = Callable[[Table, str, Target, Sandbox], None]


def claimed(table: Table, checks: Mapping[str | tuple[str, ...], TableCheck]) -> TableCheck | None:
    """The check that claims a table; None for a table of prose, which gives its reason.

    A check is named by the word in the comment `{/* table: WORD ... */}`, or is known by the
    table's whole header.

    Raises:
        PageError: None claims it, or it gives no reason.
    """
    if table.comment.startswith(PROSE):
        if len(table.comment.removeprefix(PROSE).strip(" ,:")) < 10:
            raise PageError(f"{table.where}: `{PROSE}` needs a reason")
        return None
    words = table.comment.split(" ", 2)
    if words[0] == "table:" and len(words) > 1 and words[1] in checks:
        return checks[words[1]]
    if table.header in checks:
        return checks[table.header]
    known = ", ".join(sorted(each for each in checks if isinstance(each, str)))
    raise PageError(
        f"{table.where}: no check claims this table; put a comment before it, "
        f"{{/* table: KIND SUBJECT */}} with KIND one of {known}, or `prose` and a reason"
    )


def check_table(
    table: Table,
    checks: Mapping[str | tuple[str, ...], TableCheck],
    target: Target,
    sandbox: Sandbox,
) -> None:
    """Hold a table against what it is about.

    Raises:
        PageError: No check claims it.
        Wrong: A row says something else.
    """
    if check := claimed(table, checks):
        check(table, "".join(table.comment.split(" ", 2)[2:]), target, sandbox)


def compare(table: Table, column: int, facts: Sequence[str], target: Target) -> None:
    """Hold the cells of a column against facts, in the same order.

    Raises:
        Wrong: One says something else, or a row is missing.
    """
    for index, row in enumerate(table.rows):
        fact = facts[index] if index < len(facts) else "nothing of the kind"
        if row[column] != fact:
            head = table.header[column]
            where = table.row_where(index)
            raise Wrong(f"{where} on {target}: {head} is {fact}, the page says {row[column]}")
    if len(facts) > len(table.rows):
        raise Wrong(f"{table.where} on {target}: the table leaves out {facts[len(table.rows)]}")
