"""Every table is claimed by a check, and every cell about code is what the code says."""

import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.pages.evidence import claim
from tests.pages.sandbox import Sandbox
from tests.pages.scanner import ROOT, PageError, Table, pages, scan
from tests.subject import tables
from tests.subject.behaviour import check_behaviour
from tests.subject.model_server import ModelServer
from tests.subject.tables import PROSE, Untrue, checker, reason
from tests.subject.targets import Target

ALL = [table for page in [*pages(ROOT / "docs"), scan(ROOT / "README.md")] for table in page.tables]
FACTUAL = [table for table in ALL if not table.comment.startswith(PROSE)]
BEHAVIOUR = "table: behaviour"


@pytest.mark.parametrize("table", FACTUAL, ids=[t.where.removeprefix("docs/") for t in FACTUAL])
def test_table(
    table: Table,
    target: Target,
    sandbox: Sandbox,
    model_server: ModelServer,
    request: pytest.FixtureRequest,
) -> None:
    """Each cell that states a fact about code is what the code says, and no row is missing."""
    claim(
        request.node,
        kind="table",
        where=table.where,
        digest=table.digest,
        target=str(target),
    )
    if table.comment.startswith(BEHAVIOUR):
        check_behaviour(table, target, sandbox, model_server.url)
        return
    check, subject = checker(table)
    check(table, subject, target, sandbox)


def test_prose_tables_have_a_reason() -> None:
    """A table that states nothing about code says why."""
    for table in ALL:
        if table.comment.startswith(PROSE):
            assert reason(table)


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
    table = next(table for table in ALL if table.comment == comment)
    check, subject = checker(table)
    with pytest.raises(Untrue, match=r"^docs/features/[\w-]+\.md:\d+"):
        check(lie(table), subject, Target.REFERENCE, sandbox)


def test_unclaimed_table_is_an_error(tmp_path: Path) -> None:
    """A table that no check claims is an error at page and line."""
    page = tmp_path / "page.md"
    page.write_text("# Title\n\n| A | B |\n|---|---|\n| 1 | 2 |\n", "utf-8")
    [table] = scan(page).tables
    with pytest.raises(PageError, match=r"page\.md:3: no check claims this table"):
        tables.checker(table)
