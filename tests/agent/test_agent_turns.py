"""Each way to ask the reference agent: what it leaves behind whole, cancelled, failed or closed."""

import asyncio
import logging
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from openai import BadRequestError

from reference_impl.agent import Agent
from reference_impl.store import DefaultSessionStore, get_default_session_store
from tests.subject.model_server import ModelServer, turns_of

Ask = Callable[[Agent, str], str]


@pytest.fixture
def store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model_server: ModelServer
) -> Iterator[DefaultSessionStore]:
    """The default store in a directory of the test's own, beside a model server."""
    monkeypatch.setenv("PRAISONAI_HOME", str(tmp_path))
    monkeypatch.setenv("OPENAI_API_KEY", "not-a-secret")
    for name, value in model_server.environment.items():
        monkeypatch.setenv(name, value)
    model_server.requests.clear()
    yield get_default_session_store()
    model_server.delay, model_server.failure = 0, None


def helper(session_id: str | None = "chat") -> Agent:
    """An agent, of a session unless it is given none."""
    return Agent(name="Helper", memory={"session_id": session_id})


def said(store: DefaultSessionStore, session_id: str = "chat") -> list[str]:
    """The contents of a session."""
    return [message["content"] for message in store.get_chat_history(session_id)]


async def until(condition: Callable[[], object]) -> None:
    """Let the loop run until something has come about."""
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.001)


def pieces(answer: str | Iterator[str]) -> str:
    """What came piece by piece."""
    assert not isinstance(answer, str)
    return "".join(answer)


ENTRIES: dict[str, Ask] = {
    "chat": lambda agent, prompt: agent.chat(prompt),
    "run": lambda agent, prompt: agent.run(prompt),
    "start": lambda agent, prompt: str(agent.start(prompt)),
    "start(stream=True)": lambda agent, prompt: pieces(agent.start(prompt, stream=True)),
    "iter_stream": lambda agent, prompt: "".join(agent.iter_stream(prompt)),
    "achat": lambda agent, prompt: asyncio.run(agent.achat(prompt)),
    "arun": lambda agent, prompt: asyncio.run(agent.arun(prompt)),
    "astart": lambda agent, prompt: asyncio.run(agent.astart(prompt)),
}


@pytest.mark.parametrize("entry", ENTRIES)
def test_every_entry_restores_and_stores(
    entry: str, store: DefaultSessionStore, model_server: ModelServer
) -> None:
    """Whichever way an agent is asked, it sends what was said before, and stores both turns."""
    ask, agent = ENTRIES[entry], helper()
    assert ask(agent, "My name is Alice.") == "Nice to meet you, Alice."
    # A living agent reads the session at each turn.
    store.add_user_message("chat", "My colour is blue.")
    assert ask(agent, "What is my colour?") == "Your colour is blue."
    assert ask(helper(), "What is my name?") == "Your name is Alice."
    first = ["My name is Alice.", "Nice to meet you, Alice.", "My colour is blue."]
    second = ["What is my colour?", "Your colour is blue."]
    third = ["What is my name?", "Your name is Alice."]
    assert said(store) == [*first, *second, *third]
    assert [text for _, text in turns_of(model_server.requests[-1])] == [*first, *second, third[0]]
    assert agent.chat_history == store.get_chat_history("chat")[:5]


@pytest.mark.parametrize("entry", ENTRIES)
def test_every_entry_leaves_the_question_of_a_failed_turn(
    entry: str, store: DefaultSessionStore, model_server: ModelServer
) -> None:
    """When the model fails the question is kept, in a session or without one, and once."""
    ask = ENTRIES[entry]
    for session_id in ("chat", None):
        agent = helper(session_id)
        model_server.failure = 400
        for _ in range(2):
            with pytest.raises(BadRequestError):
                ask(agent, "My name is Alice.")
        model_server.failure = None
        assert agent.chat_history == [{"role": "user", "content": "My name is Alice."}]
        assert ask(agent, "What is my name?") == "Your name is Alice."
    asked = ["My name is Alice.", "What is my name?"]
    assert said(store) == [*asked, "Your name is Alice."]


