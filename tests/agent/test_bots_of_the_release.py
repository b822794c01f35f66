"""The release's own gateway and Telegram bot, run as a page says."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import websockets

from executable_pages.testing.evidence import claim
from executable_pages.testing.sandbox import Sandbox
from executable_pages.testing.scanner import ROOT, scan
from executable_pages.testing.snippets import lint
from tests.subject.model_server import ModelServer
from tests.subject.servers.process import free_ports
from tests.subject.targets import Target, require, sessions_in
from tests.subject.telegram import GROUP, Telegram
from tests.subject.words import erasing

PAGE = ROOT / "docs" / "features" / "gateway-and-bots.md"
BLOCKS = {block.info: block for block in scan(PAGE).blocks if block.language == "python"}
TOKEN = "c1f4d2a98e7b"
# The bot has no setting for the address of Telegram.
AT = """
import os
from telegram.ext import ApplicationBuilder
_with = ApplicationBuilder.token
ApplicationBuilder.token = lambda self, text: _with(self, text).base_url(os.environ["TELEGRAM"])
"""


class Setup:
    """The two programs of the page in one sandbox."""

    def __init__(self, sandbox: Sandbox, model: ModelServer, telegram: Telegram) -> None:
        self.sandbox = sandbox
        self.sessions: list[str] = []
        [self.port] = free_ports(1)
        secrets = {"GATEWAY_TOKEN": TOKEN, "TELEGRAM_TOKEN": "1:x"}
        extra = model.environment | secrets | {"GATEWAY_PORT": str(self.port)}
        extra |= {"TELEGRAM": telegram.address}
        self.environment = sandbox.environment(Target.RELEASE, extra=extra)

    @contextmanager
    def running(self, name: str) -> Iterator[None]:
        """One of both, until the end of a `with` block; then it is killed."""
        code = (AT if name == "bot.py" else "") + BLOCKS[name].text
        log = self.sandbox.root / f"{name}.log"
        with (
            log.open("a") as out,
            subprocess.Popen(
                [sys.executable, "-c", code],
                cwd=self.sandbox.work,
                env=self.environment,
                stdout=out,
                stderr=out,
            ) as process,
        ):
            try:
                yield
            finally:
                process.kill()

    async def web(self, text: str) -> str:
        """What the gateway answers to a client that says something to agent 7."""
        while True:
            try:
                client = await websockets.connect(f"ws://127.0.0.1:{self.port}/ws?token={TOKEN}")
                break
            except OSError:
                await asyncio.sleep(0.05)
        async with client:
            await client.send(json.dumps({"type": "hello", "agent_id": "7"}))
            self.sessions.append(json.loads(await client.recv())["session_id"])
            await client.send(json.dumps({"type": "message", "content": text}))
            while (answer := json.loads(await client.recv())).get("status") != "final":
                pass
            return str(answer["content"])

    def ask(self, text: str) -> str:
        """Ask the gateway, within a time limit."""
        return asyncio.run(asyncio.wait_for(self.web(text), 60))

    def stored(self) -> list[str]:
        """The texts in the session's file."""
        path = sessions_in(self.sandbox) / "bot_telegram_7.json"
        return [each["content"] for each in json.loads(path.read_text("utf-8"))["messages"]]


def test_web_and_telegram_share_one_conversation(
    sandbox: Sandbox, model_server: ModelServer, request: pytest.FixtureRequest
) -> None:
    """With the smallest setup each side knows what the other was told, also after a restart."""
    require(Target.RELEASE)
    _claim(request, "gateway.py", "bot.py")
    with Telegram() as telegram:
        setup = Setup(sandbox, model_server, telegram)
        with setup.running("bot.py"), setup.running("gateway.py"):
            assert telegram.ask("My name is Alice.") == "Nice to meet you, Alice."
            assert setup.ask("What is my name?") == "Your name is Alice."
            assert "Oslo" in setup.ask("My town is Oslo.")
            assert telegram.ask("What is my town?") == "Your town is Oslo."
        assert len(setup.stored()) == 8
        with setup.running("bot.py"), setup.running("gateway.py"):
            assert setup.ask("What is my town?") == "Your town is Oslo."
            assert telegram.ask("What is my name?") == "Your name is Alice."
            # The same user in a group is in the same session.
            assert telegram.ask("@a_bot What is my town?", GROUP) == "Your town is Oslo."
            for command in ("/reset", "/clear"):
                telegram.ask(command)
                assert setup.stored()[-2:] == [command, f"You said: {command}"]
            assert len(setup.stored()) == 18
            telegram.ask("/new")
            assert setup.stored() == []
            assert telegram.ask("What is my name?") == "I do not know your name."
    assert [path.name for path in sessions_in(sandbox).glob("*.json")] == ["bot_telegram_7.json"]
    # The conversation was cleared, and yet.
    home = sandbox.home / ".praisonai"
    assert holding(home, b"My name is Alice.") == {"ingress.sqlite"}
    assert holding(home, b"My town is Oslo.") == {"sessions.db"}
    names, roots = ["bot_telegram_7", "7", *setup.sessions], [str(home)]
    sandbox.python(f"{erasing()}\nforget({names!r}, *{roots!r})", Target.RELEASE)
    assert holding(home, b"Alice.") | holding(home, b"Oslo") == set()


def test_settings_of_the_session_count(sandbox: Sandbox, request: pytest.FixtureRequest) -> None:
    """What is given to the configuration in code is what the bot goes by."""
    require(Target.RELEASE)
    _claim(request, "settings.py")
    shown = "\nprint(bot._session._max_history, bot._session._session_scope)"
    printed = sandbox.python(BLOCKS["settings.py"].text + shown, Target.RELEASE)
    assert printed.splitlines()[-1] == "20 per_chat"


def _claim(request: pytest.FixtureRequest, *names: str) -> None:
    for name in names:
        claim(
            request.node,
            kind="released",
            where=BLOCKS[name].where,
            digest=BLOCKS[name].digest,
            target=str(Target.RELEASE),
        )


def holding(home: Path, words: bytes) -> set[str]:
    """The files that hold the words; a database's log is the database's."""
    files = [path for path in home.rglob("*") if path.is_file() and words in path.read_bytes()]
    return {path.name.removesuffix("-wal") for path in files}


@pytest.mark.pages
@pytest.mark.parametrize("name", BLOCKS)
def test_program_is_formatted(name: str, tmp_path: Path) -> None:
    """The programs pass ruff and black."""
    lint(BLOCKS[name], tmp_path)
