"""What the bench measures is what its names say."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.bench import openers


@pytest.mark.parametrize(
    ("opens", "flushes"), [(openers.reference, 2), (openers.reference_not_durable, 0)]
)
def test_not_durable_flushes_nothing(
    opens: Callable[[], Any], flushes: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An append of the reference flushes its file and the directory, or, not durable, nothing."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PRAISONAI_HOME", str(tmp_path / "home"))
    store = opens()
    flushed: list[int] = []
    monkeypatch.setattr(os, "fsync", flushed.append)
    assert store.add_user_message("s", "a") is True
    assert len(flushed) == flushes
