"""JSON blocks are session files, and directory trees are directories."""

import dataclasses

import pytest

from executable_pages.testing import block_checks
from executable_pages.testing.sandbox import Sandbox
from executable_pages.testing.suite import Files
from executable_pages.testing.wrong import Wrong
from tests.subject.project import SUBJECT
from tests.subject.targets import Target


class TestFiles(Files):
    """Those of this project: loaded, rewritten unchanged, with the keys of a real one."""

    subject = SUBJECT


@pytest.mark.parametrize(
    "key", ["agent_name", "content", "arguments", "title", "tokens_before", "archived_messages"]
)
def test_renamed_key_is_found(key: str, sandbox: Sandbox) -> None:
    """A key that no store writes, at any depth, fails at page and line."""
    [block] = SUBJECT.blocks("json")
    lied = dataclasses.replace(block, text=block.text.replace(f'"{key}":', f'"{key}x":'))
    assert lied != block
    with pytest.raises(Wrong, match=r"^docs/features/[\w-]+\.md:\d+"):
        block_checks.json(SUBJECT, lied, Target.REFERENCE, sandbox)


def test_listing_of_another_directory_is_found(sandbox: Sandbox) -> None:
    """A file that is not there fails at page and line."""
    [block] = SUBJECT.blocks("tree")
    lied = dataclasses.replace(block, text=block.text.replace(".json", ".jsn", 1))
    assert lied != block
    with pytest.raises(Wrong, match=r"^docs/features/[\w-]+\.md:\d+"):
        block_checks.tree(SUBJECT, lied, Target.REFERENCE, sandbox)
