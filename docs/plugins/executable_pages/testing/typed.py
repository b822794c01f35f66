"""Pages that a reader types: files to save, and commands for the real shells of named terminals."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

import pexpect

from executable_pages.testing.sandbox import Sandbox
from executable_pages.testing.scanner import Block, Page, PageError, name
from executable_pages.testing.shell import OFFLINE, write_programs
from executable_pages.testing.target import Target
from executable_pages.testing.wrong import Wrong

# What a line begins with that a reader types: at a shell, and in an interactive Python.
PROMPTS = ("$ ", ">>> ")
# A prompt that no program prints by chance, so that a shell's answer has an end. It also says how
# the last command ended.
_PS1 = "[reader $?]$ "
# The prompt of a command that goes on, which a page would have to show as well.
_PS2 = "[reader]> "
_SHELL = re.compile(r"\[reader (?P<code>\d+)\]\$ ")


@dataclass
class Typed:
    """One line that a reader types, what the page shows under it, and where it stands."""

    where: str
    prompt: str
    text: str
    shown: list[str] = field(default_factory=list)


def typed(block: Block) -> list[Typed]:
    """The lines of a block: each one of `bash`, and each one behind a prompt of `console`.

    Raises:
        PageError: Output stands before the first of them, or there is none.
    """
    found: list[Typed] = []
    for number, line in enumerate(block.text.splitlines(), block.line):
        where = f"{name(block.page)}:{number}"
        line = f"$ {line}" if block.language == "bash" else line
        if prompt := next(filter(line.startswith, PROMPTS), ""):
            found.append(Typed(where, prompt, line.removeprefix(prompt)))
        elif found:
            found[-1].shown.append(line)
        else:
            raise PageError(f"{where}: output of nothing that was typed")
    if not found:
        raise PageError(f"{block.where}: a block in which nothing is typed")
    return found


class Terminal:
    """A shell on a terminal of its own."""

    def __init__(self, sandbox: Sandbox, environment: dict[str, str]) -> None:
        # Neither colours nor an editor: what is typed comes back as lines.
        prompts = {"PS1": _PS1, "PS2": _PS2}
        plain = prompts | {"TERM": "dumb", "PYTHON_BASIC_REPL": "1", "COLUMNS": "200"}
        self.shell = pexpect.spawn(
            "/bin/sh",
            cwd=str(sandbox.work),
            env=environment | plain,
            encoding="utf-8",
            echo=False,
            timeout=60,
            dimensions=(50, 400),
        )
        self.code = 0
        self.prompt = self._wait()

    def type(self, line: Typed) -> list[str]:
        """Type a line and return the lines that were printed until the next prompt.

        Raises:
            Wrong: The terminal waits at another prompt than the page shows, the line is not all of
                a command, or the shell ended.
        """
        if self.prompt != line.prompt:
            raise Wrong(f"{line.where}: the terminal waits at {self.prompt!r}, not {line.prompt!r}")
        self.shell.sendline(line.text)
        try:
            self.prompt = self._wait()
        except (pexpect.EOF, pexpect.TIMEOUT):
            raise Wrong(f"{line.where}: no prompt came back:\n{self.shell.before}") from None
        if self.prompt == _PS2:
            raise Wrong(f"{line.where}: this command has no end; write it on one line")
        printed: str = self.shell.before
        return [each.rstrip() for each in printed.replace("\r", "").splitlines()]

    def _wait(self) -> str:
        found = self.shell.expect([_SHELL, ">>> ", re.escape(_PS2)])
        self.code = 0 if found else int(self.shell.match["code"])
        return (*PROMPTS, _PS2)[found]

    def close(self) -> None:
        """End the shell, and what runs in it."""
        self.shell.close(force=True)


class Reader:
    """Goes through a page as a reader does, in one directory and as many terminals as it names."""

    def __init__(self, sandbox: Sandbox, target: Target, programs: Mapping[str, str]) -> None:
        self.sandbox = sandbox
        self.programs = programs
        self.environment = sandbox.environment(target, extra=OFFLINE)
        stand_ins = write_programs(sandbox.root / "programs", programs)
        self.environment["PATH"] = os.pathsep.join([str(stand_ins), self.environment["PATH"]])
        self.target = target
        self.terminals: dict[str, Terminal] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for terminal in self.terminals.values():
            terminal.close()

    def follow(self, page: Page) -> None:
        """Save every file of a page and type every line, in the page's order.

        Raises:
            Wrong: A line printed something else than the page shows; the message has its place.
        """
        for block in page.blocks:
            if block.language == "python":
                self._save(block)
            else:
                for line in typed(block):
                    self._type(line, block.info)

    def _save(self, block: Block) -> None:
        if not block.info.endswith(".py"):
            raise PageError(f"{block.where}: a program to save needs the name of its file")
        (self.sandbox.work / block.info).write_text(block.text, encoding="utf-8")

    def _type(self, line: Typed, terminal: str) -> None:
        if terminal not in self.terminals:
            self.terminals[terminal] = Terminal(self.sandbox, self.environment)
        printed = self.terminals[terminal].type(line)
        if code := self.terminals[terminal].code:
            raise Wrong(f"{line.where} on {self.target}: exit code {code}:\n{printed}")
        # What the one that stands in for a program prints, no reader sees.
        is_quiet = not line.shown and line.text.split(" ")[0] in self.programs
        if not is_quiet and printed != line.shown:
            raise Wrong(
                f"{line.where} on {self.target}: the page shows\n  {line.shown}\n"
                f"and the terminal printed\n  {printed}"
            )
