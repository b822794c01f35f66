"""The history checker agrees with one that tries every order."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from reference_impl.contract.checker import explain
from reference_impl.contract.history import KINDS, Kind, Operation
from reference_impl.contract.minimise import minimise
from tests.contract.brute import explained, results

WRITES = ["add_message", "clear_session", "delete_session", "set_chat_history"]
METHODS = ["get_chat_history", "session_exists", *WRITES]


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
