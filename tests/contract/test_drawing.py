"""A drawn history is a diagram that Mermaid draws and the diagram runner performs."""

import json
from pathlib import Path

import pytest

from executable_pages.testing.diagrams import MODES, Mismatch
from executable_pages.testing.diagrams.grammar import drawn
from executable_pages.testing.diagrams.mermaid import read
from executable_pages.testing.sandbox import Sandbox
from reference_impl.contract.calls import operation, perform
from reference_impl.contract.drawing import draw
from reference_impl.contract.factory import Factory
from reference_impl.contract.history import Operation
from reference_impl.contract.kit import Kit, picture
from reference_impl.contract.minimise import in_context, minimise
from reference_impl.contract.processes import Pool
from tests.contract.test_zoo import run
from tests.contract.zoo import zoo
from tests.contract.zoo_readers import CachesReads
from tests.subject.diagrams import run_text

OPENER = "tests.contract.zoo:open_store"
TURNS = [{"role": "user", "content": content} for content in ("r1", "r; #2")]
CALLS = [
    ("P1", "session_exists", [], {}),
    ("P1", "add_message", ["user", 'm1 "quoted" -> ü  <br/> $$x$$ %%{y}%%'], {}),
    ("P2", "get_chat_history", [], {}),
    ("P2", "add_message", ["user", "m2"], {}),
    ("P1", "get_chat_history", [], {"max_messages": 1}),
    ("P1", "set_chat_history", [TURNS], {}),
    ("P2", "clear_session", [], {}),
    ("P2", "session_exists", [], {}),
    ("P1", "get_chat_history", [], {}),
    ("P1", "delete_session", [], {}),
    ("P2", "session_exists", [], {}),
]


def recorded(stores: dict[str, object], calls: list) -> list[Operation]:
    """What stores did when they were called one after the other."""
    return [
        operation(perform(stores[client], client, method, "s", arguments, named))
        for client, method, arguments, named in calls
    ]


@pytest.fixture
def history(tmp_path: Path) -> list[Operation]:
    """A good history with every kind of operation."""
    stores = {name: CachesReads(tmp_path) for name in ("P1", "P2")}
    for store in stores.values():
        store.read = super(CachesReads, store).read
    return recorded(stores, CALLS)


@pytest.mark.parametrize("mode", MODES)
def test_a_good_history_happens_again(
    history: list[Operation], mode: str, sandbox: Sandbox
) -> None:
    """Every arrow of a drawn history is performed, and holds, on the reference store."""
    messages = (each["message"] for each in read(draw(history)).messages)
    assert any(TURNS[1]["content"] in drawn(message) for message in messages)
    run_text(draw(history), sandbox, mode=mode)


def test_a_stale_read_does_not_happen_again(tmp_path: Path, sandbox: Sandbox) -> None:
    """The diagram of a store that caches fails on the reference store at the stale answer."""
    stores = {name: CachesReads(tmp_path) for name in ("P1", "P2")}
    read = ("get_chat_history", [], {})
    calls = [("P2", *read), ("P1", "add_message", ["user", "m1"], {}), ("P2", *read), ("P1", *read)]
    text = picture(recorded(stores, calls))
    assert text.startswith("P2 did not read 'm1', which P1 had saved before\n")
    diagram = drawing(text)
    assert text.endswith("\n```\n1 other call is left out: the fault shows without.")
    assert diagram.splitlines() == [
        "sequenceDiagram",
        "    participant P1 as Process 1",
        "    participant P2 as Process 2",
        "    participant Store as Session store",
        '    P2->>Store: get_chat_history("chat")',
        "    Store-->>P2: []",
        '    P1->>Store: add_message("chat", "user", "m1")',
        "    Store-->>P1: True",
        '    P2->>Store: get_chat_history("chat")',
        "    Store-->>P2: []",
    ]
    with pytest.raises(Mismatch, match=r"the answer was \['m1'\]"):
        run_text(diagram, sandbox)


