"""Faults injected at the system calls of a write: nothing acknowledged is lost, nothing is half."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from reference_impl import DefaultSessionStore
from tests.subject.requirements import require, require_linux
from tests.subject.targets import ROOT

# It answers by writev, so that every write call is one of the store's.
PROGRAM = """
import os, sys
from reference_impl import DefaultSessionStore
store = DefaultSessionStore(sys.argv[1], retention="keep_all")
for number in range(2):
    try:
        answer = store.add_user_message("s", f"m{number}")
    except OSError as error:
        answer = type(error).__name__
    os.writev(1, [f"{number} {answer}\\n".encode()])
"""
# Each call of the two writes, by its occurrence: a write flushes its file and the directory.
CALLS = [("write", 1), ("write", 2), ("rename", 1), ("rename", 2)]
CALLS += [("fsync", occurrence) for occurrence in range(1, 5)]


class Run(NamedTuple):
    """What two writes under strace answered, logged and called."""

    directory: Path
    answers: list[str]
    log: str
    trace: str

    @property
    def acknowledged(self) -> list[str]:
        """The messages whose write answered True."""
        return [f"m{number}" for number, answer in enumerate(self.answers) if answer == "True"]

    @property
    def stored(self) -> list[str]:
        """What the session file holds; it has to parse, since nothing may be half written."""
        path = self.directory / "s.json"
        if not path.exists():
            return []
        return [message["content"] for message in json.loads(path.read_bytes())["messages"]]

    @property
    def temporary(self) -> list[Path]:
        """The temporary files that were left."""
        return list(self.directory.glob(".*.tmp"))


def run(directory: Path, trace: str, inject: str | None = None) -> Run:
    """Run two writes under strace."""
    require_linux()
    strace = require("strace")
    # Making it would flush the directories above it, and every count would be another one.
    directory.mkdir(mode=0o700, exist_ok=True)
    log = directory.parent / "trace"
    options = ["-e", f"trace={trace}", *(["-e", f"inject={inject}"] if inject else [])]
    done = subprocess.run(
        [strace, "-f", "-y", "-o", log, *options, sys.executable, "-c", PROGRAM, directory],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    answers = re.findall(r"^\d+ (\w+)$", done.stdout, re.MULTILINE)
    return Run(directory, answers, done.stderr, log.read_text())


@pytest.mark.parametrize("error", ["ENOSPC", "EIO"])
@pytest.mark.parametrize(("call", "occurrence"), CALLS)
def test_failing_call_loses_nothing(tmp_path: Path, call: str, error: str, occurrence: int) -> None:
    """A write whose call fails says so and leaves a whole file and no other; the next one works."""
    done = run(tmp_path / "sessions", call, f"{call}:error={error}:when={occurrence}")
    assert done.trace.count("INJECTED") == 1
    failed = (occurrence - 1) // 2 if call == "fsync" else occurrence - 1
    assert done.answers == ["False" if number == failed else "True" for number in range(2)]
    assert "session 's' was " in done.log
    assert done.temporary == []
    store = DefaultSessionStore(done.directory, retention="keep_all")
    assert store.add_user_message("s", "after") is True
    # The turn that failed was in the file already, or it waited and was folded in.
    assert sorted(done.stored) == ["after", "m0", "m1"]


@pytest.mark.parametrize(("call", "occurrence"), [*CALLS, ("flock", 1), ("flock", 2), ("flock", 3)])
def test_kill_at_a_call_loses_nothing(tmp_path: Path, call: str, occurrence: int) -> None:
    """A process killed at any call of a write leaves a whole file and a free lock."""
    done = run(tmp_path / "sessions", call, f"{call}:signal=KILL:when={occurrence}")
    assert "killed by SIGKILL" in done.trace
    assert done.stored in (done.acknowledged, [*done.acknowledged, f"m{len(done.answers)}"])
    store = DefaultSessionStore(done.directory, retention="keep_all", lock_timeout=1)
    assert store.add_user_message("s", "after") is True
    assert len(store.get_chat_history("s")) == len(done.stored)


@pytest.mark.parametrize("error", ["EINVAL", "EOPNOTSUPP"])
def test_directory_that_cannot_be_flushed_is_no_failure(tmp_path: Path, error: str) -> None:
    """Where the file system has no flush of a directory, writes succeed without it."""
    done = run(tmp_path / "sessions", "fsync", f"fsync:error={error}:when=2+2")
    assert done.trace.count("INJECTED") == 2
    assert done.answers == ["True", "True"]
    assert done.stored == ["m0", "m1"]


def test_set_aside_that_fails_overwrites_nothing(tmp_path: Path) -> None:
    """When a broken file cannot be renamed, the write raises and every byte stays."""
    directory = tmp_path / "sessions"
    directory.mkdir()
    path = directory / "s.json"
    path.write_bytes(b"junk")
    done = run(directory, "rename", "rename:error=EACCES")
    assert done.answers == ["False", "False"]
    assert path.read_bytes() == b"junk"
    assert done.temporary == []


def test_a_write_is_on_the_disk_before_it_is_seen(tmp_path: Path) -> None:
    """The temporary file is flushed, then renamed, then the directory is flushed, in this order."""
    done = run(tmp_path / "sessions", "fsync,rename,renameat,renameat2")
    place = re.escape(str(done.directory))
    steps = []
    for line in done.trace.splitlines():
        if re.search(rf"fsync\(\d+<{place}/\.s\.[^>]+\.tmp>\)", line):
            steps.append("file")
        elif re.search(rf"rename\w*\(.*{place}/s\.json\"", line):
            steps.append("rename")
        elif re.search(rf"fsync\(\d+<{place}>\)", line):
            steps.append("directory")
    assert steps == ["file", "rename", "directory"] * 2, done.trace
