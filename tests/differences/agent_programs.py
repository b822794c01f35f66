"""What is tried on agents: each way to ask, fresh and again, over files and under faults."""

from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

from tests.differences.edges import CONTENTS
from tests.differences.steps import FAULTS, PLANTED, Program, Step, call, one_of, plant


def agent(on: str = "agent", **given: Any) -> Step:
    """A step that makes an agent of session `chat`."""
    made = {"name": "A", "instructions": "Be brief.", "memory": {"session_id": "chat"}}
    return {"do": "agent", "on": on, "given": made | given}


def tell(prompt: Any, method: str = "chat", on: str = "agent", **given: Any) -> Step:
    """A step in which an agent of session `chat` is asked; "closed" stands for a closed stream."""
    way, _, closed = method.partition(" ")
    if way == "stream":
        way, given = "start", {"stream": True} | given
    step = {"do": "ask the agent", "on": on, "method": way, "session": "chat"}
    return step | ({"closed": True} if closed else {}) | {"given": {"prompt": prompt} | given}


ENTRY_POINTS = ("chat", "start", "run", "achat", "astart", "arun", "iter_stream")
AGENT = (*ENTRY_POINTS, "stream", "stream closed", "iter_stream closed")
AGENT_FILE = "sessions/chat.json"
ALICE, WHO, HOW_MANY = "My name is Alice.", "What is my name?", "How many messages are there?"
# Said to an agent that has answered before.
LIVES = {"lives": True, "user": "praison"}
# What can go wrong with a turn of an agent: the store's faults, and a model that refuses.
AGENT_FAULTS = (*FAULTS, "model")


def agents() -> Iterator[Program]:
    """Each way to ask an agent: fresh, again, after another process, over files, under faults."""
    for method in AGENT:
        yield [agent(), tell(ALICE, method), tell(WHO, method) | LIVES, agent(), tell(WHO, method)]
        yield [plant("three", AGENT_FILE), agent(), tell(WHO, method)]
        for fault in AGENT_FAULTS:
            yield [agent(), tell(ALICE, method) | {"fault": fault}, agent(), tell(WHO)]
            yield [
                *(plant("three", AGENT_FILE), agent(), tell(ALICE, method)),
                *(tell(WHO, method) | LIVES | {"fault": fault}, tell(WHO, method) | LIVES),
            ]
    for memory in (None, True, False, {"session_id": "chat", "user_id": "u"}):
        yield [agent(memory=memory), tell(ALICE), tell(WHO) | LIVES]
    for prompt in CONTENTS:
        yield [agent(), tell(prompt)]
    yield [agent(), tell("Hello"), plant("plain", AGENT_FILE), tell("And now?") | LIVES]
    for name in PLANTED:
        yield [plant(name, AGENT_FILE), agent(), tell("Are you there?")]


def agent_programs(longest: int) -> st.SearchStrategy[Program]:
    """Sequences of turns of two agents of one id, with calls to the store and faults between."""
    who = st.sampled_from(["agent", "other"])
    prompts = one_of([ALICE, WHO, HOW_MANY, "Hello"])
    asked = st.builds(lambda on, prompt, way: tell(prompt, way, on), who, prompts, one_of(AGENT))
    faulty = st.builds(lambda step, fault: step | {"fault": fault}, asked, one_of(AGENT_FAULTS))
    memory = [
        {"session_id": "chat"},
        {"session_id": "chat", "user_id": "u"},
        {"session_id": "chat", "user_id": "v"},
    ]
    made = st.builds(lambda on, memory: agent(on, memory=memory), who, one_of(memory))
    stored = one_of(
        [
            call("add_user_message", content="from the store"),
            call("add_assistant_message", content="from the store"),
            call("clear_session"),
            call("delete_session"),
            call("get_chat_history"),
            call("get_session"),
            plant("three", AGENT_FILE),
            plant("tool turn", AGENT_FILE),
            plant("list", AGENT_FILE),
            MOVED,
        ]
    )
    more = st.lists(st.one_of(asked, asked, asked, faulty, made, stored), max_size=longest)
    return st.builds(lambda more: _lived([agent(), agent("other"), *more]), more)


MOVED: Step = {"do": "move", "given": {"old": "sessions", "new": "moved"}}


def _lived(program: Program) -> Program:
    """The program with each turn marked whose agent has had one before."""
    lives: set[str] = set()
    users: dict[str, str] = {}
    found = []
    for step in program:
        if step["do"] == "agent":
            lives.discard(step["on"])
            users[step["on"]] = step["given"]["memory"].get("user_id", "praison")
        elif step["do"] == "ask the agent":
            step = (step | LIVES if step["on"] in lives else step) | {"user": users[step["on"]]}
            lives.add(step["on"])
        found.append(step)
    return found
