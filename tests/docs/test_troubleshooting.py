"""Advice by symptom: every entry says why, what to do, and which version is affected."""

import re
import tomllib
from pathlib import Path

import pytest

from executable_pages.testing.sandbox import Sandbox
from executable_pages.testing.scanner import ROOT, Page, pages, scan
from executable_pages.tree import Link
from tests.subject.model_server import ModelServer
from tests.subject.targets import Target

PAGE = ROOT / "docs" / "troubleshooting.md"
PINNED = dict(
    requirement.split("==")
    for requirement in tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"][
        "optional-dependencies"
    ]["release"]
)
_VERSION = re.compile(r"\b(praisonaiagents|praisonai-bot)`? (\d+(?:\.\d+)+)")
ENTRIES = PAGE.read_text("utf-8").split("\n## ")[1:-1]


@pytest.mark.pages
@pytest.mark.parametrize("entry", ENTRIES, ids=[each.partition("\n")[0] for each in ENTRIES])
def test_entry_is_complete(entry: str) -> None:
    """An entry has a reason, a cure, a program, and the version with a link to its proof."""
    said = entry.partition(f"\n**praisonaiagents {PINNED['praisonaiagents']}:** ")[2]
    assert "\n**Why:** " in entry
    assert "\n**Do:** " in entry
    assert "\n```python\n" in entry
    assert re.match(r"[^#]*/verification/(guarantees|known-differences|performance)\b", said)


@pytest.mark.pages
@pytest.mark.parametrize("page", pages(ROOT / "docs"), ids=lambda page: page.path.stem)
def test_versions_are_those_that_are_tested(page: Page) -> None:
    """A page that names a version of the release names the one that the tests run."""
    found = {(name, version) for name, version in _VERSION.findall(page.source)}
    assert found <= set(PINNED.items())


def test_versions_are_found() -> None:
    """The pattern for versions sees those of the troubleshooting page."""
    assert len(_VERSION.findall(scan(PAGE).source)) > len(ENTRIES)


TOLD = """
import asyncio
from praisonai_bot.bots import BotSessionManager
from praisonaiagents import Agent
from praisonaiagents.session import DefaultSessionStore, get_default_session_store

def agent(**memory):
    return Agent(name="Assistant", instructions="Be brief.", **memory)
"""
AS_BOT = """
bots = BotSessionManager(store=get_default_session_store(), platform="telegram")
asyncio.run(bots.chat(agent(), "7", "My name is Alice."))
"""
AS_AGENT = """
agent(memory={"session_id": "7", "user_id": "7"}).chat("My name is Alice.")
"""
ELSEWHERE = """
DefaultSessionStore("chats/of-another").add_user_message("7", "My name is Alice.")
"""
BY_ACHAT = """
asyncio.run(agent(memory={"session_id": "7", "user_id": "7"}).achat("My name is Alice."))
"""
CACHING = """
class Caching(DefaultSessionStore):
    seen = None

    def get_chat_history(self, session_id, max_messages=None):
        self.seen = self.seen or super().get_chat_history(session_id)
        return self.seen
"""
LIVES_ON = "an agent that lives on, or the message limit"
UNSTORED = "not stored: achat, or a gateway that keeps its own"
# The reference stores what `achat` was told.
CAUSES = {
    "two ids": (AS_BOT, {Target.REFERENCE: "two ids: in bot_telegram_7"}),
    "two directories": (ELSEWHERE, {Target.REFERENCE: "two directories: in [{elsewhere!r}]"}),
    "an agent that lives on": (AS_AGENT, {Target.REFERENCE: LIVES_ON}),
    "not stored": (BY_ACHAT, {Target.REFERENCE: LIVES_ON, Target.RELEASE: UNSTORED}),
    "a copy": (AS_AGENT, {Target.REFERENCE: "a copy"}),
}


def _program() -> str:
    """The program that tells the causes apart."""
    return next(block.text for block in scan(PAGE).blocks if block.language == "python")


@pytest.mark.pages
@pytest.mark.parametrize("cause", CAUSES)
def test_program_tells_the_cause(
    cause: str, target: Target, sandbox: Sandbox, model_server: ModelServer
) -> None:
    """Whichever of the five makes an agent forget, the program prints that one."""
    told, printed = CAUSES[cause]
    sandbox.python(TOLD + told, target, extra=model_server.environment)
    program = _program()
    if cause == "a copy":
        opened = "DefaultSessionStore(), DefaultSessionStore()"
        assert opened in program
        program = program.replace("one, two", f"{CACHING}\none, two").replace(
            opened, opened.replace("DefaultSessionStore", "Caching")
        )
    elsewhere = sandbox.work / "chats" / "of-another" / "7.json"
    expected = printed.get(target, printed[Target.REFERENCE]).format(elsewhere=elsewhere)
    assert sandbox.python(program, target).strip() == expected
    # It leaves no session of its own behind.
    assert sandbox.python(program, target).strip() == expected


def test_program_is_short() -> None:
    """What a reader pastes first has at most fifteen lines."""
    lines = _program().partition("#>")[0].rstrip().splitlines()
    assert len(lines) <= 15


def test_each_cause_has_its_cure() -> None:
    """Each cause that the program can print leads to a section with a program that was run."""
    entry = next(each for each in ENTRIES if each.startswith("The agent forgets"))
    cures = dict(part.split("\n", 1) for part in entry.split("\n### ")[1:])
    assert sorted(head.lower() for head in cures) == sorted(CAUSES)
    for head, text in cures.items():
        assert f"(#{head.lower().replace(' ', '-')})" in entry
        assert "```python" in text


def _linked(page: Path) -> set[str]:
    document = scan(page).document
    assert document is not None
    return {link.target for link in document.every(Link)}


def test_cause_and_cure_are_two_clicks_from_home() -> None:
    """From the home page one link leads to the program, and from there another to the cure."""
    assert "/troubleshooting" in _linked(ROOT / "docs" / "index.md")
    assert {"#two-ids", "/recipes/gateway-and-bot"} <= _linked(PAGE)
