"""A tool turn goes through a bot manager whole, or not at all."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from reference_impl.bots import BotSessionManager
from reference_impl.store import DefaultSessionStore
from tests.agent.test_bot_turns import said
from tests.agent.test_bots import FiveMethods
from tests.subject.chat_api import fault

Message = dict[str, Any]
CALL = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}


class Tools:
    """An agent that calls a tool in each turn, and whose last call may lack its result."""

    def __init__(self, finishes: bool = True) -> None:
        self.chat_history: list[Message] = []
        self.finishes = finishes
        self.sent: list[list[Message]] = []

    def chat(self, prompt: str) -> str:
        question = {"role": "user", "content": prompt}
        self.sent.append([*self.chat_history, question])
        turns: list[Message] = [
            question,
            {"role": "assistant", "content": None, "tool_calls": [CALL]},
        ]
        if self.finishes:
            turns.append({"role": "tool", "tool_call_id": "c1", "content": "42"})
            turns.append({"role": "assistant", "content": "It is 42."})
        self.chat_history = [*self.chat_history, *turns]
        return "It is 42."


@pytest.mark.proves("whole-bot-turns")
def test_tool_turns_come_back_whole(tmp_path: Path) -> None:
    """A turn with a tool call is stored with its content of None, and sent whole the next time."""
    store, agent = DefaultSessionStore(tmp_path), Tools()
    bots = BotSessionManager(store=store)
    for prompt in ("one", "two"):
        assert asyncio.run(bots.chat(agent, "7", prompt)) == "It is 42."
    turn = [("assistant", None), ("tool", "42"), ("assistant", "It is 42.")]
    assert said(store, "bot_7") == [("user", "one"), *turn, ("user", "two"), *turn]
    assert [fault(messages) for messages in agent.sent] == [None, None]
    assert [len(messages) for messages in agent.sent] == [1, 5]


@pytest.mark.proves("whole-bot-turns")
@pytest.mark.parametrize("limit", range(8))
def test_no_limit_cuts_a_tool_turn(limit: int, tmp_path: Path) -> None:
    """Whatever `max_history` is, the agent is given no call without its result, and no orphan."""
    store, agent = DefaultSessionStore(tmp_path), Tools()
    bots = BotSessionManager(max_history=limit, store=store)
    for prompt in ("one", "two", "three"):
        asyncio.run(bots.chat(agent, "7", prompt))
    assert [fault(messages) for messages in agent.sent] == [None, None, None]


@pytest.mark.proves("whole-bot-turns")
def test_a_call_without_its_result_is_not_sent(tmp_path: Path) -> None:
    """A call whose result never came stays in the session, and no model is sent it."""
    store, agent = DefaultSessionStore(tmp_path), Tools(finishes=False)
    bots = BotSessionManager(store=store)
    for prompt in ("one", "two", "three"):
        asyncio.run(bots.chat(agent, "7", prompt))
    assert [fault(messages) for messages in agent.sent] == [None, None, None]
    assert [len(messages) for messages in agent.sent] == [1, 2, 3]
    stored = store.get_session("bot_7").messages
    assert [message.role for message in stored] == ["user", "assistant"] * 3


def test_a_store_without_tool_fields_keeps_what_was_said() -> None:
    """A store that takes no tool calls keeps question and answer, and never half of a tool turn."""
    store, agent = FiveMethods(), Tools()
    bots = BotSessionManager(store=store)
    for prompt in ("one", "two"):
        asyncio.run(bots.chat(agent, "7", prompt))
    turns = [[("user", prompt), ("assistant", "It is 42.")] for prompt in ("one", "two")]
    assert said(store, "bot_7") == turns[0] + turns[1]
    assert [fault(messages) for messages in agent.sent] == [None, None]


class LongTask(Tools):
    """An agent whose first answer takes twenty calls."""

    def chat(self, prompt: str) -> str:
        asked = len(self.sent)
        reply = super().chat(prompt)
        if not asked:
            *_, call, result, answer = self.chat_history
            self.chat_history[-1:] = [call, result] * 19 + [answer]
        return reply


@pytest.mark.parametrize("kept", ["file", "memory"])
@pytest.mark.parametrize("limit", [1, 2, 3, 6, 20])
@pytest.mark.parametrize("agent_of", [Tools, LongTask])
def test_the_past_begins_with_a_user_s_message(
    agent_of: type[Tools], limit: int, kept: str, tmp_path: Path
) -> None:
    """Whatever `max_history` cuts, a user's message comes first, and a long task keeps its own."""
    store, agent = DefaultSessionStore(tmp_path) if kept == "file" else None, agent_of()
    bots = BotSessionManager(max_history=limit, store=store)
    for prompt in ("one", "two", "three"):
        asyncio.run(bots.chat(agent, "7", prompt))
    said = [[m for m in messages if m["role"] != "system"] for messages in agent.sent]
    assert {messages[0]["role"] for messages in said} == {"user"}
    assert [fault(messages) for messages in said] == [None, None, None]
    if limit > 1:
        assert said[1][0]["content"] == "one"


def _without_ids(kind: str) -> tuple[list[Message], list[Message]]:
    """Two calls and their results, as local models give them."""
    ids: dict[str, list[Any]] = {"none": [None, None], "empty": ["", ""], "equal": ["c", "c"]}
    calls = [{"type": "function", "function": CALL["function"]} for _ in range(2)]
    results: list[Message] = [{"role": "tool", "content": str(n)} for n in range(2)]
    for call, result, identity in zip(calls, results, ids.get(kind, []), strict=False):
        call["id"] = result["tool_call_id"] = identity
    return calls, results


@pytest.mark.parametrize("kept", ["file", "memory"])
@pytest.mark.parametrize("kind", ["missing", "none", "empty", "equal"])
def test_tool_calls_without_ids_go_through(kind: str, kept: str, tmp_path: Path) -> None:
    """Where ids are missing or equal the next turn is given calls and results, each once."""
    calls, results = _without_ids(kind)

    class Local(Tools):
        def chat(self, prompt: str) -> str:
            question = {"role": "user", "content": prompt}
            self.sent.append([*self.chat_history, question])
            asked = {"role": "assistant", "content": None, "tool_calls": calls}
            answer = {"role": "assistant", "content": "done"}
            self.chat_history = [*self.chat_history, question, asked, *results, answer]
            return "done"

    store, agent = DefaultSessionStore(tmp_path) if kept == "file" else None, Local()
    bots = BotSessionManager(store=store)
    for prompt in ("one", "two", "three"):
        assert asyncio.run(bots.chat(agent, "7", prompt)) == "done"
    shape = [(m["role"], m.get("content")) for m in agent.sent[-1]]
    turn = [("assistant", None), ("tool", "0"), ("tool", "1"), ("assistant", "done")]
    assert shape == [("user", "one"), *turn, ("user", "two"), *turn, ("user", "three")]
