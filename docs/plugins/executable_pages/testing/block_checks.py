"""What blocks of each kind undergo, and the lies that such a check has to catch."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from executable_pages.testing.json_text import read_json
from executable_pages.testing.sandbox import Sandbox
from executable_pages.testing.scanner import Block
from executable_pages.testing.shell import commands, run
from executable_pages.testing.snippets import run_script
from executable_pages.testing.target import Target
from executable_pages.testing.trees import check_tree

if TYPE_CHECKING:
    from executable_pages.testing.subject import Subject


def shell(subject: Subject, block: Block, target: Target, sandbox: Sandbox) -> None:
    """Run the commands of a block.

    Raises:
        PageError: They cannot be run.
        Wrong: One failed, or printed something else.
    """
    found = commands(block)
    extra = subject.prepare(found, sandbox)
    run(found, target, sandbox, programs=subject.programs, extra=extra)


def json(subject: Subject, block: Block, target: Target, sandbox: Sandbox) -> None:
    """Read JSON and hold it against what it is about.

    Raises:
        Wrong: It is no JSON, or says something else.
    """
    subject.json(read_json(block), target, sandbox)


def tree(subject: Subject, block: Block, target: Target, sandbox: Sandbox) -> None:
    """Hold a listing against what the snippets before it leave behind.

    Raises:
        Wrong: It lists something else.
    """
    for each in subject.blocks("snippet"):
        if each.page == block.page and each.line < block.line:
            run_script(each, target, sandbox)
    check_tree(block, sandbox)


def other_values(text: str) -> Iterator[str]:
    """JSON without its last bracket, and with another number in it."""
    yield text.rstrip()[:-1] + "\n"
    for match in re.finditer(r"(?<=[:\s\[])\d+(?=[,\s\]}])", text):
        yield f"{text[: match.start()]}{int(match[0]) + 1}{text[match.end() :]}"


def other_files(text: str) -> Iterator[str]:
    """A listing with a file more, and with one less."""
    *lines, last = text.splitlines()
    yield "\n".join([*lines, last, f"{last}-other"]) + "\n"
    if lines[1:]:
        yield "\n".join(lines) + "\n"


def other_commands(text: str) -> Iterator[str]:
    """A command that does not exist, and output that is another."""
    first, *lines = text.splitlines()
    mark = "$ " if first.startswith("$ ") else ""
    yield "\n".join([f"{mark}no-such-command", *([first] if mark else []), *lines]) + "\n"
    for number, line in enumerate(lines):
        if mark and line and not line.startswith(("$", ">", "...")):
            yield "\n".join([first, *lines[:number], f"{line} else", *lines[number + 1 :]]) + "\n"
