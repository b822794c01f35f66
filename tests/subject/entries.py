"""Lives through each way to ask an agent of a session, and tells what became of the session.

It runs in a process of its own on either target, with a model server inside, and prints what it
saw as JSON. What the target is it imports late: others read here what it says.
"""

import asyncio
import json
import os
import sys
from collections.abc import Callable
from contextlib import redirect_stdout, suppress
from typing import Any

from tests.subject.model_server import ModelServer

Ask = Callable[[str], Any]
# Opens the agents of a session, as far as its turns before the question go.
Opened = Callable[[str, dict[str, Any]], Ask]

EARLIER = {"user": "My name is Alice.", "assistant": "Nice to meet you, Alice."}
OTHER = "My name is Fred."
# An agent that hands over is asked by name to do so; to the others that is a word like any.
PROMPTS = {
    "plain": "What is my name, transfer_to_helper?",
    "tool": "Ask the weather, transfer_to_helper.",
    "fails": "Will it rain, transfer_to_helper?",
}


def _store() -> Any:
    from praisonaiagents.session import get_default_session_store

    return get_default_session_store()


def weather() -> str:
    """The weather."""
    return "rain"


def _agent(session_id: str, tools: dict[str, Any], **more: Any) -> Any:
    from praisonaiagents import Agent

    memory = {"session_id": session_id, "user_id": "alice"}
    given = {"name": "Helper", "instructions": told(session_id), "memory": memory}
    return Agent(**given | tools | more)


def told(session_id: str) -> str:
    """What only the agents of a session are told, so that their requests can be known."""
    return f"Be brief in {session_id}."


def _restored(session_id: str) -> None:
    for role, content in EARLIER.items():
        _store().add_message(session_id, role, content)


def _asked_by(ask: Callable[[Any, str], Any]) -> Opened:
    """A fresh agent of a session with earlier turns."""

    def opened(session_id: str, tools: dict[str, Any]) -> Ask:
        _restored(session_id)
        agent = _agent(session_id, tools)
        return lambda prompt: ask(agent, prompt)

    return opened


def _closed_early(agent: Any, prompt: str) -> None:
    stream = agent.iter_stream(prompt)
    next(piece for piece in stream if piece)
    stream.close()


def _after_a_chat(session_id: str, tools: dict[str, Any]) -> Ask:
    agent = _agent(session_id, tools)
    agent.chat(EARLIER["user"])
    return lambda prompt: asyncio.run(agent.achat(prompt))


def _two(session_id: str, tools: dict[str, Any]) -> Ask:
    """The first of two agents, after the second one's turn."""
    first, second = _agent(session_id, tools), _agent(session_id, tools)
    first.chat("Hello")
    second.chat(EARLIER["user"])
    return first.chat  # type: ignore[no-any-return]


def _hands_over(session_id: str, tools: dict[str, Any]) -> Ask:
    _restored(session_id)
    helper = _agent(f"{session_id}-helper", {})
    agent = _agent(session_id, {}, name="Front", handoffs=[helper])
    return agent.chat  # type: ignore[no-any-return]


def _takes_over(session_id: str, tools: dict[str, Any]) -> Ask:
    _restored(session_id)
    helper = _agent(session_id, tools)
    front = f"{session_id}-front"
    _store().add_message(front, "user", OTHER)
    agent = _agent(front, {}, name="Front", handoffs=[helper])
    return agent.chat  # type: ignore[no-any-return]


def _team(session_id: str, tools: dict[str, Any]) -> Ask:
    _restored(session_id)
    member = _agent(session_id, tools)

    def ask(prompt: str) -> Any:
        from praisonaiagents import AgentTeam, Task

        task = Task(description=prompt, agent=member, expected_output="words")
        return AgentTeam(agents=[member], tasks=[task]).start()

    return ask


ON_BOTH: dict[str, Opened] = {
    "`chat`": _asked_by(lambda agent, prompt: agent.chat(prompt)),
    "`start`": _asked_by(lambda agent, prompt: agent.start(prompt)),
    "`run`": _asked_by(lambda agent, prompt: agent.run(prompt)),
    "`achat`": _asked_by(lambda agent, prompt: asyncio.run(agent.achat(prompt))),
    "`astart`": _asked_by(lambda agent, prompt: asyncio.run(agent.astart(prompt))),
    "`arun`": _asked_by(lambda agent, prompt: asyncio.run(agent.arun(prompt))),
    "`achat` after a `chat`": _after_a_chat,
    "`start(stream=True)`": _asked_by(lambda agent, prompt: list(agent.start(prompt, stream=True))),
    "`iter_stream` to its end": _asked_by(lambda agent, prompt: list(agent.iter_stream(prompt))),
    "`iter_stream` closed early": _asked_by(_closed_early),
    "the first of two agents with one id": _two,
}
RELEASE_ALONE: dict[str, Opened] = {
    "who hands over in a handoff": _hands_over,
    "who takes over in a handoff": _takes_over,
    "a member of a team": _team,
}


def _messages(session_id: str) -> list[dict[str, Any]]:
    session = _store().get_session(session_id)
    return [message.to_dict() for message in session.messages]


def _lived(opened: Opened, session_id: str, case: str, server: ModelServer) -> dict[str, Any]:
    try:
        ask = opened(session_id, {"tools": [weather]} if case == "tool" else {})
    except TypeError as error:
        return {"refused": str(error)}
    before = len(_messages(session_id))
    server.requests.clear()
    server.failure = 400 if case == "fails" else None
    # What the caller is told of a failure is said elsewhere.
    with suppress(Exception):
        ask(PROMPTS[case])
    server.failure = None
    asked = [each for each in server.requests if told(session_id) in each["messages"][0]["content"]]
    seen = {"asked": asked, "added": _messages(session_id)[before:]}
    if case == "tool":
        with suppress(Exception):
            _agent(session_id, {}).chat("Are you there?")
        seen["later"] = _messages(session_id)[-1]["role"]
    return seen


def live(ways: dict[str, Opened]) -> dict[str, Any]:
    """What became of the session, by the way to ask and the case."""
    with ModelServer() as server:
        os.environ |= server.environment
        return {
            way: {case: _lived(opened, f"{number}-{case}", case, server) for case in PROMPTS}
            for number, (way, opened) in enumerate(ways.items())
        }


if __name__ == "__main__":
    with redirect_stdout(sys.stderr):
        seen = live(ON_BOTH | (RELEASE_ALONE if sys.argv[1] == "release" else {}))
    print(json.dumps(seen))
