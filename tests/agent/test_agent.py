"""What an agent remembers, on both targets, each program in a process of its own."""

import json

import pytest

from executable_pages.testing.processes import Worker
from executable_pages.testing.sandbox import Sandbox
from tests.subject.chat_api import fault
from tests.subject.model_server import ModelServer, turns_of
from tests.subject.targets import Target, sessions_in

NAMED = """
from praisonaiagents import Agent, MemoryConfig
agent = Agent(name="Helper", instructions="Answer briefly.", memory={memory})
print(agent.start({prompt!r}))
"""


def ask(memory: str, prompt: str) -> str:
    """A program that asks an agent one thing."""
    return NAMED.format(memory=memory, prompt=prompt)


def test_history_comes_back_in_a_new_process(
    target: Target, sandbox: Sandbox, model_server: ModelServer
) -> None:
    """A new process with the same session id sends the turns of the old one to the model."""
    model = model_server.environment
    first = ask('{"session_id": "s1"}', "My name is Alice.")
    second = ask('MemoryConfig(session_id="s1")', "What is my name?")
    assert sandbox.python(first, target, extra=model).strip() == "Nice to meet you, Alice."
    assert sandbox.python(second, target, extra=model).strip() == "Your name is Alice."
    assert turns_of(model_server.requests[-1]) == [
        ("user", "My name is Alice."),
        ("assistant", "Nice to meet you, Alice."),
        ("user", "What is my name?"),
    ]
    stored = json.loads((sessions_in(sandbox) / "s1.json").read_text("utf-8"))
    assert stored["agent_name"] == "Helper"
    assert stored["user_id"] == "praison"
    assert stored["metadata"]["model"] == stored["model"] == "gpt-4o-mini"
    assert [message["role"] for message in stored["messages"]] == ["user", "assistant"] * 2


@pytest.mark.parametrize(("window", "begins"), [("100", ["user"]), ("99", ["system", "user"])])
def test_a_hundred_entries_are_restored(
    window: str, begins: list[str], target: Target, sandbox: Sandbox, model_server: ModelServer
) -> None:
    """An agent sends at most 100 earlier entries, the summary among them where it fits."""
    program = """
from praisonaiagents import Agent
from praisonaiagents.session import get_default_session_store
for number in range(105):
    get_default_session_store().add_user_message("s", f"message {number}")
Agent(name="Helper", memory={"session_id": "s"}).chat("Hello")
"""
    extra = model_server.environment | {"PRAISONAI_SESSION_ACTIVE_WINDOW": window}
    sandbox.python(program, target, extra=extra)
    # The first of what is sent are the instructions, the last is the question.
    _, *earlier, _ = model_server.requests[-1]["messages"]
    assert len(earlier) == 100
    assert [each["role"] for each in earlier[: len(begins)]] == begins
    assert earlier[-1]["content"] == "message 104"


def test_an_agent_goes_on_from_a_checkpoint(
    target: Target, sandbox: Sandbox, model_server: ModelServer
) -> None:
    """An agent sends the summary of the checkpoint, and not the messages that it stands for."""
    program = """
from praisonaiagents import Agent
from praisonaiagents.session import get_default_session_store
store = get_default_session_store()
store.add_user_message("s", "My name is Alice.")
store.append_compaction_checkpoint("s", "They have met.")
print(Agent(name="Helper", memory={"session_id": "s"}).chat("What is my name?"))
print(len(store.get_chat_history("s")))
"""
    out = sandbox.python(program, target, extra=model_server.environment)
    assert out.splitlines() == ["I do not know your name.", "3"]
    contents = [each["content"] for each in model_server.requests[-1]["messages"]]
    assert contents[1:] == ["They have met.", "What is my name?"]


