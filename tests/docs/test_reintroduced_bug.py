"""The bug that began it all, put back: pages notice a store that answers from a cache."""

import dataclasses

import pytest

from executable_pages.testing.sandbox import Sandbox
from executable_pages.testing.scanner import ROOT, scan
from executable_pages.testing.snippets import check_output, run_script
from executable_pages.testing.wrong import Wrong
from tests.subject.model_server import ModelServer
from tests.subject.targets import Target

PAGE = scan(ROOT / "docs" / "features" / "session-persistence.md")
BLOCK = next(block for block in PAGE.blocks if '"two-stores"' in block.text)
CACHE = """
import praisonaiagents.session as _session
from tests.subject.cached import CachedStore
_session.DefaultSessionStore = CachedStore
"""


def test_snippet_notices_a_cached_read(
    sandbox: Sandbox, target: Target, model_server: ModelServer
) -> None:
    """With reads from a cache the page's snippet prints a truncated conversation, and fails."""
    cached = dataclasses.replace(BLOCK, text=CACHE + BLOCK.text)
    out = run_script(cached, target, sandbox)
    with pytest.raises(
        Wrong, match=r"^docs/features/session-persistence\.md:\d+: .*'first', 'second'"
    ):
        check_output(BLOCK, out)


def test_snippet_passes_without_it(
    sandbox: Sandbox, target: Target, model_server: ModelServer
) -> None:
    """With fresh reads the same snippet prints what the page says."""
    check_output(BLOCK, run_script(BLOCK, target, sandbox))
