"""A deterministic sample of the faults of `make soak`: nothing is lost, left, doubled or wrong."""

import pytest

from tests.faults.running import inject
from tests.pages.evidence import claim

PAGE = "docs/verification/durability.md"


def check(request: pytest.FixtureRequest, name: str, *options: str) -> None:
    """Run a harness and hold that it found nothing, and that every fault happened."""
    found = inject(name, *options)
    print(" ".join(["python -m tests.faults", name, *options]), found)
    claim(
        request.node,
        kind="durability",
        where=PAGE,
        digest=name,
        target="reference",
        **{key: str(found[key]) for key in ("what", "tried", "of", "bad")},
    )
    assert found["examples"] == []
    assert found["tried"] > 0


def test_killed_writer_loses_nothing(request: pytest.FixtureRequest) -> None:
    """A writer killed at any system call leaves the old session or the new one and nothing else."""
    check(request, "crashes", "--every", "6")


def test_power_cut_loses_nothing(request: pytest.FixtureRequest) -> None:
    """In every state that a power cut may leave, what was acknowledged is there."""
    check(request, "cuts")


def test_failing_call_is_told(request: pytest.FixtureRequest) -> None:
    """A call that fails at any system call says so, and works when it is made again."""
    check(request, "failures", "--every", "60")


@pytest.mark.parametrize("seed", [1, 2])
def test_hostile_ids_are_kept_apart(request: pytest.FixtureRequest, seed: int) -> None:
    """No two ids share a file, and none leaves the directory or reads another's session."""
    check(request, "ids", "--count", "700", "--seed", str(seed))


@pytest.mark.parametrize("seed", [1, 2])
def test_hostile_files_lose_no_byte(request: pytest.FixtureRequest, seed: int) -> None:
    """Whatever stands in a file, a call reads it, sets it aside whole, or says what is wrong."""
    check(request, "files", "--count", "700", "--seed", str(seed))


def test_load_loses_nothing(request: pytest.FixtureRequest) -> None:
    """One order of the calls of 64 threads in 8 processes explains every answer."""
    check(request, "load", "--seconds", "3")
