"""What Mermaid itself reads in a diagram, without a browser.

The wheel `mermaidx` carries the script that the site serves. It runs in QuickJS, once
for a process.
"""

import html
import json
import os
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any

try:
    import quickjs  # type: ignore[import-untyped]
except ModuleNotFoundError as error:
    wanted = "to read diagrams, pip install 'executable-pages[diagrams]'"
    raise ModuleNotFoundError(f"{error}: {wanted}", name=error.name) from None

from executable_pages.digests import of_text
from executable_pages.files import ROOT

ANSWERS = ROOT / "build" / "mermaid"
_READER = Path(__file__).with_name("mermaid.js")
_ENTITY = re.compile("ﬂ°(°?)([\\w+]*?)¶ß")
_COMMENT = re.compile(r"\s*%%(?!\{)")
# Parsing measures no text; a script that draws would need these to answer.
_UNUSED = """
globalThis.__log = () => {};
for (const what of ["Text", "TextFull", "Glyphs", "ForeignObject"])
  globalThis[`__measure${what}`] = () => ({});
"""
_STACK = 16 * 1024 * 1024


@dataclass(frozen=True)
class Break:
    """Where a statement ends on a line: at a `;`, or at a comment, which is `text` as a whole."""

    line: int
    before: str
    text: str
    after: str


class Refused(ValueError):
    """Mermaid refuses a diagram, in its `words`, at `line`, from 0, or -1 where it names none."""

    def __init__(self, words: str, line: int) -> None:
        super().__init__(words, line)
        self.words, self.line = words, line

    @property
    def brief(self) -> str:
        """The words in one line, without Mermaid's own count of lines and all that it expected."""
        said = re.sub(r"\A(?:Parse|Lexical) error on line .*\^\n?", "", self.words, flags=re.DOTALL)
        said = said.partition("\n")[0].strip() or "it cannot read it"
        return re.sub(r"((?:'\w+', ){3})(?:'\S+', )+(?=got)", r"\1..., ", said)


@dataclass(frozen=True)
class Reading:
    """What Mermaid read. Lines are those of the source, counted from 0.

    `statements` are those of a sequence diagram, in order and each with its `line`; `actors` have
    name, alias and type as Mermaid draws them, and `messages` are the model that it draws from.
    """

    kind: str
    statements: list[dict[str, Any]] = field(default_factory=list)
    breaks: list[Break] = field(default_factory=list)
    actors: list[dict[str, str]] = field(default_factory=list)
    messages: list[dict[str, Any]] = field(default_factory=list)
    linetypes: dict[str, int] = field(default_factory=dict)


def lines_of(text: str) -> list[str]:
    """The lines as Mermaid counts them: U+2028, form feeds and their like end none."""
    return re.split(r"\r\n?|\n", text)


@lru_cache(maxsize=512)
def read(text: str) -> Reading:
    """Let Mermaid read a diagram of any kind.

    Raises:
        Refused: Mermaid cannot draw it, or reads a line that does not stand there.
    """
    told = json.loads(_known(text))
    lines = _Lines(text, told.get("parsed", ""))
    if "error" in told:
        raise Refused(told["error"], lines.source(told["line"]) if told.get("line") else -1)
    breaks = [Break(**each | {"line": lines.source(each["line"])}) for each in told["breaks"]]
    statements = told.get("statements", [])
    for statement in statements:
        statement["line"] = lines.source(statement["line"])
    return Reading(
        told["type"],
        statements,
        breaks,
        told.get("actors", []),
        told.get("messages", []),
        told.get("linetypes", {}),
    )


def _known(text: str) -> str:
    """What Mermaid says of a text: to begin takes it half a second, so its answers are kept."""
    place = ANSWERS / of_text(f"{_version()} {text}")
    try:
        return place.read_text("utf-8")
    except OSError:
        said: str = _thread().submit(_read, text).result()
    with suppress(OSError):
        ANSWERS.mkdir(parents=True, exist_ok=True)
        made = place.with_name(f"{place.name}-{os.getpid()}")
        made.write_text(said, "utf-8")
        made.replace(place)
    return said


@cache
def _version() -> str:
    return of_text(_READER.read_text("utf-8") + version("mermaidx") + version("quickjs-ng"))


def _read(text: str) -> str:
    context = _engine()
    context.eval(f"readDiagram({json.dumps(text)})")
    while (found := context.eval("reading")) is None:
        if not context.execute_pending_job():
            raise Refused("Mermaid did not come to an end", -1)
    return str(found)


@cache
def _thread() -> ThreadPoolExecutor:
    # QuickJS measures its stack from where it was started, so it stays on one thread.
    before = threading.stack_size(2 * _STACK)
    try:
        pool = ThreadPoolExecutor(1, "mermaid")
        pool.submit(_engine).result()
        return pool
    finally:
        threading.stack_size(before)


@cache
def _engine() -> quickjs.Context:
    context = quickjs.Context()
    context.set_max_stack_size(_STACK)
    context.eval(_UNUSED)
    assets = files("mermaidx").joinpath("assets")
    for script in ("dom_shim.js", "mermaid.js"):
        context.eval(assets.joinpath(script).read_text("utf-8"))
    context.eval(_READER.read_text("utf-8"))
    while context.execute_pending_job():
        pass
    return context


def shown(text: str) -> str:
    """A text that Mermaid parsed, as its author wrote it.

    While it parses, Mermaid hides `#35;` and `#quot;` behind other characters.
    """
    return text.replace("ﬂ°°", "#").replace("ﬂ°", "#").replace("¶ß", ";")


def drawn(text: str) -> str:
    """What Mermaid draws for a text that it read: its own entities, such as `#35;`, are characters.

    What looks like one of HTML, such as `&copy`, is drawn as it is written.
    """
    return _ENTITY.sub(lambda match: html.unescape(f"&{'#' * bool(match[1])}{match[2]};"), text)


class _Lines:
    """Which line of the source each line of what Mermaid parses is.

    Before it parses, Mermaid takes out comments, directives and the front matter at the top. From
    the end upward, each line that is left is the nearest one above that has the same text.
    """

    def __init__(self, text: str, parsed: str) -> None:
        self._source = lines_of(text)
        self._at: dict[int, int] = {}
        left = [
            number
            for number, line in enumerate(self._source)
            if line.strip() and not (_COMMENT.match(line) and line.strip() != "%%")
        ]
        for number, line in reversed(list(enumerate(parsed.split("\n"), 1))):
            if line.strip():
                self._at[number] = self._last(left, shown(line).strip())

    def _last(self, left: list[int], line: str) -> int:
        near = left[-1] if left else 0
        while left:
            number = left.pop()
            if self._key(self._source[number]) == self._key(line):
                return number
        raise Refused(f"it reads {line!r} instead", near)

    @staticmethod
    def _key(line: str) -> str:
        # Mermaid writes the quotes of attributes in tags otherwise, and takes the `;` off the end
        # of a style with a color.
        return line.strip().replace('"', "'").replace(";", "")

    def source(self, line: int) -> int:
        """The source line, from 0, of a line of the parsed text, from 1."""
        if not self._at:
            return min(line, len(self._source)) - 1
        while line > 1 and line not in self._at:
            line -= 1
        return self._at.get(line, 0)