def test_unknown_option_is_an_error(store: DefaultSessionStore) -> None:
    """`start` takes `stream` and nothing else, and nothing is stored for what it refuses."""
    with pytest.raises(TypeError, match=r"start\(\).*nonsense"):
        helper().start("Hello", nonsense=1)  # type: ignore[call-arg]
    assert not store.session_exists("chat")


def test_cancelled_turn_leaves_the_question(
    store: DefaultSessionStore, model_server: ModelServer
) -> None:
    """A turn that is cancelled while the model is asked leaves its question, and is not stored
    twice when it is asked again."""
    agent = helper()

    async def cancel() -> None:
        model_server.delay = 30
        turn = asyncio.create_task(agent.achat("My name is Alice."))
        await until(lambda: model_server.requests)
        turn.cancel()
        with pytest.raises(asyncio.CancelledError):
            await turn
        model_server.delay = 0

    asyncio.run(cancel())
    assert said(store) == ["My name is Alice."]
    assert agent.chat("My name is Alice.") == "Nice to meet you, Alice."
    assert said(store) == ["My name is Alice.", "Nice to meet you, Alice."]


def test_turn_that_is_cancelled_in_a_write_ends_with_it(store: DefaultSessionStore) -> None:
    """A turn that is cancelled while it waits for a file returns when the file is at rest."""
    store.add_user_message("chat", "first")

    async def cancel() -> list[bool]:
        with FileLock(Path(store.session_dir) / "chat.json.lock"):
            turn = asyncio.create_task(helper().achat("second"))
            await asyncio.sleep(0.1)
            for _ in range(2):
                turn.cancel()
                await asyncio.sleep(0.05)
            is_done = turn.done()
        with pytest.raises(asyncio.CancelledError):
            await turn
        return [is_done]

    assert asyncio.run(cancel()) == [False]
    assert said(store) == ["first", "second"]


def test_failure_behind_a_cancelled_turn_is_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """What fails when nobody waits for it any more stands in the log."""
    asked, may_fail = threading.Event(), threading.Event()

    class Database:
        def on_agent_start(self, **details: Any) -> None:
            asked.set()
            assert may_fail.wait(20)
            raise OSError("the disk is gone")

        on_user_message = on_agent_message = on_agent_start

    async def cancel() -> None:
        turn = asyncio.create_task(Agent(name="Helper", memory={"db": Database()}).achat("Hello"))
        await until(asked.is_set)
        turn.cancel()
        await asyncio.sleep(0)
        may_fail.set()
        with pytest.raises(asyncio.CancelledError):
            await turn

    with caplog.at_level(logging.ERROR, "reference_impl"):
        asyncio.run(cancel())
    [record] = caplog.records
    assert record.name == "reference_impl"
    assert "the disk is gone" in caplog.text


def test_loop_goes_on_while_a_turn_waits_for_a_lock(store: DefaultSessionStore) -> None:
    """A coroutine that holds a session's lock can let it go while a turn waits for it."""
    store.add_user_message("chat", "My name is Alice.")

    async def both() -> str:
        lock = FileLock(Path(store.session_dir) / "chat.json.lock")
        with lock:
            turn = asyncio.create_task(helper().achat("What is my name?"))
            await asyncio.sleep(0.1)
            assert not turn.done()
        return await turn

    assert asyncio.run(both()) == "Your name is Alice."


def test_no_thread_waits_for_a_model(store: DefaultSessionStore, model_server: ModelServer) -> None:
    """A loop with a single worker thread asks the model for twenty agents at the same time."""

    async def crowd() -> None:
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(1))
        model_server.delay = 30
        turns = [asyncio.create_task(helper(f"chat-{n}").achat("Hello")) for n in range(20)]
        await until(lambda: len(model_server.requests) == 20)
        for turn in turns:
            turn.cancel()
        await asyncio.wait(turns)

    asyncio.run(crowd())
    assert [said(store, f"chat-{n}") for n in range(20)] == [["Hello"]] * 20


