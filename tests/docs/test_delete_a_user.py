"""The program that erases a user, beyond the places in the table of its page."""

import json
from pathlib import Path

import pytest

from executable_pages.testing.sandbox import Sandbox
from tests.subject.model_server import ModelServer
from tests.subject.targets import Target
from tests.subject.words import erasing

STORED = """
import json, sys
from praisonaiagents import Agent
from praisonaiagents.session import get_default_session_store

for user in json.loads({users!r}):
    memory = {{"session_id": user, "user_id": user}}
    Agent(name="Assistant", instructions="Be brief.", memory=memory).chat("My name is Alice.")
"""
LISTED = """
from praisonaiagents.session import get_default_session_store
print(sorted(each["session_id"] for each in get_default_session_store().list_sessions()))
"""


@pytest.mark.pages
@pytest.mark.parametrize("user", ["alice@example.org", "\u00e4lice", 'al"ice', "alice", "7"])
def test_user_with_any_id_is_erased_alone(
    user: str, target: Target, sandbox: Sandbox, model_server: ModelServer
) -> None:
    """Whatever characters an id has, its files go, and those of a user with a similar id stay."""
    others = [f"{user}{user}", f"x{user}", "bob"]
    stored = STORED.format(users=json.dumps([user, *others]))
    sandbox.python(stored, target, extra=model_server.environment)
    before = _files(sandbox)
    roots = [str(sandbox.home / ".praisonai"), str(sandbox.work / ".praisonai")]
    sandbox.python(f"{erasing()}\nforget([{user!r}], *{roots!r})", target)
    assert sandbox.python(LISTED, target).strip() == repr(sorted(others))
    gone = before - _files(sandbox)
    # Session and lock; in the release three files of a copy too.
    assert len(gone) == {Target.REFERENCE: 2, Target.RELEASE: 5}[target], gone
    once = _files(sandbox)
    sandbox.python(f"{erasing()}\nforget([{user!r}], *{roots!r})", target)
    assert _files(sandbox) == once


def _files(sandbox: Sandbox) -> set[Path]:
    places = (sandbox.home / ".praisonai", sandbox.work)
    return {path for place in places for path in place.rglob("*") if path.is_file()}
