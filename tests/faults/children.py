"""Forks of a warm interpreter under strace: a fault at one system call of each costs milliseconds.

A new interpreter would load the store anew for each of thousands of faults. So one that has loaded
it forks a child for each; the child waits until strace has attached itself, and one strace serves
all children that get the same fault.
"""

import ctypes
import json
import os
import re
import select
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

# Calls on names and descriptors; those that map memory change nothing that outlives a process.
TRACED = "trace=%file,%desc"
_UNCOUNTED = {"mmap"}
_SET_PTRACER, _ANY = 0x59616D61, ctypes.c_ulong(-1)
_PATIENCE = 30.0

Send = Callable[[Any], None]
_libc = ctypes.CDLL(None)


@dataclass
class Child:
    """A forked process, and what it has said."""

    pid: int
    pipe: int
    said: list[Any] = field(default_factory=list)
    # As os.waitpid tells it; None for one that did not end in time.
    status: int | None = None

    @property
    def is_killed(self) -> bool:
        """Whether the fault killed it."""
        return self.status is not None and os.WIFSIGNALED(self.status)


def descriptors() -> int:
    """How many descriptors this process has."""
    return len(os.listdir("/proc/self/fd"))


def fork(work: Callable[[Send, int], None]) -> Child:
    """A child that does the work as soon as it is told to go, and how many descriptors it had."""
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
    reads, writes = os.pipe()
    pid = os.fork()
    if pid:
        os.close(writes)
        # From here on it makes no call that a fault could meet before the work.
        os.read(reads, 1)
        return Child(pid, reads)
    try:
        os.close(reads)
        # Where only a parent may trace, strace is none.
        _libc.prctl(_SET_PTRACER, _ANY, 0, 0, 0)

        def send(value: Any) -> None:
            os.write(writes, json.dumps(value).encode() + b"\n")

        before = descriptors()
        os.write(writes, b".")
        signal.sigwait([signal.SIGUSR1])
        work(send, before)
    finally:
        os._exit(0)


def run(children: Sequence[Child], log: Path | None, *options: str) -> None:
    """Let children do their work, under strace unless there is no log, and hear what they say."""
    tracer = _attach(children, log, options) if log is not None else None
    for child in children:
        os.kill(child.pid, signal.SIGUSR1)
    _hear(children)
    for child in children:
        os.close(child.pipe)
    if tracer is not None:
        tracer.wait()
        assert tracer.stderr is not None
        tracer.stderr.close()


def _attach(
    children: Sequence[Child], log: Path, options: Sequence[str]
) -> "subprocess.Popen[str]":
    pids = [part for child in children for part in ("-p", str(child.pid))]
    command = ["strace", "-f", "-o", str(log), "-e", "signal=none", *options, *pids]
    tracer = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert tracer.stderr is not None
    for _ in children:
        if "attached" not in (line := tracer.stderr.readline()):
            raise RuntimeError(f"strace did not attach itself: {line}")
    return tracer


def _hear(children: Sequence[Child]) -> None:
    end = time.monotonic() + _PATIENCE
    heard = {child.pipe: b"" for child in children}
    unfinished = {child.pipe: child for child in children}
    while unfinished:
        ready, _, _ = select.select(list(unfinished), [], [], max(0.0, end - time.monotonic()))
        if not ready:
            for child in unfinished.values():
                os.kill(child.pid, signal.SIGKILL)
                os.waitpid(child.pid, 0)
            break
        for pipe in ready:
            if data := os.read(pipe, 1 << 16):
                heard[pipe] += data
            else:
                child = unfinished.pop(pipe)
                child.status = os.waitpid(child.pid, 0)[1]
    for child in children:
        child.said = [json.loads(line) for line in heard[child.pipe].splitlines()]


@dataclass(frozen=True, order=True)
class Point:
    """One system call of a run: the nth with this name."""

    call: str
    nth: int


def points(log: Path, pid: int, place: Path) -> list[Point]:
    """The calls of a child on files below a place, up to its first answer."""
    counted: dict[str, int] = {}
    found = []
    for line in log.read_text("utf-8", "replace").splitlines():
        match = re.match(rf"{pid} +(\w+)\(", line)
        if match is None or match[1] in _UNCOUNTED:
            continue
        counted[match[1]] = counted.get(match[1], 0) + 1
        if match[1] == "write" and '"{\\"answer' in line:
            break
        if str(place) in line:
            found.append(Point(match[1], counted[match[1]]))
    return found


def injected(log: Path) -> set[int]:
    """The children that got the fault."""
    text = log.read_text("utf-8", "replace")
    return {int(pid) for pid in re.findall(r"^(\d+) .*\(INJECTED\)", text, re.MULTILINE)}
