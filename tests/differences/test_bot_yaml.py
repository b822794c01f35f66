"""What `bot.yaml` and `Bot` of the release do, in an environment with the package that they need.

`praisonai-code` brings litellm, whose versions do not go with those of this project: it has an
environment of its own, which `make bots` installs.
"""

import os
import subprocess
from pathlib import Path

import pytest

from executable_pages.testing.sandbox import Sandbox
from tests.subject.model_server import ModelServer
from tests.subject.targets import ROOT, Target, require, sessions_in
from tests.subject.telegram import Telegram

PYTHON = ROOT / ".venv" / "bots" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
SETTINGS = "{max_history: 2, timestamps: true, session_scope: per_chat, reset: {mode: idle}}"
CONFIGURED = """
import sys
from pathlib import Path
from praisonai_bot.cli.features import bots_cli

Path("bot.yaml").write_text('''
agent: {name: A, instructions: Be brief.}
channels:
  telegram:
    token: "1:x"
    session: %s
''' % sys.argv[1])
started = []
bots_cli._run_bot = started.append
bots_cli.BotHandler().start_from_config("bot.yaml")
found = started[0]._session
print(found._max_history, found._timestamps, found._session_scope, found._reset_policy.mode)
"""
BOT = """
import asyncio, os, sys
from praisonai_bot.bots import Bot
from praisonaiagents import Agent
from praisonaiagents.bots import BotConfig
from telegram.ext import ApplicationBuilder

_with = ApplicationBuilder.token
ApplicationBuilder.token = lambda self, text: _with(self, text).base_url(sys.argv[1])
config = BotConfig(token="1:x", streaming=True, unknown_user_policy="allow")
agent = Agent(name="Assistant", instructions="Be brief.")
asyncio.run(Bot("telegram", agent=agent, token="1:x", config=config).start())
"""


@pytest.fixture
def python() -> Path:
    """An interpreter that has praisonai-code."""
    if not PYTHON.exists():
        reason = "praisonai-code has an environment of its own: `make bots` installs it"
        if os.environ.get("CI") == "true":
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)
    return PYTHON


def configured(python: Path, sandbox: Sandbox, settings: str) -> subprocess.CompletedProcess[str]:
    """Start a bot from a `bot.yaml` with a `session:` block, and print what it goes by."""
    return sandbox.run([str(python), "-W", "ignore", "-c", CONFIGURED, settings], Target.RELEASE)


def test_session_block_of_bot_yaml_is_checked_and_dropped(python: Path, sandbox: Sandbox) -> None:
    """A wrong value is refused with its place; right ones change nothing of the bot's session."""
    wrong = configured(python, sandbox, "{max_history: many}")
    assert "channels.telegram.session.max_history" in wrong.stdout + wrong.stderr
    done = configured(python, sandbox, SETTINGS)
    assert done.stdout.splitlines()[-1] == "100 False per_user none", done.stderr


def test_bot_stores_in_the_session_of_its_platform(
    python: Path, sandbox: Sandbox, model_server: ModelServer
) -> None:
    """`Bot("telegram")` answers, and the conversation is in `bot_telegram_7`."""
    environment = sandbox.environment(Target.RELEASE, extra=model_server.environment)
    with Telegram() as telegram:
        command = [str(python), "-W", "ignore", "-c", BOT, telegram.address]
        with subprocess.Popen(command, cwd=sandbox.work, env=environment) as bot:
            try:
                assert telegram.ask("My name is Alice.") == "Nice to meet you, Alice."
                assert telegram.ask("What is my name?") == "Your name is Alice."
            finally:
                bot.kill()
    assert [path.stem for path in sessions_in(sandbox).glob("*.json")] == ["bot_telegram_7"]


def test_bot_asks_for_the_package_that_it_needs(sandbox: Sandbox) -> None:
    """Without praisonai-code `Bot` starts nothing, and its error says what to install."""
    done = sandbox.run(["python", "-W", "ignore", "-c", BOT, "nowhere"], require(Target.RELEASE))
    assert "pip install praisonai-code" in done.stderr
