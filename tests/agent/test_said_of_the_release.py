"""What pages say in a sentence of how the release works, and no block shows."""

import json
import re
from importlib.metadata import metadata

import pytest

from executable_pages.testing.sandbox import Sandbox
from tests.subject.model_server import ModelServer
from tests.subject.targets import ROOT, Target, require

PROGRAM = """
import asyncio, json, os, pathlib, warnings
from filelock import FileLock
from praisonai_bot.bots import BotSessionManager
from praisonaiagents import Agent, paths
from praisonaiagents.session import DefaultSessionStore, get_default_session_store


class FiveMethods:
    methods = "add_message get_chat_history clear_session delete_session session_exists".split()

    def __init__(self):
        self.store, self.calls = DefaultSessionStore(type(self).__name__), []

    def __getattr__(self, name):
        if name not in self.methods:
            raise AttributeError(name)
        self.calls.append(name)
        return getattr(self.store, name)


class Replacing(FiveMethods):
    methods = [*FiveMethods.methods, "set_chat_history"]


def asked(store):
    agent = Agent(name="Bot", instructions="Be brief.")
    manager = BotSessionManager(store=store, platform="telegram")
    return asyncio.run(manager.chat(agent, "7", "My name is Alice."))

"""
USED = """
stores = [FiveMethods(), Replacing()]
for store in stores:
    asked(store)
used = [list(store.calls) for store in stores]
manager = BotSessionManager(store=stores[1], platform="telegram")
manager.record_passive("7", "I live in Oslo.")
manager.reset("7")
print(json.dumps([*used, stores[1].calls]))
"""
LOCKED = """
def texts(store, session):
    return [message["content"] for message in store.get_chat_history(session)]


def held(store, session, ask):
    store.lock_timeout = 0.1
    store.add_user_message(session, "first")
    with FileLock(f"{store.session_dir}/{session}.json.lock"):
        return ask()


bots, agents = DefaultSessionStore("bots"), get_default_session_store()
agent, other = (
    Agent(name="Helper", instructions="Be brief.", memory={"session_id": name, "user_id": "7"})
    for name in "ab"
)
replies = [
    held(bots, "bot_telegram_7", lambda: asked(bots)),
    held(agents, "a", lambda: agent.chat("My name is Alice.")),
]
agent.chat("I live in Oslo.")
other.chat("I live in Rome.")
stored = [texts(bots, "bot_telegram_7"), texts(agents, "a"), texts(agents, "b")]
print(json.dumps([replies, stored]))
"""
HOMES = """
del os.environ["PRAISONAI_HOME"]
os.environ["XDG_DATA_HOME"] = str(pathlib.Path("data").resolve())
for made in (".praison", "", ".praisonai"):
    home = pathlib.Path("home" + made).resolve()
    (home / made).mkdir(parents=True)
    os.environ["HOME"] = os.environ["USERPROFILE"] = str(home)
    paths._data_dir_cache = None
    warnings.simplefilter("ignore")
    print(DefaultSessionStore().session_dir)
"""


@pytest.fixture
def release() -> Target:
    """The published packages."""
    return require(Target.RELEASE)


def test_release_at_work(release: Target, sandbox: Sandbox, model_server: ModelServer) -> None:
    """Its bots replace a history or clear it and add to it; a held lock costs turns, not answers.

    Its directory is where `PRAISONAI_HOME`, an old installation or `XDG_DATA_HOME` say.
    """
    program = PROGRAM + USED + LOCKED + HOMES
    out = sandbox.python(program, release, extra=model_server.environment)
    *_, used, locked, old, data, own = out.splitlines()
    without, replacing, beside = json.loads(used)
    assert without == ["get_chat_history", "clear_session", "add_message", "add_message"]
    # Whoever looks whether a store has it asks for it too.
    assert set(replacing) == {"get_chat_history", "set_chat_history"}
    assert set(beside) == {"get_chat_history", "set_chat_history", "clear_session"}
    replies, (bot, agent, other) = json.loads(locked)
    assert replies == ["Nice to meet you, Alice."] * 2
    assert (bot, agent) == (["first"], ["first"])
    assert other[0] == "I live in Rome."
    work = sandbox.work
    assert old == str(work / "home.praison" / ".praison" / "sessions")
    assert data == str(work / "data" / "praisonai" / "sessions")
    assert own == str(work / "home.praisonai" / ".praisonai" / "sessions")


def test_python_that_the_start_asks_for_is_the_one_that_the_release_needs(release: Target) -> None:
    """The page for beginners names the oldest Python on which the release can be installed."""
    page = (ROOT / "docs" / "start" / "first-agent.md").read_text("utf-8")
    [oldest] = re.findall(r"You need Python (3\.\d+) or newer", page)
    assert metadata("praisonaiagents")["Requires-Python"] == f">={oldest}"
