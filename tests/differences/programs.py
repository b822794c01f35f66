"""The programs that both targets are given: every edge alone, and random sequences of steps."""

from collections.abc import Iterator

from hypothesis import strategies as st

from tests.differences.agent_programs import agents
from tests.differences.beyond_programs import beyond_programs
from tests.differences.bot_programs import bots
from tests.differences.edges import BROKEN, EDGES, SOUND
from tests.differences.steps import (
    FAULTS,
    MESSAGE_METHODS,
    OPEN,
    PLANTED,
    SESSION_METHODS,
    STORE,
    VALUES,
    Program,
    Step,
    call,
    plant,
)


def alone() -> Iterator[Program]:
    """Each method with each edge of each parameter, over each file, and under each fault."""
    begun = [call("add_user_message", content="begun")]
    for method, parameters in STORE.items():
        for name in parameters:
            plain = name.strip("[]")
            for value in EDGES[plain]:
                yield [*begun, call(method, **{plain: value}), call("get_session")]
        full = {name.strip("[]"): value for name, value in parameters.items()}
        yield [call(method, **full), call("get_session")]
        for fault in FAULTS:
            yield [*begun, call(method) | {"fault": fault}, call("get_chat_history")]
            yield [call(method) | {"fault": fault}, call("get_session")]
    for planted in PLANTED:
        for method in STORE:
            given = {"session_id": "chat"} if "[session_id]" in STORE[method] else {}
            yield [plant(planted), call(method, **given), call("get_session")]
        for limit in (1, 2, 3):
            yield [
                plant(planted),
                call("get_chat_history", max_messages=limit),
                call("get_working_history", max_messages=limit),
            ]
    yield from _openings()
    yield from _values()
    yield from bots()
    yield from agents()
    yield from beyond_programs()


def _openings() -> Iterator[Program]:
    adds = [call("add_user_message", content=f"{n}") for n in range(5)]
    for name in OPEN:
        plain = name.strip("[]")
        for value in EDGES[plain]:
            given = {"session_dir": "sessions", "lock_timeout": 0.05} | {plain: value}
            taken = {"do": "plant", "given": {"path": "taken", "data": "a file"}}
            yield [taken, {"do": "open", "given": given}, *adds, call("get_session")]
    for retention in EDGES["retention"]:
        for window in (None, 2, 3):
            given = {"session_dir": "sessions", "retention": retention, "active_window": window}
            yield [{"do": "open", "given": given}, *adds, call("get_session")]
    for retention, window in (("truncate", "3"), ("forever", "x"), ("", ""), ("COMPACT", "-1")):
        given = {
            "PRAISONAI_SESSION_RETENTION": retention,
            "PRAISONAI_SESSION_ACTIVE_WINDOW": window,
        }
        yield [{"do": "open default", "given": given}, *adds, call("get_session")]
    yield [{"do": "open", "given": {}}, *adds, call("get_session")]


def _values() -> Iterator[Program]:
    for name in VALUES["SessionMessage"]:
        plain = name.strip("[]")
        ordinary = {k: v for k, v in VALUES["SessionMessage"].items() if k[0] != "["}
        for value in EDGES[plain]:
            for method in MESSAGE_METHODS:
                given = ordinary | {plain: value}
                yield [
                    {"do": "make", "on": "SessionMessage", "method": method, "given": given},
                ]
    for data in (each for each in (SOUND | BROKEN).values() if isinstance(each, dict)):
        for method in SESSION_METHODS:
            read = {"do": "read", "on": "SessionData", "method": method, "given": {"data": data}}
            limits = EDGES["max_messages"] if method.startswith("get") else [None]
            for limit in limits:
                yield [read | {"with": {"max_messages": limit} if limit is not None else {}}]


def _calls() -> st.SearchStrategy[Step]:
    def of(method: str) -> st.SearchStrategy[Step]:
        required = {n: st.sampled_from(EDGES[n]) for n in STORE[method] if n[0] != "["}
        optional = {
            n.strip("[]"): st.sampled_from(EDGES[n.strip("[]")])
            for n in STORE[method]
            if n[0] == "["
        }
        ordinary = st.fixed_dictionaries(
            {n: st.just(value) for n, value in STORE[method].items() if n[0] != "["}
        )
        given = st.one_of(ordinary, st.fixed_dictionaries(required, optional=optional))
        return given.map(lambda made: {"do": "call", "method": method, "given": made})

    return st.sampled_from(sorted(STORE)).flatmap(of)


def _faulty(step: Step) -> st.SearchStrategy[Step]:
    return st.sampled_from([None, None, None, *FAULTS]).map(
        lambda fault: step | {"fault": fault} if fault else step
    )


def steps() -> st.SearchStrategy[Step]:
    """Any step of a random program."""
    planted = st.builds(
        plant,
        st.sampled_from([name for name in PLANTED if name != "nested deeply"]),
        st.sampled_from(["sessions/chat.json", "sessions/other.json"]),
    )
    opened = st.fixed_dictionaries(
        {"session_dir": st.just("sessions"), "lock_timeout": st.just(0.05)},
        optional={
            "max_messages": st.sampled_from([3, 100]),
            "retention": st.sampled_from(["compact", "truncate", "keep_all"]),
            "active_window": st.sampled_from([0, 2, 4]),
        },
    ).map(lambda given: {"do": "open", "given": given})
    moved = st.sampled_from(
        [
            {"do": "move", "given": {"old": "sessions", "new": "moved"}},
            {"do": "remove", "given": {"path": "sessions/chat.json"}},
        ]
    )
    called = _calls().flatmap(_faulty)
    return st.one_of(called, called, called, called, planted, opened, moved)


def programs(longest: int) -> st.SearchStrategy[Program]:
    """Sequences of steps that begin with a session or without one."""
    return st.lists(steps(), min_size=1, max_size=longest)
