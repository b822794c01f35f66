"""The stores of recipes behind a network that fails: nothing is lost, doubled or raised."""

import os
import re

import pytest

from executable_pages.testing.evidence import claim
from tests.contract.test_recipes import on
from tests.faults.links import CALLS, Call, Link
from tests.faults.outages import HARMS, SERVED, harm
from tests.subject.recipes import Recipe

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the servers' wheels are for POSIX")
PAGE = "docs/verification/durability.md"
# These cost time at each packet, and the others cost none.
SLOW = [said for said in HARMS if re.search("silent|time limit|pieces|seconds", said)]
WRITES = [call for call in CALLS if call.writes]
# `make soak` harms the calls on each server in every way. A cluster of three takes minutes, so here
# its calls are cut, and repeated.
ONE_SERVER = [recipe for recipe in SERVED if recipe.name != "NATS"]
EACH_HARM = [
    pytest.param(recipe, recipe, said, id=f"{said}-{recipe.name}")
    for said in HARMS
    if said not in SLOW
    for recipe in (SERVED if said == next(iter(HARMS)) else ONE_SERVER)
]


def check(
    request: pytest.FixtureRequest, recipe: Recipe, link: Link, said: str, calls: list[Call]
) -> int:
    """Hold that a harm to each packet of the calls is not noticed; how many those are."""
    tally = harm(link, said, calls)
    details = {"recipe": recipe.name, "said": said, "points": str(tally.points)}
    digest = recipe.block.digest
    claim(request.node, kind="outage", where=PAGE, digest=digest, target="reference", **details)
    assert tally.wrong == []
    return tally.points


@pytest.mark.parametrize(("recipe", "server", "said"), EACH_HARM, indirect=["server"])
def test_a_cut_at_any_packet_is_not_noticed(
    request: pytest.FixtureRequest, recipe: Recipe, link: Link, said: str
) -> None:
    """Wherever the connection is cut, once or twice, a call does its work once and answers."""
    calls = link.calls()
    assert check(request, recipe, link, said, calls) >= 2 * len(calls) * len(HARMS[said])


@on(ONE_SERVER)
@pytest.mark.parametrize("said", SLOW)
def test_an_answer_that_never_comes_is_asked_for_again(
    request: pytest.FixtureRequest, recipe: Recipe, link: Link, said: str
) -> None:
    """A packet that is held back, or a connection that is silent, costs time and nothing else."""
    assert check(request, recipe, link, said, WRITES[:1]) >= 1


@on(SERVED)
def test_a_repeat_does_not_undo_what_others_did_meanwhile(recipe: Recipe, link: Link) -> None:
    """A change whose answer was lost, and that another client has seen, is not made again."""
    for call in link.calls():
        if call.writes and call.name != "append with an id":
            assert link.overtaken(call) == []


@on(SERVED)
def test_a_call_that_raised_may_be_made_again(recipe: Recipe, link: Link) -> None:
    """A caller who repeats a call after an error has it done once, wherever the server was lost."""
    for call in link.calls():
        if call.name in ("append", "clear", "delete", "replace"):
            found = link.repeated(call)
            assert len(found) >= 2
            assert all(each == call.after for each in found), (call.name, found)


@on(SERVED)
@pytest.mark.parametrize("who", ["hasty", "direct"])
def test_a_late_repeat_brings_nothing_back(recipe: Recipe, link: Link, who: str) -> None:
    """A message that was stored, and cleared or deleted since, is not stored by a late repeat.

    The same client knows it again, and another client does by the caller's own identity.
    """
    append = next(each for each in CALLS if each.name == "append with an id")
    for change, left in ((link.direct.clear_session, []), (link.direct.delete_session, None)):
        found = link.repeated(append, change, who)
        assert found[0] == ["new"], "the question was lost, so the repeat is the first"
        assert found[-1] == left, "the answer was lost, so it was stored before the change"


@on(SERVED)
def test_a_message_with_an_id_is_stored_once(recipe: Recipe, link: Link) -> None:
    """Messages of one session with one id are stored once, also after a clear or a delete.

    Those of other sessions, with other ids or with none are stored as often as they are added.
    """
    store, other, session = link.direct, link.behind, link.session(None)
    ids = ["1", 1, "1}:x", "", None, None, "ü\n", "2" * 5000]
    for message_id in ids:
        for client in (store, other):
            added = client.add_message(session, "user", "m", {"message_id": message_id})
            assert added is True
    # 1 and "1" are the same to a chat platform; an empty one is none.
    stored = 4 + 2 * 3
    assert len(link.texts(session) or ()) == stored
    for change, left in ((store.clear_session, []), (store.delete_session, None)):
        change(session)
        assert other.add_message(session, "user", "m", {"message_id": "1"}) is True
        assert link.texts(session) == left
    assert store.add_message(session + "}:1", "user", "m", {"message_id": "1"}) is True
    assert link.texts(session + "}:1") == ["m"]
    for odd in ("1", ["message_id"], {"message_id": ["1"]}):
        assert store.add_message(session, "user", "odd", odd) is True
