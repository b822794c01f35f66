"""Shell blocks of pages as programs: a real shell runs them, and they print what the page shows."""

import os
import re
import shlex
import shutil
import signal
import subprocess
import uuid
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from executable_pages.testing.sandbox import Sandbox
from executable_pages.testing.scanner import Block, PageError, name
from executable_pages.testing.target import Target
from executable_pages.testing.transcript import compare
from executable_pages.testing.wrong import Wrong

# A program asks a closed port for every other machine.
OFFLINE = {
    variable: "http://127.0.0.1:9"
    for each in ("http_proxy", "https_proxy", "ftp_proxy", "all_proxy")
    for variable in (each, each.upper())
} | {"NO_PROXY": "127.0.0.1,localhost", "no_proxy": "127.0.0.1,localhost"}
_PROMPT = re.compile(r"[ \t]*(?:\$|%|>|>>>|\S+@\S+[$#%>])(?: |$)")
_UNFINISHED = re.compile(r"unexpected (?:EOF|end of file)|delimited by end-of-file")
_COMPLAINT = re.compile(r"^.*?: line (?P<line>\d+): (?P<what>.*)$", re.MULTILINE)


@dataclass(frozen=True)
class Command:
    """A command of a block, the line where it begins, and the output that the page shows."""

    block: Block
    line: int
    text: str
    shown: tuple[str, ...] = ()

    @property
    def where(self) -> str:
        """The page and the line of the command."""
        return f"{name(self.block.page)}:{self.line}"

    @property
    def words(self) -> list[str]:
        """The command as a shell splits it."""
        return shlex.split(self.text, comments=True)

    def shown_where(self, index: int) -> str:
        """The page and the line of a shown line."""
        return f"{name(self.block.page)}:{self.line + 1 + self.text.count(chr(10)) + index}"

    def compare(self, printed: str) -> None:
        """Hold what the command printed against what the page shows.

        Raises:
            Wrong: A line that the page shows was not printed where it stands.
        """
        is_session = self.block.language == "console"
        compare(self.shown, printed, self.where, self.shown_where, is_session=is_session)


def commands(block: Block) -> list[Command]:
    """The commands of a block.

    In `bash` every line is one, and in `console` every line behind a `$`; bash says whether a
    command goes on in the next line, which `console` shows behind a `>`.

    Raises:
        PageError: There are none, one is not finished or is none, or output stands before the
            first.
    """
    lines = block.text.removesuffix("\n").split("\n")
    found = _script(block, lines) if block.language == "bash" else _session(block, lines)
    if not found:
        raise PageError(f"{block.where}: a block without a command")
    return found


def _script(block: Block, lines: list[str]) -> list[Command]:
    found, open_since = list[Command](), None
    for number, line in enumerate(lines, block.line):
        if open_since is None:
            if not line.strip() or line.lstrip().startswith("#"):
                continue
            if _PROMPT.match(line):
                raise PageError(
                    f"{name(block.page)}:{number}: a prompt; a `console` block has commands "
                    f"behind `$` and output, and a `bash` block has commands alone"
                )
            open_since = Command(block, number, line)
        else:
            open_since = replace(open_since, text=f"{open_since.text}\n{line}")
        if not _rest_of(open_since):
            found.append(open_since)
            open_since = None
    if open_since is not None:
        raise PageError(f"{open_since.where}: this command has no end: {_rest_of(open_since)}")
    return found


def _session(block: Block, lines: list[str]) -> list[Command]:
    found = list[Command]()
    rest = ""
    for number, line in enumerate(lines, block.line):
        where = f"{name(block.page)}:{number}"
        if rest:
            if not re.match("> |>$", line):
                raise PageError(
                    f"{where}: the command above has no end ({rest}); go on behind `> `"
                )
            found[-1] = replace(found[-1], text=f"{found[-1].text}\n{line[2:]}")
            rest = _rest_of(found[-1])
        elif line.rstrip() == "$":
            raise PageError(f"{where}: a prompt without a command")
        elif line.startswith("$ "):
            found.append(Command(block, number, line[2:]))
            rest = _rest_of(found[-1])
        elif found:
            found[-1] = replace(found[-1], shown=(*found[-1].shown, line))
        else:
            raise PageError(f"{where}: output of no command; each command stands behind `$ `")
    if rest:
        raise PageError(f"{found[-1].where}: this command has no end: {rest}")
    return found


