"""What the release has beyond these pages: its names, and what it answers; runs in a worker."""

import asyncio
import inspect
import logging
from typing import Any

import praisonaiagents.session as package
from praisonai_bot.bots import BotSessionManager
from praisonaiagents import Agent

OWNERS = {
    "the store": ("DefaultSessionStore", "SessionData", "SessionMessage", "CompactionCheckpoint"),
    "the bot manager": ("BotSessionManager",),
}


class _Agent:
    """An agent that needs no model."""

    def __init__(self) -> None:
        self.chat_history: list[dict[str, Any]] = []

    def chat(self, prompt: str, *args: Any, **named: Any) -> str:
        turns = [{"role": "user", "content": prompt}, {"role": "assistant", "content": "Yes."}]
        self.chat_history = [*self.chat_history, *turns]
        return "Yes."


def surface(of: str) -> list[str]:
    """The public methods and properties of the classes that a table is about."""
    first, *more = OWNERS[of]
    return _public(first) + [f"{owner}.{name}" for owner in more for name in _public(owner)]


def _public(owner: str) -> list[str]:
    made = BotSessionManager if owner == "BotSessionManager" else getattr(package, owner)
    return [
        name
        for name, each in inspect.getmembers(made)
        if not name.startswith("_") and (inspect.isroutine(each) or isinstance(each, property))
    ]


def parameters(call: str) -> list[str]:
    """The parameters of a class, or of a method of one, but for other keywords."""
    owner, _, method = call.partition(".")
    made = {"BotSessionManager": BotSessionManager, "Agent": Agent}.get(owner)
    made = made or getattr(package, owner)
    taken = inspect.signature(getattr(made, method) if method else made).parameters.values()
    return [each.name for each in taken if each.name != "self" and each.kind != each.VAR_KEYWORD]


def tried(expression: str) -> str:
    """What an expression gives over a store with two sessions, one of them a bot's."""
    logging.disable(logging.CRITICAL)
    store = package.DefaultSessionStore("sessions")
    for session_id in ("trip", "new", *(f"bot_telegram_{user}" for user in (7, 8, 9))):
        store.delete_session(session_id)
    store.set_agent_info("trip", agent_name="Guide")
    store.add_user_message("trip", "A train to Oslo?")
    store.add_assistant_message("trip", "At nine.")
    bot, other = (BotSessionManager(store=store, platform="telegram") for _ in range(2))
    agent = _Agent()
    asyncio.run(bot.chat(agent, "7", "Hello"))
    known = {"store": store, "bot": bot, "other": other, "agent": agent, "asyncio": asyncio}
    return repr(eval(expression, known))
