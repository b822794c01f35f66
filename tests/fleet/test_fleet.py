"""Processes of the release and of the reference work on one directory at the same time."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from executable_pages.testing.processes import Worker
from executable_pages.testing.sandbox import Sandbox
from reference_impl.turns import whole
from tests.fleet.program import WINDOW, parts
from tests.subject.targets import Target, require

OPERATIONS = 500
FLEET = {
    "reference-1": Target.REFERENCE,
    "reference-2": Target.REFERENCE,
    "release-1": Target.RELEASE,
    "release-2": Target.RELEASE,
}
ANNOTATED = {
    "session_id": "annotated",
    "messages": [{"role": "user", "content": "kept", "rating": 5}],
    "color": {"hue": [1, 2.5, None]},
}
Done = dict[str, dict[str, list[str]]]
Start = Callable[[Target], Worker]


@pytest.fixture
def start(sandbox: Sandbox) -> Iterator[Start]:
    """Starts processes that share the sandbox's sessions."""
    require(Target.RELEASE)
    with ExitStack() as stack:
        yield lambda target: stack.enter_context(Worker("tests.fleet.program", sandbox, target))


def stored(sandbox: Sandbox, session: str) -> dict[str, Any]:
    """The session's file."""
    return json.loads((sandbox.work / "sessions" / f"{session}.json").read_text("utf-8"))


def marks(messages: list[dict[str, Any]]) -> list[str]:
    """The contents of stored messages, without a summary."""
    return [m["content"] for m in messages if not m["metadata"].get("compaction")]


def written(done: Done, session: str) -> list[str]:
    """All that the fleet stored in a session."""
    return [mark for work in done.values() for mark in work[session]]


def of(name: str, found: list[str]) -> list[str]:
    """One process's part of what was found, in the order found."""
    return [mark for mark in found if mark.rsplit("-", 1)[0] == name]


def test_fleet_loses_nothing(sandbox: Sandbox, start: Start) -> None:
    """Two processes of each target lose, double and reorder nothing in 2,000 operations."""
    (sandbox.work / "sessions").mkdir()
    (sandbox.work / "sessions" / "annotated.json").write_text(json.dumps(ANNOTATED), "utf-8")
    workers = {name: start(target) for name, target in FLEET.items()}
    for seed, (name, worker) in enumerate(workers.items()):
        # The release drops unknown keys, so only the reference writes to this session.
        worker.ask("work", name, OPERATIONS, seed, FLEET[name] is Target.REFERENCE)
    done: Done = {name: worker.answer() for name, worker in workers.items()}
    assert sum(len(each) for work in done.values() for each in work.values()) == 4 * OPERATIONS

    compact = stored(sandbox, "compact")
    found = marks(compact["archived_messages"]) + marks(compact["messages"])
    assert sorted(found) == sorted(written(done, "compact"))
    assert compact["messages"][0]["metadata"]["compacted_count"] == len(found) - WINDOW
    for name in FLEET:
        assert of(name, found) == done[name]["compact"]

    tail = marks(stored(sandbox, "truncate")["messages"])
    assert len(tail) == WINDOW
    for name in FLEET:
        mine = of(name, tail)
        assert mine == done[name]["truncate"][len(done[name]["truncate"]) - len(mine) :]

    everything = marks(stored(sandbox, "keep_all")["messages"])
    assert sorted(everything) == sorted(written(done, "keep_all"))
    for name in FLEET:
        assert of(name, everything) == done[name]["keep_all"]

    turns = stored(sandbox, "tools")["messages"]
    asked = [turn["tool_calls"][0]["id"] for turn in turns if turn["role"] == "assistant"]
    told = [turn["tool_call_id"] for turn in turns if turn["role"] == "tool"]
    assert sorted(asked) == sorted(told) == sorted(written(done, "tools"))

    pictures = stored(sandbox, "pictures")["messages"]
    for role in ("user", "tool"):
        found = [turn["content"] for turn in pictures if turn["role"] == role]
        assert sorted(found, key=str) == sorted(map(parts, written(done, "pictures")), key=str)
    asking = [turn for turn in pictures if turn["role"] == "assistant"]
    assert {turn["content"] for turn in asking} == {None}
    assert sorted(turn["tool_calls"][0]["id"] for turn in asking) == sorted(
        written(done, "pictures")
    )

    assert set(stored(sandbox, "metadata")["metadata"]) == set(written(done, "metadata"))

    annotated = stored(sandbox, "annotated")
    assert annotated["color"] == ANNOTATED["color"]
    assert annotated["messages"][0]["rating"] == 5
    assert sorted(marks(annotated["messages"][1:])) == sorted(written(done, "annotated"))

    reference, release = workers["reference-1"], workers["release-1"]
    for session in ("compact", "truncate", "keep_all", "tools", "pictures", "replace", "annotated"):
        # The release hands out tool turns as others' turns came between them.
        assert reference.call("history", session) == whole(release.call("history", session))
    assert list((sandbox.work / "sessions").glob("*.corrupt-*")) == []
    assert list((sandbox.work / "sessions").glob(".*.tmp")) == []


def test_reference_keeps_what_the_release_stored(sandbox: Sandbox, start: Start) -> None:
    """Archive, checkpoint, title, gateway link, pictures and tool turns survive a rewrite."""
    release, reference = start(Target.RELEASE), start(Target.REFERENCE)
    for number in range(WINDOW + 5):
        release.call("perform", "compact", f"m-{number}", None)
    release.call("perform", "tools", "t-1", None)
    release.call("perform", "pictures", "p-1", None)
    for session in ("compact", "tools", "pictures"):
        release.call("call", "append_compaction_checkpoint", session, "So far: greetings.")
        release.call("call", "rename_session", session, "Greetings")
        release.call("call", "set_gateway_info", session, gateway_session_id="g", agent_id="a")
        before = stored(sandbox, session)
        reference.call("call", "update_session_metadata", session, topic="weather")
        after = stored(sandbox, session)
        assert after["metadata"].pop("topic") == "weather"
        assert after.pop("updated_at") > before.pop("updated_at")
        assert after == before
        reference.call("call", "add_user_message", session, "after")
        for read in ("history", "working_history"):
            assert reference.call(read, session) == release.call(read, session)


def test_folded_name_is_found_under_its_own_id(sandbox: Sandbox, start: Start) -> None:
    """A session that the release stored as user_1.json is read as user:1, and never as user_1."""
    release, reference = start(Target.RELEASE), start(Target.REFERENCE)
    release.call("call", "add_user_message", "user:1", "secret")
    assert (sandbox.work / "sessions" / "user_1.json").exists()

    assert reference.call("history", "user:1") == [{"role": "user", "content": "secret"}]
    assert reference.call("history", "user_1") == []
    assert reference.call("call", "session_exists", "user_1") is False

    reference.call("call", "add_user_message", "user_1", "open")
    reference.call("call", "add_user_message", "user:1", "second secret")
    secrets = [message["content"] for message in reference.call("history", "user:1")]
    assert secrets == ["secret", "second secret"]
    assert reference.call("history", "user_1") == [{"role": "user", "content": "open"}]
    seen = [message["content"] for message in release.call("history", "user:1")]
    assert seen == ["secret", "second secret"]
