"""Faults injected at the system calls of a write: nothing acknowledged is lost, nothing is half."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from reference_impl import DefaultSessionStore
from tests.support.requirements import require, require_linux
from tests.support.targets import ROOT

PROGRAM = """
import sys
from reference_impl import DefaultSessionStore
store = DefaultSessionStore(sys.argv[1], retention="keep_all")
for number in range(3):
    try:
        answer = store.add_user_message("s", f"m{number}")
    except OSError as error:
        answer = type(error).__name__
    print(number, answer, flush=True)
"""
# How a write ends: its temporary file is written, flushed and renamed, its directory flushed.
CALLS = ("rename", "fsync")


def run(directory: Path, *options: str) -> tuple[dict[int, str], str]:
    """Run three writes under strace; what each one answered, and the trace."""
    require_linux()
    strace = require("strace")
    log = directory.parent / "trace"
    done = subprocess.run(
        [strace, "-f", "-y", "-o", log, *options, sys.executable, "-c", PROGRAM, directory],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    answers = re.findall(r"^(\d+) (\w+)$", done.stdout, re.MULTILINE)
    return {int(number): answer for number, answer in answers}, log.read_text()


def acknowledged(answers: dict[int, str]) -> list[str]:
    """The messages whose write answered True."""
    return [f"m{number}" for number, answer in answers.items() if answer == "True"]


def stored(directory: Path) -> list[str]:
    """What the session file holds; it has to parse, since nothing may be half written."""
    path = directory / "s.json"
    if not path.exists():
        return []
    return [message["content"] for message in json.loads(path.read_bytes())["messages"]]


@pytest.mark.parametrize("occurrence", range(1, 5))
@pytest.mark.parametrize("error", ["ENOSPC", "EIO"])
@pytest.mark.parametrize("call", CALLS)
def test_failing_call_loses_nothing(tmp_path: Path, call: str, error: str, occurrence: int) -> None:
    """A write whose flush or rename fails says so, and what was acknowledged is there."""
    directory = tmp_path / "sessions"
    inject = f"inject={call}:error={error}:when={occurrence}"
    answers, trace = run(directory, "-e", f"trace={call}", "-e", inject)
    assert "INJECTED" in trace or occurrence > 3
    found = stored(directory)
    assert len(answers) == 3
    assert [text for text in found if text in acknowledged(answers)] == acknowledged(answers)
    refused = [f"m{number}" for number, answer in answers.items() if answer == "False"]
    # Only the flush of the directory comes after the rename, when the change is there already.
    if call == "rename":
        assert not set(refused) & set(found)
    assert not list(directory.glob(".*.tmp"))
    store = DefaultSessionStore(directory, retention="keep_all")
    assert store.add_user_message("s", "after") is True


@pytest.mark.parametrize("occurrence", range(1, 7))
@pytest.mark.parametrize("call", ["rename", "fsync", "write"])
def test_kill_at_a_call_loses_nothing(tmp_path: Path, call: str, occurrence: int) -> None:
    """A process that is killed at a write, flush or rename leaves a whole file."""
    directory = tmp_path / "sessions"
    inject = f"inject={call}:signal=KILL:when={occurrence}"
    answers, _ = run(directory, "-e", f"trace={call}", "-e", inject)
    found = stored(directory)
    assert found[: len(acknowledged(answers))] == acknowledged(answers)
    assert found == [f"m{number}" for number in range(len(found))]
    store = DefaultSessionStore(directory, retention="keep_all", lock_timeout=1)
    assert store.add_user_message("s", "after") is True


def test_a_write_is_on_the_disk_before_it_is_seen(tmp_path: Path) -> None:
    """The temporary file is flushed, then renamed, then the directory is flushed, in this order."""
    directory = tmp_path / "sessions"
    _, trace = run(directory, "-e", "trace=fsync,rename,renameat,renameat2")
    calls = re.findall(r"\b(fsync|rename\w*)\(.*?([^/>\"]+)[>\"]", trace)
    place = re.escape(str(directory))
    steps = []
    for line in trace.splitlines():
        if re.search(rf"fsync\(\d+<{place}/\.s\.[^>]+\.tmp>\)", line):
            steps.append("file")
        elif re.search(rf"rename\w*\(.*{place}/s\.json\"", line):
            steps.append("rename")
        elif re.search(rf"fsync\(\d+<{place}>\)", line):
            steps.append("directory")
    assert steps == ["file", "rename", "directory"] * 3, calls
