"""The bot manager believes its store, keeps users apart, and never blocks the event loop."""

import asyncio
import threading
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from executable_pages.testing.processes import Worker
from executable_pages.testing.sandbox import Sandbox
from reference_impl.agent import Agent
from reference_impl.bots import BotSessionManager
from reference_impl.store import DefaultSessionStore
from tests.subject.model_server import ModelServer
from tests.subject.targets import Target, sessions_in

Message = dict[str, Any]


class Echo:
    """An agent that answers with the number of messages it was given, and takes its time."""

    def __init__(self, seconds: float = 0) -> None:
        self.chat_history: list[Message] = [{"role": "user", "content": "its own"}]
        self.seconds = seconds
        self.running = 0
        self.at_once = 0

    def chat(self, prompt: str) -> str:
        self.running += 1
        self.at_once = max(self.at_once, self.running)
        time.sleep(self.seconds)
        reply = f"{len(self.chat_history)} before"
        self.chat_history.append({"role": "user", "content": prompt})
        self.chat_history.append({"role": "assistant", "content": reply})
        self.running -= 1
        return reply


class FiveMethods:
    """A store with the protocol's methods alone, which writes down every call."""

    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []
        self.sessions: dict[str, list[Message]] = {}
        self.threads: set[int] = set()
        self.saves = True

    def _called(self, *call: Any) -> None:
        self.calls.append(call)
        self.threads.add(threading.get_ident())

    def add_message(
        self, session_id: str, role: str, content: str, metadata: Message | None = None
    ) -> bool:
        self._called("add_message", session_id, role, content)
        self.sessions.setdefault(session_id, []).append({"role": role, "content": content})
        return self.saves

    def get_chat_history(self, session_id: str, max_messages: int | None = None) -> list[Message]:
        self._called("get_chat_history", session_id)
        return list(self.sessions.get(session_id, []))

    def clear_session(self, session_id: str) -> bool:
        self._called("clear_session", session_id)
        self.sessions[session_id] = []
        return True

    def delete_session(self, session_id: str) -> bool:
        self._called("delete_session", session_id)
        return self.sessions.pop(session_id, None) is not None

    def session_exists(self, session_id: str) -> bool:
        self._called("session_exists", session_id)
        return session_id in self.sessions


def test_every_call_to_the_store_is_known() -> None:
    """A turn is one `get_chat_history` and two `add_message`, and no other call."""
    store = FiveMethods()
    manager = BotSessionManager(store=store, platform="telegram")

    async def two_turns() -> list[str]:
        agent = Echo()
        return [await manager.chat(agent, "7", "one"), await manager.chat(agent, "7", "two")]

    assert asyncio.run(two_turns()) == ["0 before", "2 before"]
    key = "bot_telegram_7"
    assert store.calls == [
        ("get_chat_history", key),
        ("add_message", key, "user", "one"),
        ("add_message", key, "assistant", "0 before"),
        ("get_chat_history", key),
        ("add_message", key, "user", "two"),
        ("add_message", key, "assistant", "2 before"),
    ]


def test_a_store_that_can_replace_is_still_appended_to(sandbox: Sandbox) -> None:
    """The default store's `set_chat_history` is not used: it would drop another worker's turn."""
    used: list[str] = []

    class Recording(DefaultSessionStore):
        def add_message(self, *args: Any, **kwargs: Any) -> bool:
            used.append("add_message")
            # Another worker writes between this worker's read and its save.
            if len(used) == 1:
                DefaultSessionStore(str(sessions_in(sandbox))).add_message("bot_7", "user", "late")
            return super().add_message(*args, **kwargs)

        def set_chat_history(self, *args: Any, **kwargs: Any) -> bool:
            used.append("set_chat_history")
            return super().set_chat_history(*args, **kwargs)

    store = Recording(str(sessions_in(sandbox)))
    asyncio.run(BotSessionManager(store=store).chat(Echo(), "7", "one"))
    assert used == ["add_message", "add_message"]
    contents = [message["content"] for message in store.get_chat_history("bot_7")]
    assert contents == ["late", "one", "0 before"]


def test_sessions_are_keyed_by_platform_and_user() -> None:
    """The session id is `bot_{platform}_{user_id}`, and `bot_{user_id}` without a platform."""
    store = FiveMethods()
    asyncio.run(BotSessionManager(store=store, platform="slack").chat(Echo(), "U1", "x"))
    asyncio.run(BotSessionManager(store=store).chat(Echo(), "U1", "x"))
    assert list(store.sessions) == ["bot_slack_U1", "bot_U1"]


