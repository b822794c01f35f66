"""JSON of pages, read more strictly than by most readers, with the line of every part."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from executable_pages.testing.scanner import Block, name
from executable_pages.testing.wrong import Wrong

Path = tuple[str | int, ...]
_STRING = json.JSONDecoder()
_COMMENT = re.compile(r"[ \t\r\n,]*(?://|/\*|#)")


@dataclass
class Json:
    """What a block of JSON says. `lines` has the line of the page of each part, by its path.

    The path of a part is as in `$.messages[0].role`.
    """

    block: Block
    value: Any
    lines: dict[str, int] = field(default_factory=dict)

    def where(self, path: str = "$") -> str:
        """The page and the line of a part; of the block for one that it does not have."""
        return f"{name(self.block.page)}:{self.lines.get(path, self.block.fence_line)}"


def read_json(block: Block) -> Json:
    """Read a block.

    Raises:
        Wrong: It is no JSON, or a key of one object is written twice, of which readers keep one.
    """
    try:
        value = json.loads(block.text, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        last = block.text.rstrip("\n").count("\n")
        where = f"{name(block.page)}:{block.line + min(error.lineno - 1, last)}"
        is_comment = _COMMENT.match(block.text, error.pos)
        hint = "; JSON has no comments, so say it in the text" if is_comment else ""
        raise Wrong(f"{where}: this is no JSON: {error.msg}{hint}") from None
    except _NoConstant as error:
        raise Wrong(f"{block.where}: this is no JSON: {error}; write null or a string") from None
    except RecursionError:
        raise Wrong(f"{block.where}: JSON that is nested too deeply to be read") from None
    found = Json(block, value)
    keys = set[Path]()
    for path, line, is_key in _parts(block.text):
        number = block.line + line
        if is_key and path in keys:
            raise Wrong(
                f"{name(block.page)}:{number}: the key {_said(path)} is written twice; "
                f"readers keep one of the two, so delete one"
            )
        keys.add(path)
        found.lines.setdefault(_said(path), number)
    return found


class _NoConstant(ValueError):
    pass


def _no_constant(word: str) -> None:
    raise _NoConstant(f"{word} is JavaScript")


def _parts(text: str) -> Iterator[tuple[Path, int, bool]]:
    """The path of each value, the line where it begins, and whether it has a key."""
    # For each open bracket: its path, and how many values a list has had; None for an object.
    inside: list[tuple[Path, int | None]] = []
    path: Path = ()
    at, wants_key = 0, False
    while at < len(text):
        sign, line = text[at], text.count("\n", 0, at)
        if sign in ",: \t\r\n":
            wants_key = wants_key or (sign == "," and inside[-1][1] is None)
            at += 1
            continue
        if sign in "]}":
            inside.pop()
            at, wants_key = at + 1, False
            continue
        if wants_key:
            key, at = _STRING.raw_decode(text, at)
            path, wants_key = (*inside[-1][0], key), False
            yield path, line, True
            continue
        if not inside or inside[-1][1] is not None:
            path = _next(inside)
            yield path, line, False
        if sign in "[{":
            inside.append((path, 0 if sign == "[" else None))
            at, wants_key = at + 1, sign == "{"
        elif sign == '"':
            at = _STRING.raw_decode(text, at)[1]
        else:
            while at < len(text) and text[at] not in ", \t\r\n]}":
                at += 1


def _next(inside: list[tuple[Path, int | None]]) -> Path:
    if not inside:
        return ()
    path, count = inside[-1]
    assert count is not None
    inside[-1] = path, count + 1
    return (*path, count)


def _said(path: Path) -> str:
    return "$" + "".join(f".{each}" if isinstance(each, str) else f"[{each}]" for each in path)
