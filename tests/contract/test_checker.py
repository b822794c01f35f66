"""The history checker says the truth about good and bad histories."""

import pytest

from reference_impl.contract import checker
from reference_impl.contract.checker import TooLargeError, check, explain
from reference_impl.contract.history import Kind, Operation
from reference_impl.contract.minimise import minimise
from reference_impl.contract.verdicts import finding
from tests.contract.histories import BAD, GOOD, MINIMAL, add, op, read


@pytest.mark.parametrize("name", GOOD)
def test_a_good_history_is_explained(name: str) -> None:
    """A history that some order explains is accepted."""
    assert check(GOOD[name]) is None


@pytest.mark.parametrize("name", BAD)
def test_a_bad_history_is_refused_with_a_reason(name: str) -> None:
    """A history that no order explains is refused, and the reason says what is wrong."""
    history, words = BAD[name]
    violation = check(history)
    assert violation is not None
    assert words in violation.reason


@pytest.mark.parametrize(
    ("came_back", "verdict"), [([], "lost"), (["m2"], "lost"), (["gAAAAA", "m2"], "broken")]
)
def test_what_comes_back_in_other_words_is_not_lost(came_back: list[str], verdict: str) -> None:
    """A message that is missing is lost, and one that nobody wrote in its place is none lost."""
    history = [add("P1", "m1", 0, 1), add("P1", "m2", 2, 3), read("P1", came_back, 4, 5)]
    violation = check(history)
    assert violation is not None
    assert finding(history, violation.reason).verdict == verdict


@pytest.mark.parametrize("name", BAD)
def test_a_bad_history_is_found_among_good_ones(name: str) -> None:
    """Sessions are judged one by one, and the bad one is named."""
    history, _ = BAD[name]
    good = [Operation("P9", "add_message", "other", 0, 1, ("z",), answer=True)]
    violation = check([*good, *history])
    assert violation is not None
    assert {each.session for each in violation.history} == {"s"}


def test_a_large_history_of_appends_is_minimised_to_its_core() -> None:
    """Of 80 appends and 40 reads with one lost message, two operations remain."""
    history = [add(f"P{n % 4}", f"m{n}", 10 * n, 10 * n + 15) for n in range(80)]
    known = [f"m{n}" for n in range(80)]
    history += [read("P9", known[: 2 * n], 20 * n, 20 * n + 25) for n in range(40)]
    history += [read("P9", [each for each in known if each != "m33"], 2000, 2010)]
    assert explain(history) is not None
    small = minimise(history)
    assert [(each.kind, each.messages) for each in small] == [
        (Kind.APPEND, ("m33",)),
        (Kind.READ, ()),
    ]


def test_four_processes_with_everything_are_decided_quickly() -> None:
    """A hundred overlapping operations of all kinds on one session are searched completely."""
    history = []
    state: list[str] = []
    for n in range(100):
        start, end = 10 * n, 10 * n + 45
        if n % 10 == 9:
            state = []
            history.append(op(f"P{n % 4}", "delete_session", start, end))
        elif n % 10 == 5:
            state = [f"r{n}", f"s{n}"]
            history.append(op(f"P{n % 4}", "set_chat_history", start, end, *state))
        elif n % 3:
            state = [*state, f"m{n}"]
            history.append(add(f"P{n % 4}", f"m{n}", start, end))
        else:
            history.append(read(f"P{n % 4}", list(state), start, end))
    assert check(history) is None
    history.append(read("P1", ["m1", "m2"], 2000, 2001))
    assert check(history) is not None


def crowd(last: str = "") -> list[Operation]:
    """Four processes that add twelve messages each, all at about the same time."""
    return [
        add(f"P{n % 4}", f"m{n}{last}", 100 * (n // 4) + n % 4, 100 * (n // 4) + 90)
        for n in range(48)
    ]


def test_what_was_read_narrows_the_search() -> None:
    """A crowd's appends have one order when a read shows it, however many the clock allows."""
    order = [f"m{n + 3 - 2 * (n % 4)}" for n in range(48)]
    replaced = op("P9", "set_chat_history", 0, 1)
    assert check([replaced, *crowd(), read("P9", order, 2000, 2001)]) is None


def test_what_was_never_read_needs_no_order() -> None:
    """A crowd's appends that were deleted unread are not put into every order."""
    history = [*crowd(), op("P9", "delete_session", 2000, 2001), read("P9", [], 2002, 2003)]
    assert check(history) is None
    assert check([*history, op("P9", "session_exists", 2004, 2005)]) is not None


@pytest.mark.parametrize("name", MINIMAL)
def test_a_minimised_history_blames_what_was_wrong(name: str) -> None:
    """The smallest part holds what is needed to see the fault, and what makes the rest true."""
    history, methods = MINIMAL[name]
    small = minimise(history)
    assert [each.method for each in small] == methods
    assert all(each.limit is None for each in small) or len(small) == 3
    answers = [each.answer for each in history if each.observes]
    assert all(each.answer in answers for each in small if each.observes)


def test_a_history_with_too_many_orders_is_not_guessed(monkeypatch: pytest.MonkeyPatch) -> None:
    """When the search would take too long the checker says so instead of guessing."""
    # A tenth of what is too long: the test need not take so long itself.
    monkeypatch.setattr(checker, "_LIMIT", checker._LIMIT // 10)
    history = [add(f"P{n}", f"m{n}", 0, 100) for n in range(24)]
    history += [
        op("P90", "set_chat_history", 0, 100, *[f"m{n}" for n in range(24)]),
        read("P91", [f"m{n}" for n in range(23, -1, -1)], 0, 100),
        read("P92", ["m1", "m0"], 200, 201),
    ]
    with pytest.raises(TooLargeError):
        check(history)