BOT = """
import asyncio
from praisonaiagents import Agent
from praisonaiagents.session import DefaultSessionStore
from praisonai_bot.bots import BotSessionManager
store = DefaultSessionStore()
manager = BotSessionManager(store=store, platform="telegram")
agent = Agent(name="Bot")
def say(user, prompt):
    return asyncio.run(manager.chat(agent, user, prompt))
def contents(user):
    return [m["content"] for m in store.get_chat_history(manager._session_key(user))]
"""


def test_each_user_has_a_conversation_that_survives_a_restart(
    target: Target, sandbox: Sandbox, model_server: ModelServer
) -> None:
    """A new bot process knows each user's name, and never another user's."""
    model = model_server.environment
    with Worker(BOT, sandbox, target, extra=model) as bot:
        assert bot.call("say", "1", "My name is Alice.") == "Nice to meet you, Alice."
        assert bot.call("say", "2", "What is my name?") == "I do not know your name."
    with Worker(BOT, sandbox, target, extra=model) as bot:
        assert bot.call("say", "1", "What is my name?") == "Your name is Alice."
        assert bot.call("say", "2", "What is my name?") == "I do not know your name."
        assert bot.call("contents", "1")[0] == "My name is Alice."
    assert (sessions_in(sandbox) / "bot_telegram_1.json").exists()


@pytest.mark.parametrize("how", ["clear_session", "delete_session"])
def test_a_conversation_cleared_elsewhere_is_gone(
    how: str, sandbox: Sandbox, model_server: ModelServer
) -> None:
    """When another process clears or deletes a session, the running bot forgets it at once."""
    program = f"""
from praisonaiagents.session import DefaultSessionStore
def forget():
    return DefaultSessionStore().{how}("bot_telegram_1")
"""
    with (
        Worker(BOT, sandbox, Target.REFERENCE, extra=model_server.environment) as bot,
        Worker(program, sandbox, Target.REFERENCE) as other,
    ):
        bot.call("say", "1", "My name is Alice.")
        assert other.call("forget") is True
        assert bot.call("say", "1", "What is my name?") == "I do not know your name."


def test_an_empty_history_is_believed_after_several_turns(tmp_path: Path) -> None:
    """A history that the manager has loaded does not come back when the store has none any more."""
    bots = BotSessionManager(store=DefaultSessionStore(tmp_path))
    replies = [asyncio.run(bots.chat(Echo(), "7", "hello")) for _ in range(2)]
    assert replies == ["0 before", "2 before"]
    assert DefaultSessionStore(tmp_path).clear_session("bot_7") is True
    assert asyncio.run(bots.chat(Echo(), "7", "hello")) == "0 before"


def test_two_workers_of_one_user_lose_nothing(sandbox: Sandbox, model_server: ModelServer) -> None:
    """Two bot processes that answer the same user at once keep every turn of both."""
    model = model_server.environment
    with (
        Worker(BOT, sandbox, Target.REFERENCE, extra=model) as one,
        Worker(BOT, sandbox, Target.REFERENCE, extra=model) as two,
    ):
        for number in range(8):
            one.ask("say", "1", f"one {number}")
            two.ask("say", "1", f"two {number}")
        for _ in range(8):
            one.answer()
            two.answer()
        contents = one.call("contents", "1")
    for name in ("one", "two"):
        expected = [f"{name} {number}" for number in range(8)]
        assert [text for text in contents if text in expected] == expected
    assert len(contents) == 32


class Broken(FiveMethods):
    """A store whose reads fail from some moment on."""

    fails = False

    def get_chat_history(self, session_id: str, max_messages: int | None = None) -> list[Message]:
        if self.fails:
            raise OSError("disk gone")
        return super().get_chat_history(session_id, max_messages)


def test_a_store_that_cannot_be_read_is_an_error() -> None:
    """A read that fails is raised before the agent is asked; no older copy is used."""
    store, agent = Broken(), Echo()
    manager = BotSessionManager(store=store)
    asyncio.run(manager.chat(agent, "7", "one"))
    store.fails = True
    with pytest.raises(OSError, match="disk gone"):
        asyncio.run(manager.chat(agent, "7", "two"))
    assert [message["content"] for message in store.sessions["bot_7"]] == ["one", "0 before"]


