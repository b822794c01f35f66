"""Holds a session file on a page against what a store reads and writes."""

import json
from typing import Any

import msgspec

from executable_pages.testing.json_text import Json
from executable_pages.testing.processes import RemoteError, Worker
from executable_pages.testing.sandbox import Sandbox
from executable_pages.testing.scanner import Block
from executable_pages.testing.target import Target
from executable_pages.testing.wrong import Wrong

MOMENTS = ("created_at", "updated_at", "timestamp")
PROGRAM = """
from praisonaiagents.session import DefaultSessionStore
from tests.subject.facts import session_files

store = DefaultSessionStore("sessions")

def history(session):
    return store.get_chat_history(session)

def rewrite(session):
    store.update_session_metadata(session, rewritten=True)

def noted(session):
    store.rename_session(session, "a title")
    store.update_session_metadata(session, model="a model")
    return list(store.get_session(session).metadata)

def write(session, messages):
    for message in messages:
        store.add_message(session, **message)
"""


class Message(msgspec.Struct):
    """A message that a page shows, as far as the checks below rely on it."""

    role: str
    content: str
    tool_calls: list[dict[str, Any]] = []
    tool_call_id: str = ""


class SessionFile(msgspec.Struct):
    """A session file that shows every key, as far as the checks below rely on it."""

    session_id: str
    messages: list[Message]
    archived_messages: list[dict[str, Any]]
    last_compaction: dict[str, Any]
    metadata: dict[str, Any]
    updated_at: str


def check_session_file(shown: Json, target: Target, sandbox: Sandbox) -> None:
    """Load the file, have it rewritten, and compare its keys with those of real ones.

    Raises:
        Wrong: The file is not what a store writes; the message begins with `page:line`.
    """
    block = shown.block
    try:
        msgspec.convert(shown.value, SessionFile)
    except msgspec.ValidationError as error:
        what, _, path = str(error).partition(" - at `")
        raise Wrong(f"{shown.where(path.rstrip('`') or '$')}: no session file: {what}") from None
    try:
        _check(block, shown.value, target, sandbox)
    except (AssertionError, RemoteError, OSError) as error:
        raise Wrong(f"{block.where} on {target}: {error}") from None
    except KeyError as error:
        raise Wrong(f"{block.where} on {target}: a message has no {error}") from None


def _check(block: Block, shown: dict[str, Any], target: Target, sandbox: Sandbox) -> None:
    session = shown["session_id"]
    file = sandbox.work / "sessions" / f"{session}.json"
    file.parent.mkdir()
    file.write_text(block.text, "utf-8")
    with Worker(PROGRAM, sandbox, target) as worker:
        contents = [message["content"] for message in worker.call("history", session)]
        assert contents == [message["content"] for message in shown["messages"]], "the history"

        worker.call("rewrite", session)
        rewritten = json.loads(file.read_text("utf-8"))
        assert rewritten["metadata"].pop("rewritten") is True
        assert rewritten.pop("updated_at") > shown["updated_at"], "the time of the last write"
        expected = {key: shown[key] for key in shown if key != "updated_at"}
        assert rewritten == expected, "a store that rewrites it writes something else"

        given = ("role", "content", "metadata", "tool_calls", "tool_call_id")
        messages = [{k: message[k] for k in given if k in message} for message in shown["messages"]]
        worker.call("write", "another", messages)
        real = json.loads((file.parent / "another.json").read_text("utf-8"))
        most = worker.call("session_files")["most"]
        noted = worker.call("noted", "noted")
    assert [k for k in shown if k in real] == list(real), "keys or their order"
    assert set(shown["metadata"]) <= set(noted), f"a store itself notes {noted}"
    mirrored = [key for key in shown["metadata"] if key in shown]
    known = [*(key for key in most if key not in mirrored), *mirrored]
    assert list(shown) == known, f"keys are {known}"
    for one, other in zip(shown["messages"], real["messages"], strict=True):
        assert list(one) == list(other), "keys of a message or their order"
        assert {k: one[k] for k in one if k not in MOMENTS} == {
            k: other[k] for k in other if k not in MOMENTS
        }, "a message is stored otherwise"
    plain = [key for key in most["archived_messages"][0] if "tool" not in key]
    for message in shown["archived_messages"]:
        assert list(message) == plain, f"keys of an archived message are {plain}"
    keys = list(most["last_compaction"])
    assert list(shown["last_compaction"]) == keys, f"keys of a checkpoint are {keys}"
    _check_tools(shown["messages"])


def _check_tools(messages: list[dict[str, Any]]) -> None:
    asked = []
    for call in (call for message in messages for call in message.get("tool_calls", ())):
        assert list(call) == ["id", "type", "function"], "keys of a tool call"
        assert list(call["function"]) == ["name", "arguments"], "keys of a called function"
        assert isinstance(json.loads(call["function"]["arguments"]), dict), "the arguments"
        asked.append(call["id"])
    answered = [message["tool_call_id"] for message in messages if message["role"] == "tool"]
    assert answered == asked, "each tool call has its answer"