def test_without_a_session_id_nothing_is_kept(
    target: Target, sandbox: Sandbox, model_server: ModelServer
) -> None:
    """An agent without a session id remembers in its process only, and writes no session."""
    program = """
from praisonaiagents import Agent, MemoryConfig
for memory in (None, True, MemoryConfig()):
    agent = Agent(name="Helper", memory=memory)
    agent.start("My name is Alice.")
    print(agent.chat("What is my name?"), len(agent.chat_history))
    print(Agent(name="Helper", memory=memory).start("What is my name?"))
"""
    out = sandbox.python(program, target, extra=model_server.environment)
    assert out.split("\n") == ["Your name is Alice. 4", "I do not know your name."] * 3 + [""]
    assert not list(sessions_in(sandbox).glob("*"))


def test_a_database_takes_the_place_of_the_session_file(
    target: Target, sandbox: Sandbox, model_server: ModelServer
) -> None:
    """With `db` the turns go to its hooks, its history comes back, and no file is written."""
    program = """
from types import SimpleNamespace
from praisonaiagents import Agent, MemoryConfig

class Database:
    def on_agent_start(self, *, agent_name, session_id, user_id, metadata):
        print("start", agent_name, session_id if session_id == "s1" else "generated", user_id)
        return [SimpleNamespace(role="user", content="My name is Alice.")]
    def on_user_message(self, session_id, content):
        print("user", content)
    def on_agent_message(self, session_id, content):
        print("agent", content)

for memory in ({"db": Database(), "session_id": "s1"}, MemoryConfig(db=Database(), user_id="u")):
    print(Agent(name="Helper", memory=memory).start("What is my name?"))
"""
    out = sandbox.python(program, target, extra=model_server.environment)
    turn = ["user What is my name?", "agent Your name is Alice.", "Your name is Alice."]
    expected = ["start Helper s1 praison", *turn, "start Helper generated u", *turn, ""]
    assert out.split("\n") == expected
    assert not list(sessions_in(sandbox).glob("*"))


def test_wrong_arguments_are_refused(target: Target, sandbox: Sandbox) -> None:
    """A keyword or a memory key that does not exist is an error, never ignored."""
    program = """
from praisonaiagents import Agent, MemoryConfig
for attempt in (
    lambda: Agent(name="A", session_id="s1"),
    lambda: Agent(name="A", nonsense=1),
    lambda: Agent(name="A", memory={"sesion_id": "s1"}),
    lambda: Agent(name="A", memory=MemoryConfig(db="chat.db")),
    lambda: Agent(name="A", llm="one", model="two"),
    lambda: Agent(memory={"session_id": "s1"}),
):
    try:
        attempt()
    except Exception as error:
        print(type(error).__name__, error)
    else:
        print("accepted")
"""
    lines = sandbox.python(program, target).splitlines()
    assert [line.split()[0] for line in lines] == ["TypeError"] * 5 + ["ValueError"]
    words = ["session_id", "nonsense", "sesion_id", "db", "model", "name"]
    assert all(word in line for word, line in zip(words, lines, strict=True))
    if target is Target.REFERENCE:
        assert 'memory={"session_id": "..."}' in lines[0]


TALK = """
from praisonaiagents import Agent
from praisonaiagents.session import DefaultSessionStore
agent = Agent(name="Helper", memory={"session_id": "s1"})
def say(prompt):
    return agent.start(prompt)
def stored():
    return [m["content"] for m in DefaultSessionStore().get_chat_history("s1")]
"""


def test_the_question_is_stored_before_the_model_answers(
    target: Target, sandbox: Sandbox, model_server: ModelServer
) -> None:
    """When the model fails, the user's turn stands in the session and no answer does."""
    program = TALK + '\ntry:\n    say("Hello")\nexcept Exception as error:\n    pass\n'
    model_server.failure = 400
    try:
        out = sandbox.python(program + "print(stored())", target, extra=model_server.environment)
    finally:
        model_server.failure = None
    assert out.splitlines()[-1] == "['Hello']"


