"""What pages say of the release's agents in a sentence, and no block or table shows."""

import json

import pytest

from executable_pages.testing.sandbox import Sandbox
from tests.subject.model_server import ModelServer
from tests.subject.targets import Target, require


@pytest.fixture
def release() -> Target:
    """The published packages."""
    return require(Target.RELEASE)


ASK = """
import asyncio, sys
from praisonaiagents import Agent
from praisonaiagents.session import get_default_session_store

def agent(session, user):
    memory = {"session_id": session, "user_id": user}
    return Agent(name="Helper", instructions="Be brief.", memory=memory)
"""
COPIES = """
agent("first", "alice").chat("Call 4711 for me.")
get_default_session_store().delete_session("first")
agent("second", "alice").chat("Hello")
agent("third", "bob").chat("Hello")
"""


def test_copy_of_a_turn_is_told_in_the_user_s_other_sessions(
    release: Target, sandbox: Sandbox, model_server: ModelServer
) -> None:
    """What a user said in a deleted session stands in the system message of their next one."""
    model_server.requests.clear()
    sandbox.python(ASK + COPIES, release, extra=model_server.environment)
    first, second, third = (request["messages"] for request in model_server.requests)
    assert [message["role"] for message in second] == ["system", "user"]
    assert "4711" not in first[0]["content"]
    assert "4711" in second[0]["content"]
    assert "4711" not in json.dumps(third)


ASYNC = """
asyncio.run(agent("chat", "alice").achat("Call 4711 for me."))
print(get_default_session_store().session_exists("chat"))
"""


def test_async_turn_is_copied_though_it_is_in_no_session(
    release: Target, sandbox: Sandbox, model_server: ModelServer
) -> None:
    """What a coroutine told a fresh agent is in no session, and in the user's copies."""
    out = sandbox.python(ASK + ASYNC, release, extra=model_server.environment)
    assert out.splitlines()[-1] == "False"
    copies = list(sandbox.work.rglob(".praisonai/memory/alice/short_term.json"))
    assert ["4711" in copy.read_text("utf-8") for copy in copies] == [True]


def test_failing_model_is_answered_with_none(
    release: Target, sandbox: Sandbox, model_server: ModelServer
) -> None:
    """`chat` and `achat` answer None when the model refuses, and raise nothing."""
    program = """
print(agent("one", "alice").chat("Hello"), asyncio.run(agent("two", "alice").achat("Hello")))
"""
    model_server.failure = 400
    try:
        out = sandbox.python(ASK + program, release, extra=model_server.environment)
    finally:
        model_server.failure = None
    assert out.splitlines()[-1] == "None None"