# Those that answer wrongly whenever the calls are repeated, and those that do when writes meet.
SURE = ["CachesReads", "ClearRemoves", "DeleteLeavesHistory", "KeepsItsOwnList", "ReplaceAdds"]
RACES = ["LosesUpdates", "ClearsWithoutLock", "ReplacesInTwoSteps"]


def drawing(text: str) -> str:
    """The diagram in what the contract says of a failure."""
    return text.partition("```mermaid\n")[2].partition("\n```")[0]


@pytest.mark.parametrize("name", SURE + RACES)
def test_a_drawing_accuses_the_broken_store_alone(
    name: str, tmp_path: Path, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Replayed, a drawing holds on the store that it accuses, and no right store answers so."""
    animal = zoo()[name]
    for key, value in (("ZOO_DIRECTORY", str(tmp_path)), ("ZOO_STORE", name)):
        monkeypatch.setenv(key, value)
    pool = Pool(Factory.parse(OPENER))
    kit = Kit(pool)
    try:
        with pytest.raises(AssertionError) as caught:
            run(animal.clause, kit)
    finally:
        kit.close()
        pool.close()
    diagram = drawing(str(caught.value))
    with pytest.raises(Mismatch):
        run_text(diagram, sandbox)
    if name in SURE:
        (tmp_path / "again").mkdir()
        extra = {"ZOO_DIRECTORY": str(tmp_path / "again"), "ZOO_STORE": name}
        mode = "processes" if "Process" in diagram else "instances"
        run_text(diagram, sandbox, mode=mode, factory=OPENER, extra=extra)


def test_a_drawing_keeps_what_the_fault_needs() -> None:
    """A removal, a write beside another and what was read before stay, and the rest is counted."""
    history = [
        Operation("P1", "add_message", "s", 0, 1, ("old",), answer=True),
        Operation("P2", "get_chat_history", "s", 2, 3, answer=["old"]),
        Operation("P1", "delete_session", "s", 4, 5, answer=True),
        Operation("P1", "add_message", "s", 6, 20, ("m1",), answer=True),
        Operation("P3", "add_message", "s", 7, 19, ("m2",), answer=True),
        Operation("P2", "get_chat_history", "s", 21, 22, answer=["m2"]),
        Operation("P2", "get_chat_history", "s", 23, 24, answer=["m2"]),
    ]
    methods = [each.method for each in in_context(minimise(history), history)]
    assert methods.count("add_message") == 2
    assert methods.count("delete_session") == 1


def test_what_was_not_answered_is_said() -> None:
    """A call without an answer has a note, and one that raised names the error."""
    drawn = draw(
        [
            Operation("C1", "add_message", "s", 0, None, ("m1",)),
            Operation("P2", "get_chat_history", "s", 1, 5, error="OSError: disk; full"),
        ]
    )
    assert drawn.splitlines()[1:3] == [
        "    participant C1 as Client 1",
        "    participant P2 as Process 2",
    ]
    assert "    Store-->>P2: raises OSError" in drawn.splitlines()
    assert "    Note over P2: disk#59; full" in drawn.splitlines()
    assert drawn.splitlines()[-1] == "    Note over C1: no answer came"


def test_operations_at_the_same_time_cross() -> None:
    """Arrows stand in the order of the clock: a call that began first may be answered last."""
    drawn = draw(
        [
            Operation("P1", "add_message", "s", 0, 9, ("m1",), answer=True),
            Operation("P2", "get_chat_history", "s", 2, 4, answer=[]),
        ]
    )
    arrows = [line.strip().partition(":")[0] for line in drawn.splitlines()[4:]]
    assert arrows == ["P1->>Store", "P2->>Store", "Store-->>P2", "Store-->>P1"]


def test_long_answers_are_shortened() -> None:
    """No line is longer than a reader would read."""
    many = [f"message number {n}" for n in range(200)]
    drawn = draw([Operation("P1", "get_chat_history", "s", 0, 1, answer=many)])
    assert max(len(line) for line in drawn.splitlines()) < 450
    assert json.dumps(many)[:100] in drawn
