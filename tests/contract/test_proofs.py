"""A fault is shown again without the clause that found it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.contract.peers.drawn import events
from tests.contract.peers.programs import compose
from tests.contract.peers.proofs import FAULTS, REFERENCE, attempt, replays
from tests.contract.peers.registry import PEERS
from tests.subject.targets import ROOT

PYTHON = Path(sys.executable)
STALE = """sequenceDiagram
    participant P1 as Process 1
    participant P2 as Process 2
    participant Store as Session store
    P2->>Store: get_chat_history("chat")
    Store-->>P2: []
    P1->>Store: add_message("chat", "user", "a #59; b")
    Store-->>P1: True
    P2->>Store: get_chat_history("chat")
    Store-->>P2: []"""


def test_a_program_has_what_it_needs_and_no_more() -> None:
    """A program is the fault's text with the store's functions that it calls, in one file."""
    text = compose("google_adk_retrying", "lost")
    assert "def load(" in text
    assert "def remove(" not in text
    assert "tests.contract" not in text
    assert text.count("import asyncio\n") == 1
    assert text.index("import asyncio") < text.index("from google") < text.index("service =")


def test_a_program_sees_the_fault_and_passes_the_reference(tmp_path: Path) -> None:
    """A program shows two ids that the release takes for one, and nothing of the reference."""
    environment = os.environ | {"HOME": str(tmp_path), "PYTHONPATH": str(ROOT)}
    assert "a secret of user:1" in attempt(compose("praisonai_json", "ids"), PYTHON, environment)
    assert attempt(compose("praisonai_reference", "ids"), PYTHON, environment) == ""


def test_programs_lack_no_name(tmp_path: Path) -> None:
    """Every store has what most faults need, and the reference what any needs."""
    pairs = {("praisonai_reference", fault) for names in FAULTS.values() for fault in names}
    pairs |= {(peer.program, fault) for peer in PEERS for fault in ("lost", "torn", "content")}
    for store, fault in pairs:
        (tmp_path / f"{store}_{fault}.py").write_text(compose(store, fault))
    checked = [sys.executable, "-m", "ruff", "check", "--isolated", "--select", "F,E9", tmp_path]
    done = subprocess.run(checked, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_a_drawing_is_replayed(tmp_path: Path) -> None:
    """The drawing of a store that caches is answered wrongly by it, and never by the reference."""
    zoo = {"ZOO_DIRECTORY": str(tmp_path), "ZOO_STORE": "CachesReads"}
    [broken] = replays("tests.contract.zoo:open_store", [STALE], 10, PYTHON, os.environ | zoo)
    assert broken == {"rounds": 3, "wrong": 3, "as_drawn": 3, "refused": 0}
    [right] = replays(REFERENCE, [STALE], 5, PYTHON, dict(os.environ))
    assert right == {"rounds": 5, "wrong": 0, "as_drawn": 0, "refused": 0}


def test_what_mermaid_reads_is_performed() -> None:
    """An escaped sign is part of the message, and a call is bound to its client."""
    [_, _, call, answer, *_] = events(STALE)
    assert call == {
        "client": "P1",
        "method": "add_message",
        "arguments": ["user", "a ; b"],
        "named": {},
    }
    assert answer == {"client": "P1", "answer": True}


@pytest.mark.parametrize("answer", ['["a", "b...', "True\n    P2->>Store: clear_session('chat')"])
def test_what_is_not_whole_is_not_replayed(answer: str) -> None:
    """A drawing with an answer that is cut, or with none, is refused."""
    with pytest.raises(ValueError, match=r"is cut|has no answer"):
        events(STALE.replace("Store-->>P1: True", f"Store-->>P1: {answer}"))
