"""`make watch` tests each page that is saved."""

import multiprocessing
import os
from pathlib import Path

import pytest
from watchdog.observers import Observer

from tests import watch


def test_saved_page_is_named_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However an editor saves, the page is named once, and what is no page is not."""
    monkeypatch.setattr(watch, "DOCS", tmp_path)
    (tmp_path / "start").mkdir()
    page = tmp_path / "start" / "page.md"
    page.write_text("old", "utf-8")
    saved, observer = watch.Saved(), Observer()
    observer.schedule(saved, str(tmp_path), recursive=True)
    observer.start()
    try:
        (tmp_path / "notes.txt").write_text("no page", "utf-8")
        # In place, and beside it and then moved over it.
        page.write_text("new", "utf-8")
        copy = tmp_path / "start" / ".page.swp"
        copy.write_text("newer", "utf-8")
        os.replace(copy, page)
        assert saved.wait() == ["start/page.md"]
        assert saved.pages.empty()
    finally:
        observer.stop()
        observer.join()


def test_page_is_tested_in_a_process_of_its_own(capfd: pytest.CaptureFixture[str]) -> None:
    """A run ends with pytest's exit code, for a page that is there and for one that is not."""
    multiprocessing.set_forkserver_preload(watch.PRELOADED)
    assert watch.test("reference/agent.md") == pytest.ExitCode.OK
    assert watch.test("reference/nothing.md") == pytest.ExitCode.USAGE_ERROR
    printed, _ = capfd.readouterr()
    assert "reference/agent.md was saved" in printed
    assert " passed" in printed