def test_a_store_that_does_not_save_is_an_error() -> None:
    """A write answered with False is raised as `OSError`, which names the session."""
    store = FiveMethods()
    store.saves = False
    with pytest.raises(OSError, match="'bot_7'"):
        asyncio.run(BotSessionManager(store=store).chat(Echo(), "7", "one"))


def test_an_agent_with_its_own_session_is_refused() -> None:
    """An agent that stores turns itself would mix the users, so the manager does not take it."""
    agent = Agent(name="Bot", memory={"session_id": "shared"})
    with pytest.raises(ValueError, match="session of its own"):
        asyncio.run(BotSessionManager().chat(agent, "7", "Hello"))
    database = SimpleNamespace(on_agent_start=print, on_user_message=print, on_agent_message=print)
    with pytest.raises(ValueError, match="session of its own"):
        asyncio.run(BotSessionManager().chat(Agent(memory={"db": database}, name="B"), "7", "Hi"))


def test_the_event_loop_goes_on() -> None:
    """While the store or the model works, the event loop goes on in another thread."""
    loop_went_on, worked, blocked = threading.Event(), list[str](), list[str]()

    def work(name: str) -> None:
        worked.append(name)
        loop_went_on.clear()
        if not loop_went_on.wait(5):
            blocked.append(name)

    class SlowStore(FiveMethods):
        def _called(self, *call: Any) -> None:
            super()._called(*call)
            work(call[0])

    class SlowModel(Echo):
        def chat(self, prompt: str) -> str:
            work("model")
            return super().chat(prompt)

    store = SlowStore()

    async def turn() -> None:
        answer = asyncio.create_task(BotSessionManager(store=store).chat(SlowModel(), "7", "one"))
        while not answer.done():
            await asyncio.sleep(0.005)
            loop_went_on.set()
        await answer

    asyncio.run(turn())
    assert worked == ["get_chat_history", "add_message", "model", "add_message"]
    assert blocked == []
    assert threading.get_ident() not in store.threads


def test_turns_of_one_user_and_of_one_agent_take_their_turn() -> None:
    """Two messages of a user are answered in order; two managers never use one agent at once."""
    store, agent = FiveMethods(), Echo(seconds=0.02)
    managers = [BotSessionManager(store=store, platform=name) for name in ("a", "b")]

    async def crowd() -> list[str]:
        turns = [m.chat(agent, user, "x") for m in managers for user in ("1", "1", "2")]
        return list(await asyncio.gather(*turns))

    assert sorted(asyncio.run(crowd())) == ["0 before"] * 4 + ["2 before"] * 2
    assert agent.at_once == 1


def test_max_history_limits_what_the_agent_is_given() -> None:
    """The agent gets the newest messages and a leading summary; the store keeps all."""
    store, given = FiveMethods(), []

    class Agent(Echo):
        def chat(self, prompt: str) -> str:
            given.append([message["content"] for message in self.chat_history])
            return super().chat(prompt)

    turns = [{"role": "user", "content": str(n)} for n in range(10)]
    for limit in (4, 0):
        store.sessions["bot_7"] = [{"role": "system", "content": "summary"}, *turns]
        manager = BotSessionManager(max_history=limit, store=store)
        asyncio.run(manager.chat(Agent(), "7", "x"))
        assert len(store.sessions["bot_7"]) == 13
    assert given[0] == ["summary", "6", "7", "8", "9"]
    assert len(given[1]) == 11


def test_reset_clears_one_user() -> None:
    """`reset` says whether there was a conversation, and makes no session where there was none."""
    store = FiveMethods()
    for manager in (BotSessionManager(store=store), BotSessionManager()):
        asyncio.run(manager.chat(Echo(), "1", "x"))
        asyncio.run(manager.chat(Echo(), "2", "x"))
        assert [manager.reset(user) for user in ("1", "1", "3")] == [True, False, False]
        assert asyncio.run(manager.chat(Echo(), "1", "x")) == "0 before"
        assert asyncio.run(manager.chat(Echo(), "2", "x")) == "2 before"
        assert manager.reset("1")
    assert list(store.sessions) == ["bot_1", "bot_2"]


def test_without_a_store_the_process_remembers() -> None:
    """A manager without a store keeps the newest messages in memory."""
    manager, agent = BotSessionManager(max_history=4), Echo()
    said = [asyncio.run(manager.chat(agent, "1", str(number))) for number in range(4)]
    assert said == ["0 before", "2 before", "4 before", "4 before"]
