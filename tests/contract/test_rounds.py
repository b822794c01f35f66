"""Two runs of the contract on a store that others made come to one table."""

from collections import Counter
from collections.abc import Iterable

import pytest

from tests.contract.peers.rounds import ROUNDS, Row, judge, twice, verdicts

CLAUSE = {"clause": "c", "guarantee": "g", "counts": "", "detail": ""}


@pytest.mark.parametrize(
    ("verdict", "rounds", "expected"),
    [
        ("passed", "", {"passed": 1}),
        ("lost", "", {"lost": 1}),
        ("passed", "failed in 0 of 5 rounds", {"passed": 5}),
        ("torn", "failed in 2 of 5 rounds", {"torn": 2, "passed": 3}),
        (
            "lost",
            "failed in 4 of 5 rounds (3 lost, 1 refused)",
            {"lost": 3, "refused": 1, "passed": 1},
        ),
    ],
)
def test_rounds_are_counted(verdict: str, rounds: str, expected: dict[str, int]) -> None:
    """Each round of a report counts with the verdict that it had."""
    assert verdicts({"verdict": verdict, "rounds": rounds}) == expected


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        ({"lost": 1, "refused": 3, "passed": 8}, "lost"),
        ({"torn": 1, "passed": 11}, "torn"),
        ({"broken": 1, "passed": 5}, "passed"),
        ({"broken": 1, "refused": 1, "passed": 4}, "broken"),
        ({"refused": 2, "passed": 4}, "refused"),
        ({"broken": 1}, "broken"),
        ({"not offered": 1}, "not offered"),
    ],
)
def test_what_may_be_the_machine_has_to_happen_again(seen: dict[str, int], expected: str) -> None:
    """One loss among many rounds is a loss, and one delay is none."""
    assert judge(Counter(seen)) == expected


def rows(verdict: str, rounds: str = "") -> list[Row]:
    """A report of one clause."""
    return [CLAUSE | {"verdict": verdict, "rounds": rounds}]


def test_runs_that_agree_are_not_repeated() -> None:
    """Where both runs say the same, the contract runs no third time."""
    reports = iter([rows("refused"), rows("refused")])
    [clause], differ = twice(lambda only, rounds: next(reports))
    assert (clause["verdict"], clause["failed"], clause["rounds"]) == ("refused", 2, 2)
    assert differ == {}


def test_what_an_earlier_report_saw_otherwise_is_repeated() -> None:
    """A race that went well in both runs is no change until it has gone well again and again."""
    reports = iter(
        [
            *(rows("passed") for _ in range(2)),
            *(rows("refused", "failed in 2 of 5 rounds") for _ in range(2)),
        ]
    )
    [clause], differ = twice(lambda only, rounds: next(reports), {"g": "refused", "other": "lost"})
    assert (clause["verdict"], clause["failed"], clause["rounds"]) == ("refused", 4, 12)
    assert differ == {}


def test_runs_that_differ_are_repeated_until_they_agree() -> None:
    """The promise on which two runs differ runs again in both, for more rounds."""
    reports = iter(
        [
            rows("lost"),
            rows("passed"),
            rows("passed", "failed in 0 of 5 rounds"),
            rows("lost", "failed in 2 of 5 rounds"),
        ]
    )
    asked: list[tuple[list[str], int]] = []

    def contract(only: Iterable[str], rounds: int) -> list[Row]:
        asked.append((list(only), rounds))
        return next(reports)

    [clause], differ = twice(contract)
    assert asked == [([], 1), ([], 1), (["g"], ROUNDS), (["g"], ROUNDS)]
    assert (clause["verdict"], clause["failed"], clause["rounds"]) == ("lost", 3, 12)
    assert differ == {}


def test_runs_that_never_agree_are_told() -> None:
    """A cell on which two runs differ to the end is named with both verdicts."""
    mine = [rows("lost"), *[rows("passed", "failed in 0 of 5 rounds")] * 3]
    theirs = [rows("passed"), *[rows("passed", "failed in 0 of 5 rounds")] * 3]
    reports = iter(each for pair in zip(mine, theirs, strict=True) for each in pair)
    [clause], differ = twice(lambda only, rounds: next(reports))
    assert clause["verdict"] == "lost"
    assert differ == {"g": ["lost", "passed"]}