def test_turns_of_an_agent_come_one_after_the_other(store: DefaultSessionStore) -> None:
    """Turns of one agent that are asked at once are stored whole, in the order of the questions."""
    agent = helper()

    async def gather(*prompts: str) -> None:
        await asyncio.gather(*(agent.achat(prompt) for prompt in prompts))

    asyncio.run(gather("one", "two", "two"))
    assert said(store) == [
        text for prompt in ("one", "two", "two") for text in (prompt, f"You said: {prompt}")
    ]
    turns = [threading.Thread(target=asyncio.run, args=(gather("three"),)) for _ in range(3)]
    turns += [threading.Thread(target=agent.chat, args=("three",)) for _ in range(3)]
    for turn in turns:
        turn.start()
    for turn in turns:
        turn.join(20)
    assert said(store)[6:] == ["three", "You said: three"] * 6


def test_turn_cancelled_in_the_queue_leaves_nothing(
    store: DefaultSessionStore, model_server: ModelServer
) -> None:
    """A turn that is cancelled while it waits for an earlier one leaves nothing."""
    agent = helper()

    async def cancel() -> None:
        model_server.delay = 0.2
        first = asyncio.create_task(agent.achat("first"))
        await until(lambda: model_server.requests)
        second = asyncio.create_task(agent.achat("second"))
        await asyncio.sleep(0)
        second.cancel()
        await asyncio.wait([first, second])
        assert second.cancelled()

    asyncio.run(cancel())
    assert said(store) == ["first", "You said: first"]


def test_blocking_turn_does_not_stop_the_loop_that_it_waits_for(
    store: DefaultSessionStore, model_server: ModelServer
) -> None:
    """`chat` in a coroutine raises while `achat` of the same agent is under way in its loop."""
    agent = helper()

    async def both() -> str:
        model_server.delay = 0.2
        turn = asyncio.create_task(agent.achat("first"))
        await until(lambda: model_server.requests)
        with pytest.raises(RuntimeError, match=r"await agent\.achat"):
            agent.chat("second")
        return await turn

    assert asyncio.run(both()) == "You said: first"
    assert said(store) == ["first", "You said: first"]

    async def alone() -> str:
        return agent.chat("third")

    assert asyncio.run(alone()) == "You said: third"


def test_stream_that_is_closed_early_leaves_its_question(store: DefaultSessionStore) -> None:
    """A stream is stored when it has been read to its end; before, its question stands alone."""
    agent = helper()
    unread = agent.iter_stream("My name is Alice.")
    assert not store.session_exists("chat")
    assert next(unread) == "Nice"
    # It stays open, and the agent's other turns go on.
    assert agent.chat("What is my name?") == "Your name is Alice."
    assert said(store) == ["My name is Alice.", "What is my name?", "Your name is Alice."]
    unread.close()  # type: ignore[attr-defined]
    assert said(store) == ["My name is Alice.", "What is my name?", "Your name is Alice."]
    late = agent.iter_stream("Hello")
    next(late)
    agent.chat("Still there?")
    assert list(late)[-1] == " Hello"
    stored = ["Hello", "Still there?", "You said: Still there?", "You said: Hello"]
    assert said(store)[3:] == stored
    assert agent.chat_history == store.get_chat_history("chat")


def test_database_is_told_of_each_turn_in_a_thread(model_server: ModelServer) -> None:
    """With a database `achat` calls its hooks, and not in the thread of the event loop."""
    calls: list[Any] = []

    class Database:
        def on_agent_start(self, **details: Any) -> list[Any]:
            calls.append(("start", threading.current_thread() is threading.main_thread()))
            return []

        def on_user_message(self, session_id: str, content: str) -> None:
            calls.append((content, threading.current_thread() is threading.main_thread()))

        on_agent_message = on_user_message

    async def ask() -> str:
        agent = Agent(
            name="Helper",
            base_url=model_server.url,
            api_key="not-a-secret",
            memory={"db": Database(), "session_id": "chat"},
        )
        return await agent.achat("Hello")

    assert asyncio.run(ask()) == "You said: Hello"
    assert calls == [("start", False), ("Hello", False), ("You said: Hello", False)]
