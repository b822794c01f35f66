"""A place of its own for a program of a page: a home, a working directory, child processes."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import psutil

from executable_pages.files import ROOT
from executable_pages.testing.forks import Fork, ahead_of, start
from executable_pages.testing.target import Target

_PACKAGE = Path(__file__).resolve().parents[2]
# What an operating system needs to start Python; everything else is set here, so that
# a developer's own settings cannot change what a test sees.
_INHERITED = ("PATH", "LANG", "LC_ALL", "SYSTEMROOT", "WINDIR", "COMSPEC", "PATHEXT", "CI")


def importable() -> str:
    """`PYTHONPATH` for any interpreter: the project, and this package where no one installed it."""
    is_installed = _PACKAGE.name in ("site-packages", "dist-packages")
    return os.pathsep.join(map(str, [ROOT] if is_installed else [ROOT, _PACKAGE]))


class Sandbox:
    """A home and a working directory under `root`, shared by the programs run in them.

    `extra` are variables for each of them, such as the address of a server that runs beside.
    """

    def __init__(self, root: Path, extra: Mapping[str, str] | None = None) -> None:
        # Resolved: a child's working directory has no symbolic link in it, as on macOS.
        self.root = root.resolve()
        self.extra = dict(extra or {})
        self.home = self.root / "home"
        self.work = self.root / "work"
        self.home.mkdir(parents=True, exist_ok=True)
        self.work.mkdir(parents=True, exist_ok=True)

    def within(self, name: str) -> "Sandbox":
        """Another sandbox, inside this one and with the same servers."""
        return Sandbox(self.root / name, self.extra)

    def environment(
        self, target: Target, *, extra: Mapping[str, str] | None = None
    ) -> dict[str, str]:
        """The whole environment of a child process in this sandbox.

        Temporary files go to `home/tmp`, which is made. `extra` is set last.
        """
        temporary = self.home / "tmp"
        temporary.mkdir(exist_ok=True)
        values = {name: os.environ[name] for name in _INHERITED if name in os.environ}
        # The directory of the interpreter comes first, so that `python` and `pytest` in a
        # shell block are this environment's.
        binaries = str(Path(sys.executable).parent)
        values |= {
            "PATH": os.pathsep.join([binaries, values.get("PATH", os.defpath)]),
            "PYTHONPATH": os.pathsep.join([*map(str, target.path()), importable()]),
            "PYTHONHASHSEED": "0",
            "PYTHONUTF8": "1",
            "HOME": str(self.home),
            "USERPROFILE": str(self.home),
            "TMPDIR": str(temporary),
            "TEMP": str(temporary),
            "TMP": str(temporary),
            "TZ": "UTC",
            "NO_COLOR": "1",
        }
        return values | {**target.environment(self.home), **self.extra, **(extra or {})}

    def run(
        self,
        args: Sequence[str],
        target: Target,
        *,
        timeout: float = 60,
        stdin: str = "",
        extra: Mapping[str, str] | None = None,
        fork: bool = False,
    ) -> subprocess.CompletedProcess[str]:
        """Run a command in the working directory and return its output.

        A first argument of `python` means this interpreter, with `fork` as `forks.py` starts it.
        After `timeout` seconds the command is ended with every process that it started, and
        `subprocess.TimeoutExpired` carries what it printed until then.
        """
        command = [sys.executable, *args[1:]] if args[0] == "python" else list(args)
        environment = self.environment(target, extra=extra)
        process: subprocess.Popen[str] | Fork
        if fork and (ahead := ahead_of(target)) is not None:
            process = start(ahead, args[1:], self.work, environment)
        else:
            process = subprocess.Popen(
                command,
                cwd=self.work,
                env=environment,
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
        return subprocess.CompletedProcess(command, process.wait(), out, err)

    def python(
        self,
        code: str,
        target: Target,
        *,
        timeout: float = 60,
        extra: Mapping[str, str] | None = None,
    ) -> str:
        """Run Python source in a new process and return what it printed.

        Fails with the whole traceback when the program does.
        """
        done = self.run(["python", "-c", code], target, timeout=timeout, extra=extra, fork=True)
        assert done.returncode == 0, (
            f"exit {done.returncode} on {target}\n{done.stdout}{done.stderr}"
        )
        return done.stdout


def end(process: subprocess.Popen[str] | Fork) -> None:
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
