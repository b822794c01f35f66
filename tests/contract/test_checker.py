"""The history checker says the truth about good and bad histories."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reference_impl.contract.checker import TooLargeError, check, explain
from reference_impl.contract.history import KINDS, Kind, Operation
from reference_impl.contract.minimise import minimise
from tests.contract.brute import explained, results

WRITES = ["add_message", "clear_session", "delete_session", "set_chat_history"]
METHODS = ["get_chat_history", "session_exists", *WRITES]


def op(client: str, method: str, start: int, end: int | None, *messages: str, **more) -> Operation:
    """An operation of the session "s", answered True unless told otherwise."""
    given = {"answer": True} | more
    return Operation(client, method, "s", start, end, messages, **given)


def add(client: str, message: str, start: int, end: int | None, **more) -> Operation:
    """An append."""
    return op(client, "add_message", start, end, message, **more)


def read(client: str, answer: object, start: int, end: int, **more) -> Operation:
    """A read."""
    return op(client, "get_chat_history", start, end, answer=answer, **more)


GOOD = {
    "nothing": [],
    "one after the other": [add("P1", "a", 0, 1), read("P2", ["a"], 2, 3)],
    "a read beside a write sees it": [add("P1", "a", 0, 9), read("P2", ["a"], 2, 3)],
    "a read beside a write does not see it": [add("P1", "a", 0, 9), read("P2", [], 2, 3)],
    "two writers at once, either order": [
        add("P1", "a", 0, 5),
        add("P2", "b", 0, 5),
        read("P1", ["b", "a"], 6, 7),
    ],
    "a write without an answer came late": [
        add("P1", "a", 0, None),
        read("P2", [], 2, 3),
        read("P2", ["a"], 4, 5),
    ],
    "a write without an answer never came": [add("P1", "a", 0, None), read("P2", [], 9, 10)],
    "a write answered False may be there": [
        add("P1", "a", 0, 1, answer=False),
        read("P2", ["a"], 2, 3),
    ],
    "a write that raised may not be there": [
        add("P1", "a", 0, 1, error="OSError"),
        read("P2", [], 2, 3),
    ],
    "a read that raised says nothing": [
        add("P1", "a", 0, 1),
        read("P2", None, 2, 3, error="OSError"),
    ],
    "delete before append": [
        op("P1", "delete_session", 0, 9),
        add("P2", "a", 0, 9),
        read("P1", ["a"], 10, 11),
        op("P1", "session_exists", 12, 13),
    ],
    "append before delete": [
        op("P1", "delete_session", 0, 9),
        add("P2", "a", 0, 9),
        read("P1", [], 10, 11),
        op("P1", "session_exists", 12, 13, answer=False),
    ],
    "a cleared session exists": [
        add("P1", "a", 0, 1),
        op("P1", "clear_session", 2, 3),
        op("P2", "session_exists", 4, 5),
        read("P2", [], 4, 5),
    ],
    "replaced": [
        add("P1", "a", 0, 1),
        op("P1", "set_chat_history", 2, 9, "x", "y"),
        read("P2", ["a"], 3, 4),
        read("P2", ["x", "y"], 5, 6),
    ],
    "the same text twice": [
        add("P1", "a", 0, 1),
        add("P1", "a", 2, 3),
        read("P2", ["a", "a"], 4, 5),
    ],
    "the newest": [
        add("P1", "a", 0, 1),
        add("P1", "b", 2, 3),
        read("P2", ["b"], 4, 5, limit=1),
        read("P2", ["a", "b"], 4, 5, limit=7),
    ],
}

BAD = {
    "a stale read": ([add("P1", "a", 0, 1), read("P2", [], 2, 3)], "did not read 'a'"),
    "a stale read before a fresh one": (
        [add("P1", "a", 0, 1), read("P2", [], 2, 3), read("P2", ["a"], 4, 5)],
        "did not read 'a'",
    ),
    "a lost message": (
        [add("P1", "a", 0, 5), add("P2", "b", 0, 5), read("P1", ["b"], 6, 7)],
        "did not read 'a'",
    ),
    "a doubled message": ([add("P1", "a", 0, 1), read("P2", ["a", "a"], 2, 3)], "twice"),
    "an invented message": ([read("P2", ["a"], 2, 3)], "nobody wrote"),
    "a read of the future": ([read("P2", ["a"], 0, 1), add("P1", "a", 2, 3)], "before it was"),
    "a reader that went back": (
        [add("P1", "a", 0, 9), read("P2", ["a"], 1, 2), read("P3", [], 3, 4)],
        "fewer messages",
    ),
    "a gap": (
        [
            add("P1", "a", 0, 9),
            add("P2", "b", 0, 9),
            read("P3", ["b"], 1, 2),
            read("P3", ["a", "b"], 10, 11),
        ],
        "not the beginning",
    ),
    "two orders": (
        [
            add("P1", "a", 0, 9),
            add("P2", "b", 0, 9),
            read("P1", ["a", "b"], 10, 11),
            read("P2", ["b", "a"], 10, 11),
        ],
        "not the beginning",
    ),
    "swapped": (
        [add("P1", "a", 0, 1), add("P1", "b", 2, 3), read("P2", ["b", "a"], 4, 5)],
        "stands before",
    ),
    "not a list": ([read("P2", "None", 2, 3)], "not a list"),
    "back from the dead": (
        [
            add("P1", "a", 0, 1),
            op("P2", "delete_session", 2, 3),
            add("P1", "b", 4, 5),
            read("P2", ["a", "b"], 6, 7),
        ],
        "no order",
    ),
    "half a delete": (
        [
            add("P1", "a", 0, 1),
            op("P2", "delete_session", 2, 3),
            op("P2", "session_exists", 4, 5),
        ],
        "no order",
    ),
    "a clear that removes": (
        [
            add("P1", "a", 0, 1),
            op("P1", "clear_session", 2, 3),
            op("P2", "session_exists", 4, 5, answer=False),
        ],
        "no order",
    ),
    "a mixture": (
        [
            op("P1", "set_chat_history", 0, 1, "a", "b"),
            op("P1", "set_chat_history", 2, 9, "c", "d"),
            read("P2", ["c", "b"], 3, 4),
        ],
        "no order",
    ),
    "empty in between": (
        [
            op("P1", "set_chat_history", 0, 1, "a", "b"),
            op("P1", "set_chat_history", 2, 9, "c", "d"),
            read("P2", [], 3, 4),
        ],
        "no order",
    ),
    "the oldest": (
        [add("P1", "a", 0, 1), add("P1", "b", 2, 3), read("P2", ["a"], 4, 5, limit=1)],
        "no order",
    ),
    "existence that is no bool": ([op("P1", "session_exists", 0, 1, answer="yes")], "no bool"),
}


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


@pytest.mark.parametrize("name", BAD)
def test_a_bad_history_is_found_among_good_ones(name: str) -> None:
    """Sessions are judged one by one, and the bad one is named."""
    history, _ = BAD[name]
    good = [Operation("P9", "add_message", "other", 0, 1, ("z",), answer=True)]
    violation = check([*good, *history])
    assert violation is not None
    assert {each.session for each in violation.history} == {"s"}


@st.composite
def histories(draw: st.DrawFn, methods: list[str] = METHODS) -> list[Operation]:
    """Small histories: half of them made by a true store, some of those with one answer changed."""
    count = draw(st.integers(1, 6))
    starts = [draw(st.integers(0, 9)) for _ in range(count)]
    spans = [(start, start + draw(st.integers(0, 5))) for start in starts]
    chosen = [draw(st.sampled_from(methods)) for _ in range(count)]
    limits = draw(st.booleans()) and draw(st.booleans()) and methods is METHODS
    made = []
    for number, (method, (start, end)) in enumerate(zip(chosen, spans, strict=True)):
        kind = KINDS[method]
        size = {Kind.APPEND: 1, Kind.REPLACE: draw(st.integers(0, 2))}.get(kind, 0)
        limit = draw(st.integers(1, 3)) if limits and kind is Kind.READ else None
        messages = tuple(f"m{number}{letter}" for letter in "ab"[:size])
        known = draw(st.integers(0, 5)) > 0
        made.append(
            Operation(f"P{number}", method, "s", start, end if known else None, messages, limit)
        )
    answers = _true_answers(draw, made)
    if draw(st.booleans()):
        return [replace(each, answer=answers[each.client]) for each in made]
    written = [message for each in made for message in each.messages]
    wrong = st.one_of(
        st.lists(st.sampled_from(written), unique=True, max_size=3) if written else st.just([]),
        st.sampled_from([each for each in answers.values() if isinstance(each, list)] or [[]]),
    )
    victim = draw(st.sampled_from(made)).client
    lie = draw(wrong if _by(victim, made).kind is Kind.READ else st.booleans())
    return [
        replace(each, answer=lie if each.client == victim else answers[each.client])
        for each in made
    ]


def _by(client: str, made: list[Operation]) -> Operation:
    return next(each for each in made if each.client == client)


def _true_answers(draw: st.DrawFn, made: list[Operation]) -> dict[str, object]:
    """What a true store answers when each operation takes effect at an instant of its own."""
    instants = {each.client: draw(st.integers(each.start, each.end or 20)) for each in made}
    state: tuple[str, ...] | None = None
    answers: dict[str, object] = {each.client: True for each in made}
    for each in sorted(made, key=lambda one: instants[one.client]):
        if each.kind is Kind.READ:
            held = list(state or ())
            answers[each.client] = held if each.limit is None else held[-each.limit :]
        elif each.kind is Kind.EXISTS:
            answers[each.client] = state is not None
        elif each.end is not None or draw(st.booleans()):
            state = results(state, each)[0]
    return answers


@settings(max_examples=800, deadline=None)
@given(histories())
def test_the_search_agrees_with_every_order(history: list[Operation]) -> None:
    """On small histories of all operations the verdict is that of the brute-force checker."""
    assert (explain(history) is None) == explained(history)


@settings(max_examples=500, deadline=None)
@given(histories(["add_message", "add_message", "get_chat_history"]))
def test_the_fast_path_agrees_with_every_order(history: list[Operation]) -> None:
    """On small histories of appends and reads the verdict is that of the brute-force checker."""
    assert (explain(history) is None) == explained(history)


@settings(max_examples=500, deadline=None)
@given(histories())
def test_a_minimised_history_is_still_wrong(history: list[Operation]) -> None:
    """The smallest part is unexplained, by the brute-force checker too, and no larger."""
    if explain(history) is None:
        return
    small = minimise(history)
    assert 0 < len(small) <= len(history)
    assert not explained(small)
    assert "nobody wrote" in str(explain(history)) or "nobody wrote" not in str(explain(small))


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


MINIMAL = {
    "a write that changes nothing is left out": (
        [
            add("P1", "a", 0, 1),
            op("P1", "delete_session", 2, 3),
            read("P2", [], 4, 5),
            add("P1", "b", 6, 7),
            read("P2", [], 8, 9),
        ],
        ["add_message", "get_chat_history"],
    ),
    "a write that makes another read true is kept": (
        [
            add("P1", "a", 0, 1),
            op("P1", "clear_session", 2, 20),
            read("P2", [], 3, 4),
            read("P2", ["a"], 5, 6),
        ],
        ["add_message", "clear_session", "get_chat_history", "get_chat_history"],
    ),
    "a message that makes a session exist is kept": (
        [add("P1", "a", 0, 9), op("P2", "session_exists", 1, 2), read("P2", [], 3, 4)],
        ["add_message", "session_exists", "get_chat_history"],
    ),
    "what was read of a limited history is not changed": (
        [
            add("P1", "a", 0, 1),
            add("P1", "b", 2, 3),
            add("P1", "c", 4, 5),
            read("P2", ["b"], 6, 7, limit=1),
        ],
        ["add_message", "add_message", "get_chat_history"],
    ),
    "a text that was written twice is counted": (
        [add("P1", "a", 0, 1), add("P1", "a", 2, 3), read("P2", ["a"], 4, 5)],
        ["add_message", "add_message", "get_chat_history"],
    ),
    "a whole read is shown instead of a limited one": (
        [add("P1", "a", 0, 1), read("P2", [], 2, 3), read("P2", [], 4, 5, limit=1)],
        ["add_message", "get_chat_history"],
    ),
    "a write that was not answered is left out": (
        [add("P3", "z", 0, None), add("P1", "a", 0, 1), read("P2", [], 2, 3)],
        ["add_message", "get_chat_history"],
    ),
}


@pytest.mark.parametrize("name", MINIMAL)
def test_a_minimised_history_blames_what_was_wrong(name: str) -> None:
    """The smallest part holds what is needed to see the fault, and what makes the rest true."""
    history, methods = MINIMAL[name]
    small = minimise(history)
    assert [each.method for each in small] == methods
    assert all(each.limit is None for each in small) or len(small) == 3
    answers = [each.answer for each in history if each.observes]
    assert all(each.answer in answers for each in small if each.observes)


def test_a_history_with_too_many_orders_is_not_guessed() -> None:
    """When the search would take too long the checker says so instead of guessing."""
    history = [add(f"P{n}", f"m{n}", 0, 100) for n in range(24)]
    history += [
        op("P90", "set_chat_history", 0, 100, *[f"m{n}" for n in range(24)]),
        read("P91", [f"m{n}" for n in range(23, -1, -1)], 0, 100),
        read("P92", ["m1", "m0"], 200, 201),
    ]
    with pytest.raises(TooLargeError):
        check(history)
