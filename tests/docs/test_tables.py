"""Every table is claimed by a check, and every cell about code is what the code says."""

import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest

from executable_pages.testing.sandbox import Sandbox
from executable_pages.testing.scanner import PageError, Table, scan
from executable_pages.testing.suite import Tables
from executable_pages.testing.tables import check_table, claimed
from executable_pages.testing.wrong import Wrong
from tests.subject.project import SUBJECT
from tests.subject.targets import Target


class TestTables(Tables):
    """Those of this project."""

    subject = SUBJECT


def _lied(table: Table, old: str, new: str) -> Table:
    rows = tuple(tuple(cell.replace(old, new) for cell in row) for row in table.rows)
    assert rows != table.rows
    return dataclasses.replace(table, rows=rows)


@pytest.mark.parametrize(
    ("comment", "lie"),
    [
        ("table: parameters DefaultSessionStore", lambda t: _lied(t, "`5.0`", "`10.0`")),
        ("table: parameters DefaultSessionStore", lambda t: _lied(t, "`float`", "`int`")),
        ("table: parameters add_message", lambda t: _lied(t, "required", "`None`")),
        ("table: fields SessionData", lambda t: _lied(t, "`created_at`", "`made_at`")),
        ("table: fields SessionMessage", lambda t: _lied(t, "number", "string")),
        ("table: fields SessionData", lambda t: _lied(t, "; absent without one", "")),
        (
            "table: methods DefaultSessionStore",
            lambda t: _lied(t, "rename_session", "rename"),
        ),
        ("table: methods DefaultSessionStore", lambda t: _lied(t, "`SessionData`", "`dict`")),
        (
            "table: protocol SessionStoreProtocol",
            lambda t: _lied(t, "max_messages", "limit"),
        ),
        ("table: retention DefaultSessionStore", lambda t: _lied(t, "are dropped", "stay")),
        ("table: retention DefaultSessionStore", lambda t: _lied(t, "`compact`", "`compakt`")),
        ("table: safe", lambda t: _lied(t, "guarantees#fresh-reads", "known-differences#fresh")),
        ("table: safe", lambda t: dataclasses.replace(t, rows=t.rows[:2])),
        ("table: environment get_default_session_store", lambda t: _lied(t, "_HOME", "_HOUSE")),
        (
            "table: methods DefaultSessionStore",
            lambda t: dataclasses.replace(t, rows=t.rows[:-1]),
        ),
    ],
)
def test_lie_in_a_table_is_caught(
    comment: str, lie: Callable[[Table], Table], sandbox: Sandbox
) -> None:
    """A changed default, type, key, name or effect, or a missing row, fails at page and line."""
    tables = [table for page in SUBJECT.pages() for table in page.tables]
    table = next(table for table in tables if table.comment == comment)
    with pytest.raises(Wrong, match=r"^docs/features/[\w-]+\.md:\d+"):
        check_table(lie(table), SUBJECT.tables, Target.REFERENCE, sandbox)


def test_unclaimed_table_is_an_error(tmp_path: Path) -> None:
    """A table that no check claims is an error at page and line."""
    page = tmp_path / "page.md"
    page.write_text("# Title\n\n| A | B |\n|---|---|\n| 1 | 2 |\n", "utf-8")
    [table] = scan(page).tables
    with pytest.raises(PageError, match=r"page\.md:3: no check claims this table"):
        claimed(table, SUBJECT.tables)
