"""What shows a fault without the clause that found it: a program, and a drawing replayed."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from executable_pages.testing.sandbox import importable
from tests.contract.peers.drawn import events
from tests.contract.peers.programs import compose
from tests.contract.peers.registry import Peer

Row = dict[str, Any]
REFERENCE = "tests.contract.stores:open_reference"
ATTEMPTS = 5
ROUNDS = 200
# A right store is asked less often: nothing of its answers is left to chance.
ROUNDS_OF_REFERENCE = 20
LIMIT = 300
# By promise, the faults that can show it to be broken, the plainest first.
FAULTS = {
    "acknowledged-survive": ("killed",),
    "any-content": ("text",),
    "bounded-wait": ("killed",),
    "equal-messages": ("equal",),
    "fair-reads": ("beside", "waits"),
    "fresh-reads": ("turns", "listed"),
    "honest-writes": ("full",),
    "isolated-ids": ("ids", "empty"),
    "kept-as-given": ("nobody", "content"),
    "late-append": ("late",),
    "newest-messages": ("limit",),
    "no-lost-writes": ("lost",),
    "order-of-arrival": ("clocks",),
    "prefix-reads": ("torn", "lost"),
    "stopped-writer": ("asleep",),
    "tool-turns": ("halves",),
    "writer-order": ("torn", "lost"),
}


def attempt(text: str, python: Path, environment: dict[str, str]) -> str:
    """Run a program once: what it says of the fault, or nothing when it did not see it."""
    with tempfile.TemporaryDirectory(prefix="program-", ignore_cleanup_errors=True) as place:
        path = Path(place) / "program.py"
        path.write_text(text, "utf-8")
        try:
            done = subprocess.run(
                [str(python), str(path)],
                cwd=place,
                env=environment,
                capture_output=True,
                text=True,
                timeout=LIMIT,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return ""
    last = (done.stderr.strip().splitlines() or [""])[-1]
    return last.removeprefix("AssertionError: ") if last.startswith("AssertionError: ") else ""


def programs(
    peer: Peer, promises: Iterable[str], python: Path, environment: dict[str, str]
) -> dict[str, Row]:
    """For each broken promise the program that shows it, with what it said and in which run."""
    tried: dict[str, Row | None] = {}
    found: dict[str, Row] = {}
    for promise in promises:
        for fault in FAULTS.get(promise, ()):
            if fault not in tried:
                tried[fault] = _program(peer, fault, python, environment)
            if row := tried[fault]:
                found[promise] = row
                break
    return found


def _program(peer: Peer, fault: str, python: Path, environment: dict[str, str]) -> Row | None:
    text = compose(peer.program, fault)
    for number in range(1, ATTEMPTS + 1):
        if said := attempt(text, python, environment):
            return {"fault": fault, "text": text, "said": said, "run": number}
    return None


def replays(
    factory: str, drawings: list[str], rounds: int, python: Path, environment: dict[str, str]
) -> list[dict[str, int]]:
    """How often each drawing was answered wrongly, and how often as it is drawn."""
    if not drawings:
        return []
    done = subprocess.run(
        [str(python), "-m", "tests.contract.peers.replay", factory, str(rounds)],
        cwd=tempfile.gettempdir(),
        env=environment | {"PYTHONPATH": importable()},
        input=json.dumps([events(each) for each in drawings]),
        stdout=subprocess.PIPE,
        text=True,
        timeout=LIMIT * len(drawings),
        check=True,
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


def replay(clauses: list[Row], peer: Peer, python: Path, environment: dict[str, str]) -> None:
    """Leave each clause the first of its drawings that accuses this store and no right one.

    It is answered wrongly again by the store, and rightly by the reference. A clause without such a
    drawing keeps none: what happened is said in words.
    """
    waiting = {row["clause"]: [x for x in row.pop("drawings") if _whole(x)] for row in clauses}
    while any(waiting.values()):
        tried = [(row, waiting[row["clause"]].pop(0)) for row in clauses if waiting[row["clause"]]]
        drawings = [each for _, each in tried]
        theirs = replays(peer.factory, drawings, ROUNDS, python, environment)
        wrong = [(*each, told) for each, told in zip(tried, theirs, strict=True) if told["wrong"]]
        shown = [each for _, each, _ in wrong]
        ours = replays(REFERENCE, shown, ROUNDS_OF_REFERENCE, Path(sys.executable), environment)
        for (row, drawing, told), right in zip(wrong, ours, strict=True):
            if not right["wrong"] and not right["refused"]:
                row |= {"drawing": drawing, "replayed": told, "reference": right}
                waiting[row["clause"]] = []


def _whole(drawing: str) -> bool:
    try:
        return bool(events(drawing))
    except ValueError:
        return False
