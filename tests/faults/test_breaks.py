"""Code without a flush, the lock, the reload or the sweep: each harness finds what it is for."""

from pathlib import Path

import pytest

from tests.faults.report import broken
from tests.faults.running import inject
from tests.mutants.code import source
from tests.mutants.durability import CAUGHT, Caught


@pytest.mark.parametrize("caught", CAUGHT, ids=[each.lie.said for each in CAUGHT])
def test_what_is_left_out_is_found(tmp_path: Path, caught: Caught) -> None:
    """A store without one of the things that make it durable is caught, by the loss it brings."""
    code = broken(caught.lie.module, source(caught.lie), tmp_path / "code")
    found = inject(*caught.options, code=code)
    assert caught.loss in found["losses"], found["examples"][:5]
