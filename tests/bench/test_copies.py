"""Sessions that are made once and copied are what the store itself would have made."""

import os
from pathlib import Path

import pytest

from tests.bench import contenders, worker
from tests.bench.copies import SESSION
from tests.contract.peers.registry import PEERS

FACTORY = f"{__name__}:Lines"
written: list[str] = []


class Lines:
    """Keeps a file of lines for each session; what a text begins with may be refused or lost."""

    refuses = loses = "none"

    def __init__(self) -> None:
        self._place = Path(os.environ["PEER_DIRECTORY"])
        self._place.mkdir(parents=True, exist_ok=True)

    async def add_message(self, session_id: str, role: str, content: str) -> bool:
        """Add a line."""
        written.append(content)
        if content.startswith(self.refuses):
            raise OSError("refused")
        if not content.startswith(self.loses):
            with open(self._place / session_id, "a", encoding="utf-8") as file:
                file.write(f"{content}\n")
        return True

    async def get_chat_history(self, session_id: str) -> list[dict[str, str]]:
        """The lines."""
        path = self._place / session_id
        lines = path.read_text("utf-8").splitlines() if path.exists() else []
        return [{"role": "user", "content": line} for line in lines]


@pytest.fixture(autouse=True)
def _store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PEER_DIRECTORY", "")
    written.clear()
    worker.open_store(FACTORY, copied=True)


def length(name: str) -> int:
    """The length of a session, as the store tells it."""
    return len(worker._call("get_chat_history", name))


def test_copy_is_of_the_length_that_was_asked_for() -> None:
    """A longer session goes on from a shorter one, and each message is written once."""
    for name, count in (("a", 0), ("b", 10), ("c", 25), ("b", 10)):
        worker.prepare(name, count)
        assert length(name) == count
    assert len(written) == 1 + 25


@pytest.mark.parametrize(("count", "longest"), [(0, 0), (10, 10), (40, 43)])
def test_appends_are_to_a_session_of_that_length(
    count: int, longest: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before each append that is timed the session has grown by less than a tenth."""
    seen: list[int] = []
    timed = worker._time
    monkeypatch.setattr(worker, "_time", lambda call: (seen.append(length("n")), timed(call))[1])
    worker.prepare("n", count)
    worker.append("n", count, 0.05)
    assert set(seen) == set(range(count, longest + 1))
    assert length("n") == count


def test_other_process_finds_the_copy() -> None:
    """What one process has made anew, another one joins, and both see what either appends."""
    worker.prepare("one", 3)
    first = worker._store
    worker.open_store(FACTORY, copied=True)
    worker.join("one")
    worker._call("add_message", "one", "user", "x")
    assert length("one") == 4
    assert len(Path(worker.place("one"), SESSION).read_text("utf-8").splitlines()) == 4
    worker._store = first
    assert length("one") == 4
    worker.prepare("one", 3)
    assert length("one") == 3


def test_what_was_lost_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """An append that raises is refused; one that was acknowledged and is not there is lost."""
    monkeypatch.setattr(Lines, "refuses", "7-0 ")
    monkeypatch.setattr(Lines, "loses", "7-1 ")
    worker.prepare("crowd", 2)
    told = worker.append_many("crowd", 7, 3)
    assert len(told["times"]) == 3
    assert [text[:4] for text in told["saved"]] == ["7-1 ", "7-2 "]
    assert worker.missing("crowd", told["saved"]) == 1
    monkeypatch.setattr(Lines, "get_chat_history", None)
    assert worker.missing("crowd", told["saved"]) == 2


def test_every_store_of_the_field_is_measured_once() -> None:
    """The bench has each store of the field, with at least 100 messages and at most its bound."""
    measured = [*contenders.core(), *contenders.rest_of_field()]
    names = [each.name for each in measured]
    assert len(set(names)) == len(names)
    bounds = {each.name: each.largest for each in measured}
    assert {peer.name: peer.largest for peer in PEERS}.items() <= bounds.items()
    assert min(bounds.values()) >= 100
