"""What a turn of a bot leaves behind: whole, failed, cancelled, interrupted, in many loops."""

import asyncio
import json
import logging
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from executable_pages.testing.sandbox import Sandbox
from reference_impl.bots import BotSessionManager
from reference_impl.store import DefaultSessionStore
from tests.agent.test_bots import Echo, FiveMethods
from tests.subject.model_server import ModelServer
from tests.subject.targets import Target


class Slow(Echo):
    """An agent that answers when it is told to, and may fail."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = threading.Event()
        self.may_answer = threading.Event()
        self.fails = False

    def chat(self, prompt: str) -> str:
        self.asked.set()
        assert self.may_answer.wait(20)
        if self.fails:
            raise RuntimeError("no answer")
        return super().chat(prompt)


def said(store: Any, session_id: str) -> list[tuple[str, Any]]:
    """The roles and contents of a session."""
    return [(each["role"], each["content"]) for each in store.get_chat_history(session_id)]


@pytest.fixture(params=["files", "five methods"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    """The default store, and one with the protocol's methods alone."""
    return DefaultSessionStore(tmp_path) if request.param == "files" else FiveMethods()


@pytest.mark.proves("kept-questions")
def test_a_failed_turn_keeps_the_question_once(store: Any) -> None:
    """When the model fails the question is kept, and asked again it is not stored twice."""
    agent = Slow()
    agent.fails = True
    agent.may_answer.set()
    bots = BotSessionManager(store=store)
    for _ in range(2):
        with pytest.raises(RuntimeError, match="no answer"):
            asyncio.run(bots.chat(agent, "7", "hello"))
        assert said(store, "bot_7") == [("user", "hello")]
    assert agent.chat_history == [{"role": "user", "content": "its own"}]
    agent.fails = False
    assert asyncio.run(bots.chat(agent, "7", "hello")) == "0 before"
    assert asyncio.run(bots.chat(agent, "7", "hello")) == "2 before"
    turn = [("user", "hello"), ("assistant", "0 before")]
    assert said(store, "bot_7") == [*turn, ("user", "hello"), ("assistant", "2 before")]


def test_another_question_after_a_failed_turn_is_its_own(store: Any) -> None:
    """A different message after a failed turn comes after the first, and the model sees both."""
    agent = Slow()
    agent.fails = True
    agent.may_answer.set()
    bots = BotSessionManager(store=store)
    with pytest.raises(RuntimeError):
        asyncio.run(bots.chat(agent, "7", "one"))
    agent.fails = False
    assert asyncio.run(bots.chat(agent, "7", "two")) == "1 before"
    assert said(store, "bot_7") == [("user", "one"), ("user", "two"), ("assistant", "1 before")]


@pytest.mark.proves("kept-questions")
def test_a_cancelled_turn_is_carried_to_its_end(store: Any) -> None:
    """Cancelled while the model answers, a caller is free at once, and question and answer stay."""
    agent, bots = Slow(), BotSessionManager(store=store)

    async def cancel() -> float:
        turn = asyncio.create_task(bots.chat(agent, "7", "hello"))
        await asyncio.to_thread(agent.asked.wait, 20)
        assert said(store, "bot_7") == [("user", "hello")]
        started = time.monotonic()
        turn.cancel()
        with pytest.raises(asyncio.CancelledError):
            await turn
        agent.may_answer.set()
        assert await bots.chat(agent, "7", "and now?") == "2 before"
        return time.monotonic() - started

    assert asyncio.run(cancel()) < 10
    answered = [("user", "hello"), ("assistant", "0 before")]
    assert said(store, "bot_7") == [*answered, ("user", "and now?"), ("assistant", "2 before")]


def test_a_time_limit_is_kept() -> None:
    """`asyncio.wait_for` ends at its limit, however long the model takes."""
    agent, bots = Slow(), BotSessionManager()

    async def limited() -> bool:
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(bots.chat(agent, "7", "hello"), 0.05)
        answering = not agent.may_answer.is_set()
        agent.may_answer.set()
        return answering

    assert asyncio.run(limited())


def test_a_cancelled_turn_keeps_the_agent_until_it_has_ended() -> None:
    """No other user's turn begins before a cancelled one has ended, so none sees its history."""
    store, agent = FiveMethods(), Echo(seconds=0.3)
    store.sessions["bot_1"] = [{"role": "user", "content": "secret"}]
    manager = BotSessionManager(store=store)

    async def cancel_one() -> str:
        first = asyncio.create_task(manager.chat(agent, "1", "x"))
        await asyncio.sleep(0.15)
        second = asyncio.create_task(manager.chat(agent, "2", "x"))
        first.cancel()
        await asyncio.sleep(0)
        first.cancel()
        answer = await second
        assert first.cancelled()
        return answer

    assert asyncio.run(cancel_one()) == "0 before"
    assert agent.at_once == 1
    assert said(store, "bot_2") == [("user", "x"), ("assistant", "0 before")]