def test_a_failing_model_is_an_error(sandbox: Sandbox, model_server: ModelServer) -> None:
    """The reference raises what the endpoint answered."""
    model_server.failure = 400
    try:
        with pytest.raises(AssertionError, match=r"BadRequestError.*told to fail"):
            sandbox.python(TALK + 'say("Hello")', Target.REFERENCE, extra=model_server.environment)
    finally:
        model_server.failure = None


def test_a_living_agent_sees_what_others_wrote(sandbox: Sandbox, model_server: ModelServer) -> None:
    """The reference agent reads its session at every turn, so another process is heard at once."""
    model = model_server.environment
    with (
        Worker(TALK, sandbox, Target.REFERENCE, extra=model) as one,
        Worker(TALK, sandbox, Target.REFERENCE, extra=model) as two,
    ):
        assert one.call("say", "Hello") == "You said: Hello"
        assert two.call("say", "My name is Bob.") == "Nice to meet you, Bob."
        assert one.call("say", "What is my name?") == "Your name is Bob."
        for path in sessions_in(sandbox).glob("*.json"):
            path.unlink()
        assert two.call("say", "What is my name?") == "I do not know your name."
        assert two.call("stored") == ["What is my name?", "I do not know your name."]
    stored = json.loads((sessions_in(sandbox) / "s1.json").read_text("utf-8"))
    assert stored["agent_name"] == "Helper"


HALF = """
from praisonaiagents import Agent
from praisonaiagents.session import get_default_session_store
call = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
store = get_default_session_store()
store.add_user_message("s1", "one")
store.add_message("s1", "assistant", None, tool_calls=[call])
store.add_user_message("s1", "two")
store.add_message("s1", "assistant", None, tool_calls=[call | {"id": "c2"}])
store.add_message("s1", "tool", "42", tool_call_id="c2")
store.add_message("s1", "assistant", "It is 42.")
store.add_message("s1", "assistant", None, tool_calls=[call | {"id": "c3"}])
print(Agent(name="Helper", memory={"session_id": "s1"}).chat("What did I say last?"))
print([message.role for message in store.get_session("s1").messages])
"""


@pytest.mark.proves("whole-bot-turns")
def test_half_a_tool_turn_is_not_sent(sandbox: Sandbox, model_server: ModelServer) -> None:
    """An agent answers in a session with calls that nothing answered, and keeps them in it."""
    out = sandbox.python(HALF, Target.REFERENCE, extra=model_server.environment).splitlines()
    assert out[0] == 'You last said: "two"'
    sent = model_server.requests[-1]["messages"][1:]
    asked = ["user", "user", "assistant", "tool", "assistant", "user"]
    assert [message["role"] for message in sent] == asked
    assert fault(sent) is None
    before = ["user", "assistant", "user", "assistant", "tool", "assistant", "assistant"]
    assert out[1] == str([*before, "user", "assistant"])


def test_a_repeated_question_is_stored_once(sandbox: Sandbox, model_server: ModelServer) -> None:
    """A question that failed and is asked again stands in the session once, in any process."""
    failing = TALK + "\ntry:\n    say('Hello')\nexcept Exception:\n    pass\n"
    program = failing + "try:\n    say('Hello')\nexcept Exception:\n    pass\n"
    model_server.failure = 400
    try:
        sandbox.python(program, Target.REFERENCE, extra=model_server.environment)
    finally:
        model_server.failure = None
    again = TALK + "print(say('Hello'))\nprint(say('Hello'))\nprint(stored())"
    out = sandbox.python(again, Target.REFERENCE, extra=model_server.environment)
    turn = ["Hello", "You said: Hello"]
    assert out.splitlines()[-1] == str(turn + turn)


def test_a_missing_openai_package_is_named(sandbox: Sandbox) -> None:
    """Without the `openai` package the first turn of an agent says what to install."""
    program = """
import sys
sys.modules["openai"] = None
from praisonaiagents import Agent
agent = Agent(name="Helper")
try:
    agent.start("Hello")
except ImportError as error:
    print(error)
"""
    out = sandbox.python(program, Target.REFERENCE)
    assert out == "Agent needs the openai package: pip install openai\n"
