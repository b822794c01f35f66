"""JSON blocks are session files, and directory trees are directories."""

import json

import pytest

from tests.support.evidence import claim
from tests.support.handlers import kind_of
from tests.support.model_server import ModelServer
from tests.support.processes import Worker
from tests.support.sandbox import Sandbox
from tests.support.scanner import ROOT, Block, pages
from tests.support.snippets import run_script, snippets
from tests.support.targets import Target

PAGES = pages(ROOT / "docs")
BLOCKS = [block for page in PAGES for block in page.blocks]
JSON = [block for block in BLOCKS if kind_of(block) == "json"]
TREES = [block for block in BLOCKS if kind_of(block) == "tree"]
MOMENTS = ("created_at", "updated_at", "timestamp")
PROGRAM = """
from praisonaiagents.session import DefaultSessionStore

store = DefaultSessionStore("sessions")

def history(session):
    return store.get_chat_history(session)

def rewrite(session):
    store.update_session_metadata(session, rewritten=True)

def write(session, messages):
    for message in messages:
        store.add_message(session, **message)
"""


def _ids(blocks: list[Block]) -> list[str]:
    return [block.where.removeprefix("docs/") for block in blocks]


def _claim(request: pytest.FixtureRequest, kind: str, block: Block, target: Target) -> None:
    claim(request.node, kind=kind, where=block.where, digest=block.digest, target=str(target))


@pytest.mark.parametrize("block", JSON, ids=_ids(JSON))
def test_session_file(
    block: Block, target: Target, sandbox: Sandbox, request: pytest.FixtureRequest
) -> None:
    """A session file on a page is loaded, rewritten unchanged, and has the keys of a real one."""
    _claim(request, "json", block, target)
    try:
        shown = json.loads(block.text)
    except ValueError as error:
        pytest.fail(f"{block.where}: {error}", pytrace=False)
    session = shown["session_id"]
    file = sandbox.work / "sessions" / f"{session}.json"
    file.parent.mkdir()
    file.write_text(block.text, "utf-8")
    with Worker(PROGRAM, sandbox, target) as worker:
        contents = [message["content"] for message in worker.call("history", session)]
        assert contents == [message["content"] for message in shown["messages"]]

        worker.call("rewrite", session)
        rewritten = json.loads(file.read_text("utf-8"))
        assert rewritten["metadata"].pop("rewritten") is True
        assert rewritten.pop("updated_at") > shown["updated_at"]
        assert rewritten == {key: shown[key] for key in shown if key != "updated_at"}, block.where

        given = ("role", "content", "metadata", "tool_calls", "tool_call_id")
        messages = [{k: message[k] for k in given if k in message} for message in shown["messages"]]
        worker.call("write", "another", messages)
        real = json.loads((file.parent / "another.json").read_text("utf-8"))
    assert [k for k in shown if k in real] == list(real), f"{block.where}: keys or their order"
    for one, other in zip(shown["messages"], real["messages"], strict=True):
        assert list(one) == list(other), f"{block.where}: keys of a message or their order"
        assert {k: one[k] for k in one if k not in MOMENTS} == {
            k: other[k] for k in other if k not in MOMENTS
        }


@pytest.mark.parametrize("block", TREES, ids=_ids(TREES))
def test_tree(
    block: Block,
    target: Target,
    sandbox: Sandbox,
    model_server: ModelServer,
    request: pytest.FixtureRequest,
) -> None:
    """A directory tree lists what the blocks before it leave behind, hidden files apart."""
    _claim(request, "tree", block, target)
    page = next(page for page in PAGES if page.path == block.page)
    before = [each for each in snippets(page) if each.line < block.line]
    for each in before:
        run_script(each, sandbox, target, model_server.url)
    top, *lines = block.text.splitlines()
    listed = [line.lstrip("│├└─ ") for line in lines]
    real = sorted(path.name for path in (sandbox.work / top.strip("/")).iterdir())
    assert listed == [name for name in real if not name.startswith(".")], block.where