def test_a_turn_cancelled_in_the_queue_leaves_nothing(store: Any) -> None:
    """A turn that is cancelled while it waits for an earlier one is not stored or performed."""
    agent, bots = Slow(), BotSessionManager(store=store)

    async def cancel_second() -> None:
        first = asyncio.create_task(bots.chat(agent, "7", "first"))
        await asyncio.to_thread(agent.asked.wait, 20)
        for user in ("7", "8"):
            waiting = asyncio.create_task(bots.chat(agent, user, "never"))
            await asyncio.sleep(0.01)
            waiting.cancel()
            await asyncio.wait([waiting])
        agent.may_answer.set()
        await first
        await bots.chat(agent, "8", "last")

    asyncio.run(cancel_second())
    assert said(store, "bot_7") == [("user", "first"), ("assistant", "0 before")]
    assert said(store, "bot_8") == [("user", "last"), ("assistant", "0 before")]


def test_a_turn_cancelled_before_a_thread_is_free_leaves_nothing() -> None:
    """A turn that no thread has begun is given up, and its user can go on."""
    store, agent = FiveMethods(), Echo()
    bots = BotSessionManager(store=store)

    async def crowded() -> str:
        from concurrent.futures import ThreadPoolExecutor

        busy = threading.Event()
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(1))
        blocker = asyncio.create_task(asyncio.to_thread(busy.wait, 20))
        await asyncio.sleep(0)
        turn = asyncio.create_task(bots.chat(agent, "7", "never"))
        await asyncio.sleep(0.01)
        turn.cancel()
        await asyncio.wait([turn])
        busy.set()
        await blocker
        return await asyncio.wait_for(bots.chat(agent, "7", "last"), 20)

    assert asyncio.run(crowded()) == "0 before"
    assert said(store, "bot_7") == [("user", "last"), ("assistant", "0 before")]


def test_a_failure_that_nobody_waits_for_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """When a turn fails after its caller was cancelled, the log has the error."""
    agent, bots = Slow(), BotSessionManager()
    agent.fails = True

    async def cancel() -> None:
        turn = asyncio.create_task(bots.chat(agent, "7", "hello"))
        await asyncio.to_thread(agent.asked.wait, 20)
        turn.cancel()
        await asyncio.wait([turn])
        agent.may_answer.set()

    with caplog.at_level(logging.ERROR, "reference_impl"):
        asyncio.run(cancel())
    assert "no answer" in caplog.text


@pytest.mark.proves("many-loops")
@pytest.mark.parametrize("users", [40, 4])
def test_requests_with_loops_of_their_own_share_one_manager(users: int, tmp_path: Path) -> None:
    """Forty threads, each with `asyncio.run`, are all answered by one manager, and no users mix."""
    store = DefaultSessionStore(tmp_path)
    bots, agent, replies = BotSessionManager(store=store), Echo(seconds=0.002), {}

    def request(number: int) -> None:
        turn = bots.chat(agent, str(number % users), f"{number % users}: {number}")
        replies[number] = asyncio.run(asyncio.wait_for(turn, 60))

    threads = [
        threading.Thread(target=request, args=(number,), daemon=True) for number in range(40)
    ]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + 60
    for thread in threads:
        thread.join(max(0, deadline - time.monotonic()))
    before = range(0, 2 * 40 // users, 2)
    assert sorted(replies.values()) == sorted(users * [f"{count} before" for count in before])
    assert agent.at_once == 1
    for user in range(users):
        questions = [text for role, text in said(store, f"bot_{user}") if role == "user"]
        assert len(questions) == 40 // users
        assert all(text.startswith(f"{user}: ") for text in questions)


# A shell's `&` and `nohup` let what they start, and its children, ignore an interrupt.
INTERRUPTED = """
import asyncio, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
from praisonai_bot.bots import BotSessionManager
from praisonaiagents import Agent
from praisonaiagents.session import DefaultSessionStore

bots = BotSessionManager(store=DefaultSessionStore("sessions"), platform="telegram")
agent = Agent(name="Assistant")
print("ready", flush=True)
asyncio.run(bots.chat(agent, "7", sys.argv[1]))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no process is interrupted alone on Windows")
def test_an_interrupt_loses_no_question(sandbox: Sandbox) -> None:
    """A process that is interrupted while the model answers stores the turn before it ends."""
    with ModelServer() as model:
        model.delay = 0.5
        process = subprocess.Popen(
            [sys.executable, "-c", INTERRUPTED, "Hello"],
            cwd=sandbox.work,
            env=sandbox.environment(Target.REFERENCE, extra=model.environment),
            stderr=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        with process:
            while not model.requests:
                time.sleep(0.01)
                assert process.poll() is None
            process.send_signal(signal.SIGINT)
            _, printed = process.communicate(timeout=30)
    assert "KeyboardInterrupt" in printed
    stored = json.loads((sandbox.work / "sessions" / "bot_telegram_7.json").read_text("utf-8"))
    contents = [message["content"] for message in stored["messages"]]
    assert contents == ["Hello", "You said: Hello"]


def test_a_prompt_that_is_none_changes_nothing(store: Any) -> None:
    """A prompt that is neither text nor parts is refused by its name, before the store is read."""
    bots = BotSessionManager(store=store, platform="telegram")
    asked: Any
    for asked in (None, 5, ("a", "b"), {"text": "a"}):
        with pytest.raises(TypeError, match="prompt is a string or a list of parts"):
            asyncio.run(bots.chat(Echo(), "7", asked))
    assert not store.session_exists("bot_telegram_7")
