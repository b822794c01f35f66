"""The text of a page as every reader gets it, with the way back to lines, columns and bytes."""

import re
import unicodedata
from bisect import bisect_right
from pathlib import Path
from typing import Any

import yaml

from executable_pages.tree import PageError, Place, name

_FRONTMATTER = re.compile(r"---[ \t]*\n(?P<yaml>(?:.*\n)*?)---[ \t]*(?:\n|\Z)")
# Readers of Markdown, of HTML and of Python disagree on what these are.
_STRANGE = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
_HIDDEN_INDENT = re.compile(
    r"^[ \t]*(?P<space>[\u00a0\u1680\u2000-\u200d\u202f\u205f\u3000])", re.MULTILINE
)


class Source:
    """A page's bytes, decoded: `text` has `\\n` for every line end and no byte order mark.

    What a page is refused for is raised, unless it is collected in `refusals`.

    Raises:
        PageError: The bytes are no UTF-8, or a character of the text means different things to
            different readers.
    """

    def __init__(self, path: Path, raw: bytes, refusals: list[PageError] | None = None) -> None:
        self.name = name(path)
        self.refusals = refusals
        self._known: set[str] = set()
        mark = 3 if raw.startswith(b"\xef\xbb\xbf") else 0
        try:
            decoded = raw[mark:].decode("utf-8")
        except UnicodeDecodeError as error:
            line = raw[: mark + error.start].count(b"\n") + 1
            byte = raw[mark + error.start]
            wrong = PageError(
                f"{self.name}:{line}: the byte {byte:#04x} is no UTF-8; save the page as UTF-8"
            )
            if refusals is None:
                raise wrong from None
            refusals.append(wrong)
            decoded = raw[mark:].decode("utf-8", "replace")
        self.text = re.sub(r"\r\n?", "\n", decoded)
        self.lines = self.text.split("\n")
        ends = re.finditer(rb"\r\n?|\n", raw)
        self._bytes = [mark, *(end.end() for end in ends)]
        self._starts = [0]
        for line_text in self.lines:
            self._starts.append(self._starts[-1] + len(line_text) + 1)
        if strange := _STRANGE.search(self.text):
            self.refuse(strange.start(), _told(strange[0]))
        if hidden := _HIDDEN_INDENT.search(self.text):
            self.refuse(hidden.start("space"), _told(hidden["space"]))

    def byte(self, offset: int) -> int:
        """The offset in the file's bytes of an offset in the text."""
        line, column = self._line(offset)
        return self._bytes[line] + len(self.lines[line][:column].encode())

    def _line(self, offset: int) -> tuple[int, int]:
        line = bisect_right(self._starts, offset, 1, len(self.lines)) - 1
        return line, offset - self._starts[line]

    def start(self, line: int) -> int:
        """The offset in the text at which a line begins, counted from 0."""
        return self._starts[line] if line < len(self.lines) else len(self.text)

    def end(self, first: int, after: int) -> int:
        """Where lines end, without blank ones and without lines of nothing but quote marks."""
        while after > first + 1 and not self.lines[after - 1].strip(" \t>"):
            after -= 1
        return self.start(after - 1) + len(self.lines[after - 1])

    def place(self, start: int, end: int) -> Place:
        """The place of a part of the text."""
        line, column = self._line(start)
        return Place(line + 1, column + 1, self.byte(start), self.byte(end))

    def refuse(self, offset: int, text: str, *, is_mdx: bool = False, code: str = "") -> None:
        """Refuse the page for what is wrong at an offset; what was refused before is left out.

        Raises:
            PageError: Nobody collects refusals.
        """
        error = self.error(offset, text)
        error.is_mdx, error.code = is_mdx, code
        if self.refusals is None:
            raise error from None
        if str(error) not in self._known:
            self._known.add(str(error))
            self.refusals.append(error)

    def error(self, offset: int, text: str) -> PageError:
        """What is wrong at an offset of the text."""
        line, column = self._line(min(offset, len(self.text)))
        return PageError(f"{self.name}:{line + 1}:{column + 1}: {text}")

    def frontmatter(self) -> tuple[dict[str, Any], int]:
        """What the frontmatter says, and how many lines it takes.

        Raises:
            PageError: It has no end, or is no YAML that names values.
        """
        if self.lines[0].rstrip(" \t") != "---":
            return {}, 0
        match = _FRONTMATTER.match(self.text)
        if match is None:
            self.refuse(0, "frontmatter without its end; write --- on a line of its own")
            return {}, 0
        found: object = None
        try:
            found = yaml.safe_load(match["yaml"])
        except (yaml.YAMLError, ValueError, RecursionError) as error:
            mark = getattr(error, "problem_mark", None)
            why = getattr(error, "problem", None) or error
            line = self.start(mark.line + 1 if mark else 0)
            self.refuse(line, f"frontmatter that is no YAML: {why}")
        if not isinstance(found, dict | None):
            self.refuse(0, "frontmatter that names no values; write lines of `name: value`")
            found = None
        return found or {}, match[0].count("\n") + (0 if match[0].endswith("\n") else 1)


def _told(character: str) -> str:
    label = unicodedata.name(character, "a control character")
    return f"U+{ord(character):04X} ({label}), which readers disagree about; delete it"
