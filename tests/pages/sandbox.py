"""A place of its own for a program of a page: a home, a working directory, child processes."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import psutil

from tests.subject.targets import Target, environment


class Sandbox:
    """A home and a working directory under `root`, shared by the programs run in them."""

    def __init__(self, root: Path) -> None:
        # Resolved: a child's working directory has no symbolic link in it, as on macOS.
        self.root = root.resolve()
        self.home = self.root / "home"
        self.work = self.root / "work"
        self.home.mkdir(parents=True, exist_ok=True)
        self.work.mkdir(parents=True, exist_ok=True)

    @property
    def sessions(self) -> Path:
        """Where the default store of either target keeps its files."""
        return self.home / ".praisonai" / "sessions"

    def environment(
        self,
        target: Target,
        *,
        model_url: str | None = None,
        extra: Mapping[str, str] | None = None,
    ) -> dict[str, str]:
        """The environment of a child process in this sandbox."""
        return environment(target, self.home, model_url=model_url, extra=extra)

    def run(
        self,
        args: Sequence[str],
        target: Target,
        *,
        model_url: str | None = None,
        timeout: float = 60,
        stdin: str = "",
        extra: Mapping[str, str] | None = None,
    ) -> subprocess.CompletedProcess[str]:
        """Run a command in the working directory and return its output.

        A first argument of `python` means this interpreter. After `timeout` seconds the
        command is ended together with every process that it started, and
        `subprocess.TimeoutExpired` carries what it printed until then.
        """
        command = [sys.executable, *args[1:]] if args[0] == "python" else list(args)
        process = subprocess.Popen(
            command,
            cwd=self.work,
            env=self.environment(target, model_url=model_url, extra=extra),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            errors="replace",
        )
        try:
            out, err = process.communicate(stdin, timeout=timeout)
        except subprocess.TimeoutExpired:
            end(process)
            out, err = process.communicate()
            raise subprocess.TimeoutExpired(command, timeout, out, err) from None
        return subprocess.CompletedProcess(command, process.returncode, out, err)

    def python(
        self,
        code: str,
        target: Target,
        *,
        model_url: str | None = None,
        timeout: float = 60,
        extra: Mapping[str, str] | None = None,
    ) -> str:
        """Run Python source in a new process and return what it printed.

        Fails with the whole traceback when the program does.
        """
        done = self.run(
            ["python", "-c", code], target, model_url=model_url, timeout=timeout, extra=extra
        )
        assert done.returncode == 0, (
            f"exit {done.returncode} on {target}\n{done.stdout}{done.stderr}"
        )
        return done.stdout


def end(process: subprocess.Popen[str]) -> None:
    """Kill a process and all its descendants: a grandchild would keep the pipes open."""
    family = [process.pid]
    try:
        family += [child.pid for child in psutil.Process(process.pid).children(recursive=True)]
    except psutil.NoSuchProcess:
        return
    for pid in family:
        try:
            psutil.Process(pid).kill()
        except (psutil.NoSuchProcess, psutil.AccessDenied, ProcessLookupError):
            continue
    if os.name == "posix":
        process.poll()
