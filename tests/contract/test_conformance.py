"""The contract on the stores that are not recipes: the reference and the two of the release."""

from pathlib import Path

import pytest

from docs.plugins.digests import of_text
from tests.support.contract_run import claim_clauses, failures, run_contract
from tests.support.scanner import ROOT
from tests.support.targets import Target, require

# What fails on the release, and the known difference that explains it.
JSON_DEPARTURES = {
    "separators_tell_ids_apart": "folded-ids",
    "dots_do_not_leave_the_store": "folded-ids",
    "look_alikes_are_different": "folded-ids",
    "long_ids_are_whole": "long-id-waits",
    "a_reader_beside_a_busy_writer": "unfair-lock",
    "delete_against_append": "delete-without-lock",
}
STORES = {
    "Reference": ("open_reference", Target.REFERENCE, {}),
    "Release, JSON": ("open_release", Target.RELEASE, JSON_DEPARTURES),
}
PAGE = "docs/verification/conformance.md"


@pytest.mark.parametrize("store", STORES)
def test_store_fails_only_as_stated(
    store: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """The reference passes every clause, and the release fails those of a known difference."""
    factory, target, departures = STORES[store]
    require(target)
    directory = tmp_path / "sessions"
    directory.mkdir()
    environment = {"CONTRACT_DIRECTORY": str(directory)}
    report = run_contract(f"tests.contract.stores:{factory}", tmp_path, environment)
    where, digest = f"{PAGE}:1", of_text(store)
    claim_clauses(request.node, report, store=store, where=where, digest=digest, target=str(target))
    assert failures(report) == set(departures), report["output"][-6000:]


def test_departures_are_known_differences() -> None:
    """Each clause that the release fails is explained by an entry of the page."""
    page = (ROOT / "docs" / "verification" / "known-differences.md").read_text("utf-8")
    anchors = {
        line[3:].strip().lower().replace(" ", "-")
        for line in page.splitlines()
        if line.startswith("## ")
    }
    assert set(JSON_DEPARTURES.values()) <= anchors