def _rest_of(command: Command) -> str:
    """Why bash would wait for more lines; empty when it would not.

    Raises:
        PageError: It is no command.
    """
    # Behind an odd number of backslashes the line goes on, and bash is content without it.
    if (len(command.text) - len(command.text.rstrip("\\"))) % 2:
        return "a line ends with a backslash"
    said = _parsed(command.text)
    if _UNFINISHED.search(said):
        return "a quote, a bracket, a here-document or a keyword such as `if` is open"
    if complaint := _COMPLAINT.search(said):
        line = command.line + int(complaint["line"]) - 1
        raise PageError(f"{name(command.block.page)}:{line}: bash: {complaint['what']}")
    return ""


@cache
def _parsed(text: str) -> str:
    """What bash says of a command that it reads and does not run."""
    done = subprocess.run(
        [bash(), "--noprofile", "--norc", "-n"],
        input=text + "\n",
        env={"LC_ALL": "C", "PATH": os.environ.get("PATH", os.defpath)},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    return done.stderr


@cache
def bash() -> str:
    """The shell.

    Raises:
        FileNotFoundError: This machine has none.
    """
    if found := shutil.which("bash"):
        return found
    raise FileNotFoundError("bash runs the shell blocks of pages, and this machine has none")


def run(
    block: Sequence[Command],
    target: Target,
    sandbox: Sandbox,
    *,
    programs: Mapping[str, str],
    extra: Mapping[str, str] | None = None,
    timeout: float = 240,
) -> list[str]:
    """Run the commands of a block in one shell and return what each of them printed.

    The shell stops at the first command that fails, in a pipe too, and at a variable that is not
    set. A program named in `programs` is replaced by that text, a script of `sh`. What still runs
    when the block is done, or after `timeout` seconds, is ended.

    Raises:
        Wrong: A command does not exist, failed, or printed something else than its page shows.
    """
    mark = uuid.uuid4().hex
    # A mark behind each command tells whose the output is, even where the command redirects it.
    marks = [
        f"{each.text}\n{{ __code=$?; [ $__code = 0 ] || exit $__code; printf {mark}; }} >&9\n"
        for each in block
    ]
    script = sandbox.root / "block.sh"
    script.write_text("exec 9>&1\n" + "".join(marks), encoding="utf-8", newline="\n")
    environment = sandbox.environment(target, extra=OFFLINE | dict(extra or {}))
    stand_ins = write_programs(sandbox.root / "programs", programs)
    environment["PATH"] = os.pathsep.join([str(stand_ins), environment["PATH"]])
    # As on a terminal, where output and errors come in their order.
    environment |= {"PYTHONUNBUFFERED": "1"}
    output = sandbox.root / "block.out"
    with output.open("wb") as file:
        process = subprocess.Popen(
            [bash(), "--noprofile", "--norc", "-eu", "-o", "pipefail", str(script)],
            cwd=sandbox.work,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            code: int | None = process.wait(timeout)
        except subprocess.TimeoutExpired:
            code = None
        finally:
            _end_all(process)
    printed = output.read_text("utf-8", errors="replace").split(mark)
    if len(printed) <= len(block):
        raise Wrong(_failure(block[len(printed) - 1], code, printed[-1], timeout, len(printed)))
    for command, text in zip(block, printed, strict=False):
        command.compare(text)
    return printed[: len(block)]


def write_programs(directory: Path, programs: Mapping[str, str]) -> Path:
    """Put the programs that replace others into a directory for `PATH`."""
    directory.mkdir(exist_ok=True)
    for program, text in programs.items():
        path = directory / program
        path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8", newline="\n")
        path.chmod(0o755)
    return directory


def _end_all(process: subprocess.Popen[bytes]) -> None:
    """End what a block started, too: a server in the background lives on with its shell gone."""
    if os.name == "posix":
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    process.wait()


def _failure(command: Command, code: int | None, printed: str, timeout: float, number: int) -> str:
    missing = re.search(r"(\S+): command not found", printed)
    if code is None:
        why = f"it did not end within {timeout:.0f} s; a server is started with `&` behind it"
    elif code == 0:
        why = "it ends the shell, so that nothing behind it runs"
    elif code == 127 and missing:
        why = f"there is no command {missing[1]!r}"
    else:
        why = f"exit code {code}; where it is meant to fail, write `|| true` behind it"
    return f"{command.where}: {why}:\n{printed[-3000:]}"


def write_module(directory: Path, module: str, source: str) -> None:
    """Save a module, in packages where its name has dots."""
    path = directory.joinpath(*module.split(".")).with_suffix(".py")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(source, encoding="utf-8")
