"""Each read of a store loads what others have written, on both targets."""

import json
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from executable_pages.testing.sandbox import Sandbox
from tests.subject.targets import Target

# What each read says of the session `a`, and of the store.
READS = {
    "get_by_gateway_session": "texts(store.get_by_gateway_session('g'))",
    "get_chat_history": "store.get_chat_history('a')",
    "get_session": "texts(store.get_session('a'))",
    "get_session_model": "store.get_session_model('a')",
    "get_sessions_by_agent": "[texts(each) for each in store.get_sessions_by_agent('A')]",
    "get_working_history": "store.get_working_history('a')",
    "list_sessions": "store.list_sessions()",
    "list_sessions_by_agent": "store.list_sessions_by_agent('A')",
    "list_sessions_by_gateway_agent": "store.list_sessions_by_gateway_agent('g')",
    "session_exists": "[store.session_exists('a'), store.session_exists('b')]",
}
PROGRAM = f"""
import json
from praisonaiagents.session import DefaultSessionStore

def texts(session):
    return [message.content for message in session.messages]

def change(text, session):
    other.add_user_message(session, text)
    other.set_agent_info(session, agent_name="A")
    other.set_gateway_info(session, gateway_session_id="g", agent_id="g")
    other.update_session_metadata(session, model=text)

found = {{}}
for name, expression in {READS!r}.items():
    other, store = DefaultSessionStore(name), DefaultSessionStore(name)
    change("first", "a")
    before = eval(expression)
    change("second", "a")
    other.add_user_message("b", "first")
    other.set_agent_info("b", agent_name="A")
    other.set_gateway_info("b", gateway_session_id="h", agent_id="g")
    found[name] = [before, eval(expression), eval(expression.replace("store.", "other."))]
print(json.dumps(found))
"""


@cache
def said(target: Target) -> dict[str, list[object]]:
    """What each read of a store answered before and after another store wrote, and the other."""
    with TemporaryDirectory() as directory:
        out = Sandbox(Path(directory)).python(PROGRAM, target)
    found: dict[str, list[object]] = json.loads(out)
    return found


@pytest.mark.parametrize("read", READS)
def test_each_read_is_fresh(read: str, target: Target) -> None:
    """A store that has read answers what another one wrote since, as that one itself does."""
    before, after, others = said(target)[read]
    assert before != after == others
