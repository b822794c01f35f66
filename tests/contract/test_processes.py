"""The other processes of the contract: what they say, and what is said when they do not."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from reference_impl.contract import processes
from reference_impl.contract.factory import Factory, FactoryError
from reference_impl.contract.processes import Process, Silence, step
from tests.subject.clause_processes import start_one

FACTORY = Factory.parse("tests.contract.odd:open_odd")


@pytest.fixture
def process() -> Iterator[Process]:
    """A process with an odd store."""
    process = Process("P1", FACTORY)
    yield process
    process.close()


def test_what_a_store_prints_breaks_nothing(process: Process) -> None:
    """A store may print: its answers arrive all the same."""
    done = process.run([step("add_message", "s", "user", "print")])
    assert [(each.answer, each.messages) for each in done] == [(True, ("print",))]
    assert done[0].start <= (done[0].end or 0)


def test_what_a_store_raises_is_recorded(process: Process) -> None:
    """An exception is the end of its operation alone."""
    done = process.run([step("add_message", "s", "user", word) for word in ("raise", "on")])
    assert [each.error for each in done] == ["OSError: disk full", None]
    assert [each.certain for each in done] == [False, True]


def test_an_answer_that_is_no_json_is_told_in_words(process: Process) -> None:
    """Any answer can cross between processes."""
    [done] = process.run([step("add_message", "s", "user", "object")])
    assert str(done.answer).startswith("<object object")


def test_a_process_that_dies_is_missed(process: Process) -> None:
    """What a dead process did not do is not taken for done."""
    with pytest.raises(Silence, match="P1 died after 0 operations"):
        process.run([step("add_message", "s", "user", "die")])


def test_a_process_that_hangs_is_ended(process: Process) -> None:
    """A call that takes too long ends the wait, and its process."""
    process.wait_until_ready()
    with pytest.raises(Silence, match="P1 did not answer in time"):
        process.run([step("add_message", "s", "user", "hang")], seconds=0.2)
    assert not process.alive


def test_a_loop_goes_on_until_it_is_enough(process: Process) -> None:
    """A process repeats its calls until it is told to stop, and then reports all."""
    process.start([step("add_message", "s", "user", "on")], loop=True)
    time.sleep(0.05)
    assert len(process.enough()) > 1
    assert len(process.run([step("add_message", "s", "user", "on")])) == 1


def test_a_store_that_opens_here_alone_is_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    """When the store cannot be opened in another process the reason comes back."""
    monkeypatch.setenv("NO_SERVER", "1")
    process = Process("P1", FACTORY)
    try:
        with pytest.raises(FactoryError, match=r"in another process: .*ConnectionError: no server"):
            process.wait_until_ready()
    finally:
        process.close()


def test_a_factory_in_a_file_is_found_again(tmp_path: Path) -> None:
    """A module that cannot be imported by name is loaded from its file."""
    (tmp_path / "lonely.py").write_text(
        "from tests.contract.odd import Odd\ndef open_store(): return Odd()\n"
    )
    process = Process("P1", Factory("lonely", "open_store", str(tmp_path / "lonely.py")))
    try:
        assert len(process.run([step("add_message", "s", "user", "on")])) == 1
    finally:
        process.close()


@pytest.mark.parametrize("start", [processes.interpreter, start_one], ids=["started", "forked"])
def test_processes_do_not_have_the_hash_seed_of_the_run(
    start: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What tox sets for all is not theirs: a store that names files by `hash` would pass."""
    monkeypatch.setenv("PYTHONHASHSEED", "0")
    code = "print(hash('a session'))"
    seeded = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    with start("-c", code) as process:
        printed, _ = process.communicate()
    assert int(printed) != int(seeded.stdout)
