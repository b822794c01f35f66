"""A client of the store under test, and how long it is waited for."""

import os
import threading
import time

import pytest

from reference_impl.contract.factory import Factory
from reference_impl.contract.handle import Handle, Stuck


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> Handle:
    """A client that is waited for a twentieth of a second."""
    monkeypatch.setenv("SESSION_STORE_DIRECTORY", str(tmp_path))
    handle = Handle(Factory.parse("tests.contract.stores:open_reference"))
    handle._seconds = 0.05
    return handle


def test_call_that_waits_for_ever_is_stuck(impatient: Handle) -> None:
    """A call that is not answered on a machine that is free is called stuck, by its name."""
    never = threading.Event()
    try:
        with pytest.raises(Stuck, match="read was not answered within 0"):
            impatient.run("read", never.wait)
    finally:
        never.set()


def test_slow_machine_is_not_a_stuck_store(
    impatient: Handle, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A call that is answered when the machine can write again is not called stuck."""
    stalled, flush = threading.Event(), os.fsync

    def stall(handle: int) -> None:
        time.sleep(0.2)
        flush(handle)
        stalled.set()

    monkeypatch.setattr(os, "fsync", stall)
    assert impatient.run("read", stalled.wait) is True


def test_error_of_a_call_is_its_own(impatient: Handle) -> None:
    """A call that ends with a timeout of its own is not taken for one without an answer."""

    def late() -> None:
        raise TimeoutError("the store's own")

    with pytest.raises(TimeoutError, match="the store's own"):
        impatient.run("read", late)
