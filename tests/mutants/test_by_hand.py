"""The lies that a person tells are about the code as it is."""

import pytest

from tests.mutants.by_hand import LIES
from tests.mutants.code import Lie, source


@pytest.mark.parametrize("lie", LIES, ids=[f"{lie.module}-{lie.said}" for lie in LIES])
def test_lie_can_be_told(lie: Lie) -> None:
    """The text that a lie replaces stands in its module, once, and the lie changes it."""
    assert lie.old != lie.new
    assert lie.new in source(lie)
