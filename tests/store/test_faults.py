"""System calls of a write: their order, and what a store does about those that cannot be had."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from executable_pages.testing.requirements import require, require_linux
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


class Run(NamedTuple):
    """What two writes under strace answered and called."""

    directory: Path
    answers: list[str]
    trace: str

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


def run(directory: Path, trace: str, inject: str | None = None, *paths: Path) -> Run:
    """Run two writes under strace, which sees calls on some paths alone if there are any."""
    require_linux()
    strace = require("strace")
    # Making it would be more calls, and every count would be another one.
    directory.mkdir(mode=0o700, exist_ok=True)
    log = directory.parent / "trace"
    options = ["-e", f"trace={trace}", *(["-e", f"inject={inject}"] if inject else [])]
    options += [f"-P{path}" for path in paths]
    done = subprocess.run(
        [strace, "-f", "-y", "-o", log, *options, sys.executable, "-c", PROGRAM, directory],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    answers = re.findall(r"^\d+ (\w+)$", done.stdout, re.MULTILINE)
    return Run(directory, answers, log.read_text())


@pytest.mark.parametrize("error", ["EINVAL", "EOPNOTSUPP"])
def test_directory_that_cannot_be_flushed_is_no_failure(tmp_path: Path, error: str) -> None:
    """Where the file system has no flush of a directory, writes succeed without it."""
    directory = tmp_path / "sessions"
    done = run(directory, "fsync", f"fsync:error={error}", tmp_path, directory)
    # One when the store is opened, for what may be new, and one for each write.
    assert done.trace.count("INJECTED") == 3
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
