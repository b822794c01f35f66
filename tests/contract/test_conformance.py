"""The contract on the stores that are not recipes: the reference and the two of the release."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from executable_pages.digests import of_text
from executable_pages.testing.evidence import claim
from executable_pages.testing.sandbox import Sandbox
from executable_pages.testing.scanner import ROOT, pages
from reference_impl.contract import GUARANTEES, SessionStoreContract
from tests.subject.contract_run import claim_clauses, failures, run_contract
from tests.subject.targets import Target, require

DIFFERENCES = "known-differences.md"
PAGE = "docs/verification/conformance.md"
SQLITE = "Release, SQLite"
SAFE = "table: safe"
INDEX = "conformance.md#waits-for-the-index"


@dataclass(frozen=True)
class Store:
    """A factory, and the clauses that fail on its stores with the place that explains each."""

    factory: str
    target: Target
    departures: dict[str, str] = field(default_factory=dict)
    # Those that a run can pass by luck; the program of a known difference shows them surely.
    races: frozenset[str] = frozenset()


RELEASED = {
    "separators_tell_ids_apart": f"{DIFFERENCES}#folded-ids",
    "dots_do_not_leave_the_store": f"{DIFFERENCES}#folded-ids",
    "look_alikes_are_different": f"{DIFFERENCES}#folded-ids",
    **{
        f"{what}_of_any_kind_is_kept_or_refused": f"{DIFFERENCES}#odd-types-stored"
        for what in ("content", "metadata", "a_replaced_history", "a_field")
    },
    "no_shortened_history_has_half_a_turn": f"{DIFFERENCES}#half-a-tool-turn",
    "no_working_history_has_half_a_turn": f"{DIFFERENCES}#half-a-tool-turn",
    "a_reader_beside_a_busy_writer": f"{DIFFERENCES}#unfair-lock",
    "delete_against_append": f"{DIFFERENCES}#delete-without-lock",
    "a_stopped_writer_brings_nothing_back": f"{DIFFERENCES}#delete-without-lock",
    "a_limit_below_one_is_no_limit": f"{DIFFERENCES}#negative-limit",
}
RACES = frozenset(
    {
        "a_reader_beside_a_busy_writer",
        "a_stopped_writer_brings_nothing_back",
        "delete_against_append",
    }
)
STOPPED = "a_stopped_writer_blocks_nobody_for_ever"
STORES = {
    "Reference": Store("open_reference", Target.REFERENCE),
    "Release, JSON": Store("open_release", Target.RELEASE, RELEASED, RACES),
    SQLITE: Store(
        "open_release_sqlite", Target.RELEASE, RELEASED | {STOPPED: INDEX}, RACES | {STOPPED}
    ),
}


@pytest.mark.parametrize("store", STORES)
def test_store_fails_only_as_stated(
    store: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """The reference passes every clause, and the release fails those that a page explains."""
    said = STORES[store]
    require(said.target)
    directory = tmp_path / "sessions"
    directory.mkdir()
    environment = {"CONTRACT_DIRECTORY": str(directory)}
    report = run_contract(f"tests.contract.stores:{said.factory}", tmp_path, environment)
    claim_clauses(
        request.node,
        report,
        store=store,
        where=f"{PAGE}:1",
        digest=of_text(store),
        target=str(said.target),
        departures=said.departures,
    )
    assert report["fairness"]["slowest_wait_in_writes"] > 0
    found = failures(report)
    surely = set(said.departures) - said.races
    assert surely <= found <= set(said.departures), report["output"][-6000:]


def test_released_sqlite_store_waits_for_its_index(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """A writer that stops in the index makes others wait 5 s, whatever their lock_timeout."""
    require(Target.RELEASE)
    # The outcome of the contract's clause depends on where the writer was stopped.
    claim(
        request.node,
        kind="clause",
        where=f"{PAGE}:1",
        digest=of_text(SQLITE),
        target=str(Target.RELEASE),
        store=SQLITE,
        clause=STOPPED,
        guarantee="bounded-wait",
        outcome="failed",
        departure=INDEX,
    )
    code = """
import sqlite3, time
from praisonaiagents.session import SqliteSessionStore
store = SqliteSessionStore("sessions", lock_timeout=0.5)
store.add_user_message("chat", "first")
held = sqlite3.connect("sessions/sessions_index.db", isolation_level=None)
held.execute("BEGIN IMMEDIATE")
began = time.monotonic()
assert store.add_user_message("chat", "second")
print(time.monotonic() - began)
assert [message["content"] for message in store.get_chat_history("chat")] == ["first", "second"]
"""
    waited = float(Sandbox(tmp_path / "sandbox").python(code, Target.RELEASE))
    assert 4 < waited < 60


def test_release_is_called_safe_only_where_it_is() -> None:
    """What the table of safe things answers with yes is a promise that the release keeps."""
    [table] = [
        table for page in pages(ROOT / "docs") for table in page.tables if table.comment == SAFE
    ]
    promised = {row[2].partition("guarantees#")[2].rstrip(")") for row in table.rows}
    broken = {getattr(SessionStoreContract, f"test_{clause}").guarantee for clause in RELEASED}
    assert "fresh-reads" in promised <= set(GUARANTEES) | {""}
    assert promised & broken == set()


def test_departures_are_explained() -> None:
    """Each clause that the release fails leads to an entry of a page."""
    pages = {name: ROOT / "docs" / "verification" / name for name in (DIFFERENCES, Path(PAGE).name)}
    anchors = {
        f"{name}#{line.lstrip('#').strip().lower().replace(' ', '-')}"
        for name, path in pages.items()
        for line in path.read_text("utf-8").splitlines()
        if line.startswith("##")
    }
    assert {link for store in STORES.values() for link in store.departures.values()} <= anchors
