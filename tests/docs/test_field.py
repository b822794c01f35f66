"""The page on the field shows what was run, and calls nothing lost that was refused."""

import json
from pathlib import Path

import pytest

from docs.reports import field
from executable_pages.digests import of_contract, of_implementation, of_store
from executable_pages.testing.scanner import ROOT
from tests.contract.peers.programs import compose, faults
from tests.contract.peers.proofs import FAULTS, ROUNDS_OF_REFERENCE
from tests.contract.peers.registry import PEERS

FOUND = json.loads((ROOT / "docs" / "verification" / "field.json").read_text("utf-8"))


def test_every_store_is_shown() -> None:
    """Each store of the registry was run, and stands on the page with its version."""
    assert [store["name"] for store in FOUND["stores"]] == [peer.name for peer in PEERS]
    shown = "\n".join(field.lines(ROOT))
    for store in FOUND["stores"]:
        assert f"## {store['name']}\n" in shown
        assert f"`{store['distribution']}` {store['version']}" in shown


@pytest.mark.pages
def test_every_project_is_named_where_a_store_is_chosen() -> None:
    """The page about choosing a store, which the search finds, names every project of the field."""
    page = (ROOT / "docs" / "recipes" / "choosing-a-backend.md").read_text("utf-8")
    section = " ".join(page.partition("## Stores of other projects")[2].split())
    spoken = {"openai-agents": "OpenAI Agents SDK"}
    for store in FOUND["stores"]:
        project, _, name = store["name"].partition(", ")
        assert spoken.get(project, project) in section, project
        if project == "PraisonAI" and name != "DefaultSessionStore":
            assert f"`{name}`" in section


# By promise, the stores that the page about choosing one advises, and those that it warns of.
NEEDS = {
    "acknowledged-survive": (
        {"SqliteSession", "SqliteTranscript", "SQLite", "SQLAlchemy", "SQL", "Sqlite", "Database"},
        {"LangChain, file", "LlamaIndex"},
    ),
    "no-lost-writes": (
        {"SQLAlchemySession", "LangChain, SQL", "with retries", "DefaultSession", "FileHistory"},
        {"LangChain, file", "JsonDb", "Strands", "LlamaIndex", "Semantic Kernel"},
    ),
    "equal-messages": (set(), {"FileHistoryProvider"}),
}


@pytest.mark.pages
@pytest.mark.parametrize("promise", NEEDS)
def test_advice_is_what_was_seen(promise: str) -> None:
    """The stores that the page about choosing one advises or warns of did as it says."""
    for names, is_broken in zip(NEEDS[promise], (False, True), strict=True):
        for name in names:
            stores = [store for store in FOUND["stores"] if name in store["name"]]
            assert stores, name
            for store in stores:
                assert (promise in field.broken(store)) is is_broken, store["name"]


def test_worst_clause_is_the_verdict() -> None:
    """A promise is told by the worst of its clauses; without one it was not run."""
    clauses = [{"guarantee": "g", "verdict": verdict} for verdict in ("passed", "refused")]
    assert field.verdict({"clauses": clauses}, "g") == "refused"
    clauses.append({"guarantee": "g", "verdict": "lost"})
    assert field.verdict({"clauses": clauses}, "g") == "lost"
    assert field.verdict({"clauses": clauses}, "other") == "not run"


def test_what_is_counted_adds_up() -> None:
    """Of the appends that were counted, each is kept, lost or refused."""
    for store in FOUND["stores"]:
        count = store["count"]
        assert count["kept"] + count["lost"] + count["refused"] == 400, store["name"]
        assert count["kept"] + count["lost"] == count["acknowledged"], store["name"]


def test_every_fault_has_its_program() -> None:
    """Each broken promise is shown without the contract, by the program that ran."""
    page = "\n".join(field.lines(ROOT))
    programs = {peer.name: peer.program for peer in PEERS}
    for store in FOUND["stores"]:
        for promise in field.broken(store):
            assert promise in store["programs"], (store["name"], promise)
        for promise, program in store["programs"].items():
            assert program["fault"] in FAULTS[promise]
            assert program["text"] == compose(programs[store["name"]], program["fault"])
            assert program["said"]
            assert program["text"] in page
            assert f"AssertionError: {program['said']}\n" in page


def test_no_program_accuses_the_reference() -> None:
    """Every program was tried on the reference, and saw nothing."""
    assert FOUND["reference"] == dict.fromkeys(faults(), "")


def test_every_drawing_was_replayed() -> None:
    """A drawing of the page was answered wrongly by the store that it accuses alone."""
    drawn = [each for store in FOUND["stores"] for each in store["clauses"] if "drawing" in each]
    assert len(drawn) > 20
    for each in drawn:
        assert each["replayed"]["wrong"] > 0
        assert each["reference"]["rounds"] == ROUNDS_OF_REFERENCE
        assert each["reference"]["wrong"] == each["reference"]["refused"] == 0


def test_runs_that_differ_are_told(tmp_path: Path) -> None:
    """Where two runs do not agree on a promise, or only one was made, the page says so."""
    told = FOUND | {
        "stores": [FOUND["stores"][0] | {"runs": 1, "differ": {"g": ["lost", "passed"]}}]
    }
    path = tmp_path / "docs" / "verification" / "field.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(told), "utf-8")
    page = "\n".join(field.lines(tmp_path))
    assert "do not agree on `g`: **lost** in one, **passed** in the other." in page
    assert "judged in one run so far" in page


def test_report_names_no_place_of_a_machine() -> None:
    """The report that is committed speaks of stores alone."""
    assert "/tmp/" not in json.dumps(FOUND)


def test_a_contract_that_changed_is_told(tmp_path: Path) -> None:
    """The page says when the contract is not the one any more that judged the stores."""
    kit = tmp_path / "reference_impl" / "contract" / "kit.py"
    path = tmp_path / "docs" / "verification" / "field.json"
    for each in (kit, path):
        each.parent.mkdir(parents=True)
    kit.write_text("first", "utf-8")
    now = of_contract(tmp_path)
    stores = [each | {"contract": now} for each in FOUND["stores"]]
    path.write_text(json.dumps(FOUND | {"contract": now, "stores": stores}), "utf-8")
    assert "The contract has changed since." not in field.lines(tmp_path)[0]
    kit.write_text("second", "utf-8")
    assert "The contract has changed since." in field.lines(tmp_path)[0]
    stores[0] |= {"contract": of_contract(tmp_path)}
    path.write_text(json.dumps(FOUND | {"stores": stores}), "utf-8")
    assert f"for {len(stores) - 1} of {len(stores)} stores" in field.lines(tmp_path)[0]


def test_what_is_measured_of_the_store_does_not_age_with_the_contract(tmp_path: Path) -> None:
    """A change of the contract is none of the store, and one of the store is."""
    (tmp_path / "reference_impl" / "contract").mkdir(parents=True)
    store, kit = (tmp_path / "reference_impl" / name for name in ("store.py", "contract/kit.py"))
    seen = []
    for changed in (store, kit, store):
        changed.write_text(str(len(seen)), "utf-8")
        seen.append((of_store(tmp_path), of_implementation(tmp_path)))
    stores, wholes = zip(*seen, strict=True)
    assert stores[0] == stores[1] != stores[2]
    assert len(set(wholes)) == 3
