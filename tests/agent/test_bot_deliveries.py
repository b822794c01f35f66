"""A message that comes again is stored once, and answered with what is stored."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from reference_impl.bots import BotSessionManager
from reference_impl.deliveries import Deliveries, Delivery
from reference_impl.store import DefaultSessionStore
from tests.agent.test_bot_turns import Slow, said
from tests.agent.test_bots import Echo, FiveMethods

KEY = "bot_telegram_7"


class Asked(Echo):
    """An agent that writes down what it is asked, and fails when it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.prompts: list[str] = []
        self.given: list[list[dict[str, Any]]] = []
        self.fails = False

    def chat(self, prompt: str) -> str:
        self.prompts.append(prompt)
        self.given.append(list(self.chat_history))
        if self.fails:
            raise RuntimeError("no answer")
        return super().chat(prompt)


class KeepsIds(FiveMethods):
    """A store of five methods that keeps a message with an id once."""

    keeps_message_ids = True

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def add_message(
        self, session_id: str, role: str, content: str, metadata: dict[str, Any] | None = None
    ) -> bool:
        name = (metadata or {}).get("message_id")
        if name in self.names:
            return True
        self.names |= {name} if name else set()
        return super().add_message(session_id, role, content, metadata)


def bots_on(store: Any) -> BotSessionManager:
    """A manager for users of Telegram."""
    return BotSessionManager(store=store, platform="telegram")


def say(bots: BotSessionManager, agent: Any, prompt: str, **given: Any) -> str:
    """One message of user 7."""
    return asyncio.run(bots.chat(agent, "7", prompt, **given))


async def leave(bots: BotSessionManager, agent: Slow, prompt: str) -> None:
    """Ask, and leave before the answer is there."""
    turn = asyncio.create_task(bots.chat(agent, "7", prompt))
    await asyncio.to_thread(agent.asked.wait, 20)
    turn.cancel()
    await asyncio.wait([turn])
    agent.asked.clear()


async def stored(store: DefaultSessionStore, count: int) -> None:
    """Wait until the session has so many messages."""
    for _ in range(1000):
        if len(store.get_chat_history(KEY)) >= count:
            return
        await asyncio.sleep(0.01)
    raise AssertionError(said(store, KEY))


@pytest.mark.proves("kept-questions")
@pytest.mark.parametrize("answers", ["before", "after"])
def test_a_message_after_a_time_out_is_stored_once(answers: str, tmp_path: Path) -> None:
    """Whose caller left and who says the same is given the answer, whenever that was ready."""
    store, agent = DefaultSessionStore(tmp_path), Slow()
    bots = bots_on(store)

    async def twice() -> str:
        await leave(bots, agent, "hello")
        if answers == "before":
            agent.may_answer.set()
            await stored(store, 2)
        again = asyncio.create_task(bots.chat(agent, "7", "hello"))
        await asyncio.sleep(0)
        agent.may_answer.set()
        return await again

    assert asyncio.run(twice()) == "0 before"
    assert said(store, KEY) == [("user", "hello"), ("assistant", "0 before")]
    # The user has heard the answer now, and means it.
    assert say(bots, agent, "hello") == "2 before"
    assert len(said(store, KEY)) == 4


@pytest.mark.parametrize("meanwhile", ["cleared", "another", "said more"])
def test_what_happened_since_makes_it_a_new_message(meanwhile: str, tmp_path: Path) -> None:
    """After a clear, in another text, or behind another worker's turn, the same text is new."""
    store, agent = DefaultSessionStore(tmp_path), Slow()
    bots = bots_on(store)

    async def twice() -> str:
        await leave(bots, agent, "hello")
        agent.may_answer.set()
        await stored(store, 2)
        if meanwhile == "cleared":
            store.clear_session(KEY)
        elif meanwhile == "said more":
            store.add_user_message(KEY, "from another worker")
        return await bots.chat(agent, "7", "good-bye" if meanwhile == "another" else "hello")

    expected = {
        "cleared": ("0 before", 2),
        "another": ("2 before", 4),
        "said more": ("3 before", 5),
    }
    assert (asyncio.run(twice()), len(said(store, KEY))) == expected[meanwhile]


