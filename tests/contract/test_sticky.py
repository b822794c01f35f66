"""A store that holds a transaction after a refusal is blamed for that, and for nothing else."""

import gc
import sqlite3
import traceback
import weakref
from pathlib import Path

import pytest

from reference_impl.contract.factory import Factory
from reference_impl.contract.handle import Handle
from tests.subject.contract_run import failures, run_contract

STORE = "tests.contract.sticky:Sticky"
REFUSALS = frozenset(
    {
        "difficult_text_is_kept_or_refused[lone_surrogate]",
        "content_of_any_kind_is_kept_or_refused",
        "metadata_of_any_kind_is_kept_or_refused",
        "roles_and_ids_of_any_kind_are_kept_or_refused",
    }
)
# The threads of a process cannot share a connection that is in the middle of a transaction.
BLAMED = REFUSALS | {"true_means_stored", "threads_on_one_client_lose_nothing"}


def test_what_a_refused_call_holds_ends_with_its_clause(tmp_path: Path) -> None:
    """Clauses that come after a refusal pass on the same file, though the errors are kept."""
    chosen = "lone_surrogate or kept-as-given or existence-agrees or append-order"
    report = run_contract(STORE, tmp_path, {"STICKY_FILE": str(tmp_path / "file")}, "-k", chosen)
    assert failures(report) == REFUSALS, report["output"]
    verdicts = [each["verdict"] for each in report["clauses"]]
    assert verdicts.count("passed") >= 3
    assert "not judged" not in verdicts


def test_a_closed_client_is_gone_though_its_error_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error says where in the store it was raised, and does not keep the client alive."""
    monkeypatch.setenv("STICKY_FILE", str(tmp_path / "file"))
    handle = Handle(Factory.parse(STORE))
    client = weakref.ref(handle.store)
    with pytest.raises((sqlite3.Error, TypeError)) as kept:
        handle.add_message("s", "user", object())
    handle.close()
    gc.collect()
    assert client() is None
    places = [Path(frame.filename).name for frame in traceback.extract_tb(kept.value.__traceback__)]
    assert places[-1] == "sticky.py"
