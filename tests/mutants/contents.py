"""The lies that are told to what a block says: to commands, to JSON and to output."""

import dataclasses
import re
from collections.abc import Callable, Iterator
from itertools import pairwise

from executable_pages.testing.scanner import Block, Page
from executable_pages.testing.shell import Command, commands
from tests.mutants.retold import Kinds, Told, outputs, place, rewritten
from tests.subject.kinds import is_recipe
from tests.subject.project import SUBJECT

Tell = Callable[[str, list[Page]], Iterator[Told]]
_ENTRY = re.compile(r'^ *"(?P<key>\w+)": (?P<value>[^\[{]+),$')


def _command(change: Callable[[Block, Command], list[str]]) -> Tell:
    """The first command of each shell block as other lines, where that makes it wrong."""

    def tell(kind: str, every: list[Page]) -> Iterator[Told]:
        for page in every:
            for block in filter(_is_told, page.blocks):
                command = commands(block)[0]
                # The test of a block with pytest takes the last word for a store's name.
                if command.words[0] != "pytest" and (lied := change(block, command)):
                    lines = page.source.splitlines()
                    first, count = command.line - 1, command.text.count("\n") + 1
                    changed = [*lines[:first], *lied, *lines[first + count :]]
                    text = " / ".join(line or "a blank line" for line in lied)
                    yield rewritten(kind, page, command.line, text, changed)

    return tell


def _is_told(block: Block) -> bool:
    is_typed = SUBJECT.kind_of(block) == "typed" and block.language in ("bash", "console")
    is_shell = SUBJECT.kind_of(block) == "shell" and not is_recipe(SUBJECT.name(block.page))
    return (is_typed or is_shell) and ">>>" not in block.text


def _written(block: Block, command: Command) -> list[str]:
    """The lines of a command as they stand in its block."""
    if block.language == "bash":
        return command.text.split("\n")
    first, *rest = command.text.split("\n")
    return [f"$ {first}", *(f"> {line}" for line in rest)]


def _operator(behind: str) -> Tell:
    """A shell operator, where it changes what the page shows or that the command works."""

    def change(block: Block, command: Command) -> list[str]:
        if not command.shown and "false" not in behind:
            return []
        *rest, last = _written(block, command)
        return [*rest, last + behind]

    return _command(change)


def _blank(block: Block, command: Command) -> list[str]:
    """A blank line that the command does not print, or with a command behind it that fails."""
    written = _written(block, command)
    if block.language == "bash":
        return [*written, "", "false"]
    return [*written, ""] if command.shown else [*written, "", "$ false"]


def _continued(block: Block, command: Command) -> list[str]:
    """A command that goes on in the next line, and fails there."""
    *rest, last = _written(block, command)
    return [*rest, f"{last} \\", "  && false" if block.language == "bash" else "> && false"]


def _unquoted(block: Block, command: Command) -> list[str]:
    """A command with a quote that is open."""
    *rest, last = _written(block, command)
    return [*rest, f'{last} "']


def _in_a_list(kind: str, every: list[Page]) -> Iterator[Told]:
    """JSON that is a list of what it should be."""
    for page in every:
        for block in page.blocks:
            if SUBJECT.kind_of(block) == "json":
                lines = page.source.splitlines()
                start, end = block.line - 1, block.line - 1 + block.text.count("\n")
                changed = [*lines[:start], "[", *lines[start:end], "]", *lines[end:]]
                yield rewritten(kind, page, block.line, "a list of it", changed)


def _key_twice(kind: str, every: list[Page]) -> Iterator[Told]:
    for page in every:
        lines = page.source.splitlines()
        for block in page.blocks:
            for index, line in enumerate(block.text.splitlines()):
                if SUBJECT.kind_of(block) == "json" and (match := _ENTRY.match(line)):
                    at = block.line - 1 + index
                    lied = line[: match.start("value")] + '"another",'
                    text = f"{match['key']} is written again, as {lied.strip()}"
                    yield rewritten(
                        kind, page, at + 2, text, [*lines[: at + 1], lied, *lines[at + 1 :]]
                    )


def _output(change: Callable[[list[str], int], str]) -> Tell:
    """Lines of output that are left out, written again, or in another order."""

    def tell(kind: str, every: list[Page]) -> Iterator[Told]:
        for page, block, index, output in outputs(every):
            lines = block.text.splitlines()
            if text := change(lines, index):
                lied = dataclasses.replace(block, text="\n".join(lines) + "\n")
                where = place(page.path, block.line + index)
                yield Told(kind, where, f"{output} {text}", lied)

    return tell


def _removed(lines: list[str], index: int) -> str:
    del lines[index]
    return "is left out"


def _doubled(lines: list[str], index: int) -> str:
    lines.insert(index, lines[index])
    return "is written twice"


def _reordered(lines: list[str], index: int) -> str:
    for one, other in pairwise(range(index, len(lines))):
        both = lines[one].lstrip(), lines[other].lstrip()
        if all(each.startswith("#>") for each in both) and both[0] != both[1]:
            lines[one], lines[other] = lines[other], lines[one]
            return "changes places with the line below it"
    return ""


def _set_printed(kind: str, every: list[Page]) -> Iterator[Told]:
    for page, block, _, _ in outputs(every):
        if not block.indent:
            # As seed 0 prints it, or in some other order: a reader sees yet another one.
            added = ['print({"one", "two", "three"})', "#> {'two', 'three', 'one'}"]
            end = block.line - 1 + block.text.count("\n")
            lines = page.source.splitlines()
            yield rewritten(kind, page, end + 1, added[0], [*lines[:end], *added, *lines[end:]])


KINDS: Kinds = {
    "command that fails": _operator(" && false"),
    "command in a pipe": _operator(" | wc"),
    "command into a file": _operator(" > file"),
    "blank line in a shell": _command(_blank),
    "command over two lines": _command(_continued),
    "command with an open quote": _command(_unquoted),
    "JSON key twice": _key_twice,
    "JSON in a list": _in_a_list,
    "output left out": _output(_removed),
    "output twice": _output(_doubled),
    "output reordered": _output(_reordered),
    "set printed": _set_printed,
}