def test_a_user_may_say_the_same_twice(tmp_path: Path) -> None:
    """Two equal messages without ids, one after the other or at once, are two turns."""
    store, agent = DefaultSessionStore(tmp_path), Asked()
    bots = bots_on(store)

    async def at_once() -> list[str]:
        return list(await asyncio.gather(*(bots.chat(agent, "7", "yes") for _ in range(3))))

    assert say(bots, agent, "yes") == "0 before"
    assert asyncio.run(at_once()) == ["2 before", "4 before", "6 before"]


@pytest.mark.proves("kept-questions")
def test_a_message_with_an_id_is_stored_once(tmp_path: Path) -> None:
    """Sent again later, to another worker, it is answered from the session, and nobody is asked."""
    store, agent = DefaultSessionStore(tmp_path), Asked()
    assert say(bots_on(store), agent, "yes", message_id="41") == "0 before"
    assert say(bots_on(store), agent, "yes", message_id="42") == "2 before"
    for again in ("41", 41):
        assert say(bots_on(store), agent, "yes", message_id=again) == "0 before"
    assert agent.prompts == ["yes", "yes"]
    names = [message.metadata.get("message_id") for message in store.get_session(KEY).messages]
    assert names == ["41", "41/answer", "42", "42/answer"]


def test_an_id_is_known_from_the_archive(tmp_path: Path) -> None:
    """A message that left the window is known again by its id."""
    store, agent = DefaultSessionStore(tmp_path, active_window=2), Asked()
    for number in range(3):
        say(bots_on(store), agent, f"message {number}", message_id=number)
    assert say(bots_on(store), agent, "message 0", message_id=0) == "0 before"
    assert len(agent.prompts) == 3


@pytest.mark.proves("kept-questions")
def test_an_unanswered_message_is_answered_when_it_comes_again(tmp_path: Path) -> None:
    """Behind other turns too: the agent is asked, and the question is not stored again."""
    store, agent = DefaultSessionStore(tmp_path), Asked()
    agent.fails = True
    with pytest.raises(RuntimeError):
        say(bots_on(store), agent, "one", message_id="1")
    agent.fails = False
    say(bots_on(store), agent, "two", message_id="2")
    say(bots_on(store), agent, "one", message_id="1")
    assert [message["content"] for message in agent.given[-1]] == ["two", "1 before"]
    texts = [text for role, text in said(store, KEY) if role == "user"]
    assert texts == ["one", "two"]


def test_an_edited_message_is_a_message(tmp_path: Path) -> None:
    """An old id with another text is stored, once, since the user said it."""
    store, agent = DefaultSessionStore(tmp_path), Asked()
    for prompt in ("Oslo", "Rome", "Rome", "Oslo"):
        say(bots_on(store), agent, prompt, message_id="1")
    assert agent.prompts == ["Oslo", "Rome"]
    assert [text for role, text in said(store, KEY) if role == "user"] == ["Oslo", "Rome"]


@pytest.mark.parametrize("kind", [type(None), KeepsIds])
def test_other_stores_keep_it_once_too(kind: type) -> None:
    """In memory alone, and in a store that keeps ids, nothing is doubled; a model sees no id."""
    store, agent = kind(), Asked()
    bots = bots_on(store)
    for prompt, number in (("one", 1), ("one", 1), ("two", 2)):
        say(bots, agent, prompt, message_id=number)
    assert [message["content"] for message in agent.given[-1]] == ["one", "0 before"]
    assert all("metadata" not in message for message in agent.given[-1])


def test_a_message_id_is_a_name_or_a_number() -> None:
    """Anything else is refused before anything is stored."""
    store = FiveMethods()
    for wrong in (True, 1.5, ["1"]):
        with pytest.raises(TypeError, match="message id"):
            say(bots_on(store), Echo(), "x", message_id=wrong)
    assert store.calls == []


def test_an_answer_that_is_on_its_way_is_no_reason() -> None:
    """As long as the first caller has not left, the same text is another message."""
    deliveries, first, second = Deliveries(), Delivery("yes"), Delivery("yes")
    past = [{"role": "user", "content": "yes"}, {"role": "assistant", "content": "done"}]
    for left, expected in ((False, None), (True, "done")):
        deliveries.answered(KEY, first, "done")
        if left:
            first.left.set()
        assert deliveries.reply_to(KEY, second, past) == expected
