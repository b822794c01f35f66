"""Both targets do the same, but for the known differences: a part of `make differences`."""

import itertools
import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from reference_impl import BotSessionManager, DefaultSessionStore
from tests.differences.agent_programs import agent_programs
from tests.differences.beyond_programs import METHODS_LEFT_OUT, manager_programs
from tests.differences.bot_programs import bot_programs
from tests.differences.comparison import MISSING, Outcome, compare
from tests.differences.entries import entries
from tests.differences.pair import Pair
from tests.differences.predicates import PREDICATES, SHOWN_ALONE, explained
from tests.differences.programs import alone, programs
from tests.differences.run import Run, Unexplained
from tests.differences.steps import call, plant
from tests.differences.surface import offered, tried
from tests.differences.witnesses import WITNESSES
from tests.subject import beyond
from tests.subject.targets import Target, require


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """Both targets, each in a process that lives on."""
    require(Target.RELEASE)
    with Pair(tmp_path_factory.mktemp("pair")) as running:
        yield running


def test_each_entry_has_a_predicate_or_a_reason() -> None:
    """An entry says in which steps it explains a difference, or why no step can show it."""
    anchors = {entry.anchor for entry in entries()}
    assert set(PREDICATES) | set(SHOWN_ALONE) == anchors
    assert not set(PREDICATES) & set(SHOWN_ALONE)


@pytest.mark.parametrize("anchor", sorted(PREDICATES))
def test_an_entry_that_is_taken_away_leaves_a_step_unexplained(anchor: str, pair: Pair) -> None:
    """Each entry has a program of which it explains what no other entry does."""
    program = WITNESSES[anchor]
    Run(pair).check(program)
    without = Run(
        pair, lambda difference: [each for each in explained(difference) if each != anchor]
    )
    with pytest.raises(Unexplained, match="no known difference explains the last step of"):
        without.check(program)


def test_edges_are_explained(pair: Pair) -> None:
    """A share of the edges of each parameter, file and fault, over both targets."""
    Run(pair).edges(every=37)


def test_random_programs_are_explained(pair: Pair) -> None:
    """Random sequences of steps, with faults, over both targets."""
    Run(pair).random(programs(8), examples=25)
    Run(pair).random(bot_programs(6), examples=10)
    Run(pair).random(manager_programs(6), examples=10)
    Run(pair).random(agent_programs(6), examples=10)


def test_no_entry_explains_what_is_forged(pair: Pair) -> None:
    """Where the targets agree, a change that none of them made is explained by no entry."""
    seen = 0
    share = itertools.islice(alone(), 3, None, 44)
    for program in (*WITNESSES.values(), *itertools.islice(alone(), 0, 400, 22), *share):
        for step, before, reference, release in pair.outcomes(program):
            if not compare(step, before, reference, release):
                for forged in _forgeries(release):
                    found = compare(step, before, reference, forged)
                    assert not any(map(explained, found)), (step, found)
                    seen += len(found)
    assert seen > 100


def _forgeries(outcome: Outcome) -> Iterator[Outcome]:
    """What a target did, with another answer, another label in a file, and a file more."""
    if isinstance(outcome.answer.get("returned", []), str | None):
        yield replace(outcome, answer={"returned": "forged"})
    for name, file in outcome.files.items():
        if isinstance(file.get("value"), dict):
            value = {"value": file["value"] | {"agent_name": "forged"}}
            yield replace(outcome, files=outcome.files | {name: value})
    yield replace(outcome, files=outcome.files | {"sessions/forged.json": {"data": "forged"}})


def test_the_smallest_program_is_shown(pair: Pair) -> None:
    """A difference that no entry explains is shrunk to the steps that it takes."""
    blind = Run(pair, lambda difference: [])
    with pytest.raises(Unexplained) as caught:
        blind.random(programs(6), examples=50)
    program = str(caught.value).split("the last step of\n")[1].splitlines()
    steps = [line for line in program if line.startswith(("    store", "    plant"))]
    assert len(steps) == 1, caught.value


def test_a_step_begins_alike_after_one_that_did_not(pair: Pair) -> None:
    """A step is judged by itself: what an earlier one left otherwise is made equal first."""
    made = plant("unknown keys"), call("add_user_message"), call("get_session")
    found = [differences for _, differences in pair.run(list(made))]
    assert [bool(each) for each in found] == [False, True, False]


def _outcome(answer: object, files: dict[str, object] | None = None) -> Outcome:
    tree = {
        name: {"mode": 0o600, "data": json.dumps(value)} for name, value in (files or {}).items()
    }
    told = {"answer": answer, "flushed": False, "tree": tree}
    return Outcome.read(told, "/base", 1_000_000.0)


def test_what_differs_is_named_by_its_place() -> None:
    """A difference is one value in an answer or in a file, and not the whole of it."""
    one = _outcome({"returned": [1, {"a": 1.0}]}, {"s/a.json": {"messages": [{"content": "x"}]}})
    two = _outcome({"returned": [1, {"a": 1}]}, {"s/a.json": {"messages": [{"content": "y"}]}})
    found = compare({"do": "call"}, {}, one, two)
    assert [(each.where, each.reference, each.release) for each in found] == [
        (("answer", "returned", 1, "a"), 1.0, 1),
        (("files", "s/a.json", "value", "messages", 0, "content"), "x", "y"),
    ]


def test_a_moment_and_a_default_make_no_difference() -> None:
    """Two files are one value where only the moment of a write or a default's absence differs."""
    one = _outcome({"returned": None}, {"s/a.json": {"messages": [], "updated_at": None}})
    late = "1970-01-12T13:46:41+00:00"
    two = _outcome({"returned": None}, {"s/a.json": {"messages": [], "updated_at": late}})
    assert compare({"do": "call"}, {}, one, two) == []
    other = _outcome({"returned": None}, {"s/b.json": {"messages": []}})
    assert [(d.where, d.reference is MISSING) for d in compare({"do": "call"}, {}, one, other)] == [
        (("files", "s/a.json"), False),
        (("files", "s/b.json"), True),
    ]


def test_every_method_and_parameter_is_tried() -> None:
    """A public method or a parameter of the release that no program gives is named."""
    assert offered() - tried(alone()) == set()


def test_a_parameter_that_is_not_tried_is_named() -> None:
    """Without the programs that give it, a parameter is one that nobody has tried."""
    given = [program for program in alone() if "attachments" not in repr(program)]
    assert offered() - tried(given) == {
        ("Agent", "achat", "attachments"),
        ("Agent", "chat", "attachments"),
        ("BotSessionManager", "chat", "attachments"),
    }
    given = [program for program in alone() if "record_passive" not in repr(program)]
    assert {name for _, name, _ in offered() - tried(given)} == {"record_passive"}


def test_every_public_method_is_on_a_page() -> None:
    """A public method of the release that neither the reference nor a table names is seen."""
    for of in beyond.OWNERS:
        ours = {*dir(DefaultSessionStore), *dir(BotSessionManager)}
        names = {each.rpartition(".")[2] for each in beyond.surface(of) if "." not in each}
        assert names <= ours | METHODS_LEFT_OUT
