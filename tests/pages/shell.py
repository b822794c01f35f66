"""Shell blocks of pages as programs: commands run, and print what the page shows."""

import shlex
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.pages.sandbox import Sandbox
from tests.pages.scanner import ROOT, Block, PageError, name
from tests.pages.snippets import Wrong
from tests.subject.targets import Target

ELISION = "..."


@dataclass(frozen=True)
class Command:
    """One command of a block, the line where it stands, and the output that the page shows."""

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
        return shlex.split(self.text)


def commands(block: Block) -> list[Command]:
    """The commands of a block: each line of `bash`, each line behind a `$` of `console`.

    Raises:
        PageError: There are none, or output stands before the first.
    """
    found: list[Command] = []
    for number, line in enumerate(block.text.splitlines(), block.line):
        if block.language == "bash":
            found.append(Command(block, number, line))
        elif line.startswith("$ "):
            found.append(Command(block, number, line[2:]))
        elif found:
            last = found[-1]
            found[-1] = Command(block, last.line, last.text, (*last.shown, line))
        else:
            raise PageError(f"{name(block.page)}:{number}: output of no command")
    if not found:
        raise PageError(f"{block.where}: a block without a command")
    return found


def run(command: Command, sandbox: Sandbox, extra: Mapping[str, str] | None = None) -> str:
    """Run a command in the sandbox and return what it printed.

    `make` only says what it would do, since it would run the tests that run this. `pip` has no
    network: every package has to be there already, as the tests used it.

    Raises:
        Wrong: The command does not exist, failed, or printed something else than its page shows.
    """
    words = command.words
    settings = {"PIP_NO_INDEX": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"} | dict(extra or {})
    path = sandbox.environment(Target.REFERENCE)["PATH"]
    program = shutil.which(words[0], path=path)
    if program is None:
        raise Wrong(f"{command.where}: there is no command {words[0]!r}")
    if words[0] == "make":
        words[1:1] = ["--dry-run", "--no-print-directory", "-C", str(ROOT)]
    arguments = [program, *words[1:]]
    done = sandbox.run(arguments, Target.REFERENCE, timeout=240, extra=settings)
    printed = done.stdout + done.stderr
    if done.returncode:
        raise Wrong(f"{command.where}: exit code {done.returncode}:\n{printed[-3000:]}")
    compare(command, printed)
    return printed


def compare(command: Command, printed: str) -> None:
    """Hold what a command printed against what the page shows; `...` stands for any lines.

    Raises:
        Wrong: A line that the page shows was not printed where it stands.
    """
    if not command.shown:
        return
    left = [line.rstrip() for line in printed.splitlines()]
    is_open = False
    for index, line in enumerate(command.shown):
        where = f"{name(command.block.page)}:{command.line + 1 + index}"
        if line == ELISION:
            is_open = True
            continue
        place = left.index(line) if is_open and line in left else 0
        if left[place : place + 1] != [line]:
            raise Wrong(f"{where}: the command does not print {line!r} here:\n{printed[-3000:]}")
        left, is_open = left[place + 1 :], False
    if left and not is_open:
        raise Wrong(f"{command.where}: the page leaves out {left[0]!r}")


def write_module(directory: Path, module: str, source: str) -> None:
    """Save a module, in packages where its name has dots."""
    path = directory.joinpath(*module.split(".")).with_suffix(".py")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(source, encoding="utf-8")
