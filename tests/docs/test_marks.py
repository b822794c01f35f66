"""A mark says its result once, however many tests it stands for."""

from executable_pages.evidence import Claim, Evidence
from executable_pages.marks import Marker
from executable_pages.tree import Fence, Place

PAGE = "docs/recipes/redis.md"
BLOCK = Fence(Place(7, 1, 0, 0), language="python", text="a = 1\n")


def claim(kind: str, target: str, test: str, **details: str) -> Claim:
    """A claim that a test passed, in a second and a half."""
    return Claim(
        kind=kind,
        page=PAGE,
        line=7,
        digest=BLOCK.digest,
        target=target,
        verdict="passed",
        seconds=1.5,
        test=f"tests/x/test_y.py::{test}[{target}]",
        details=details,
    )


def test_tests_of_one_kind_are_one_line() -> None:
    """Clauses of one run on each target are one line, with the number and the time of all."""
    claims = [
        claim("clause", target, "test_contract", clause=f"clause-{number}")
        for target in ("reference", "release")
        for number in range(55)
    ]
    claims += [claim("alone", target, "test_alone") for target in ("reference", "release")]
    mark = Marker(Evidence(claims=claims), PAGE, is_current=True).mark(BLOCK)
    assert mark is not None
    assert mark.details == (
        "55 clauses passed on reference and release in 3.00 s: test_y.py::test_contract",
        "alone passed on reference and release in 3.00 s: test_y.py::test_alone",
    )
