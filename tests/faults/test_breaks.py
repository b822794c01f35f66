"""Code without a flush, the lock, the reload or the sweep: each harness finds what it is for."""

import shutil
from pathlib import Path

import pytest

from tests.faults.running import inject
from tests.mutants.code import source
from tests.mutants.durability import CAUGHT, Caught
from tests.subject.targets import ROOT


@pytest.mark.parametrize("caught", CAUGHT, ids=[each.lie.said for each in CAUGHT])
def test_what_is_left_out_is_found(tmp_path: Path, caught: Caught) -> None:
    """A store without one of the things that make it durable is caught, by the loss it brings."""
    shutil.copytree(
        ROOT / "reference_impl",
        tmp_path / "reference_impl",
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    (tmp_path / "reference_impl" / caught.lie.module).write_text(source(caught.lie), "utf-8")
    found = inject(*caught.options, code=tmp_path)
    assert caught.loss in found["losses"], found["examples"][:5]
