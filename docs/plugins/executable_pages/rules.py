"""The rules that make a CommonMark parser read MDX: tags, braces and comments; no HTML.

What MDX reads otherwise than `markdown-it-py`, and what stays out of the tree there, is refused.
"""

import re
import string
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.parser_inline import ParserInline
from markdown_it.ruler import RuleOptionsType
from markdown_it.rules_block import StateBlock, list_block, table
from markdown_it.rules_inline import StateInline, escape
from markdown_it.token import Token

from executable_pages import addresses, jsx
from executable_pages.literals import Mistake, Unfinished, closing

_FOOTNOTE = re.compile(r"\[\^(?:[^\[\]\\\s]|\\.)+\]:")
_MODULE = re.compile(r"(?:import|export) ")
# What begins so is JavaScript; anything else that begins with such a word MDX refuses.
_SCRIPT = re.compile(
    r"import(?:\s+[\w$*{][^\"'\n;]*from)?\s*[\"'][^\"'\n]+[\"']|import\s*\{|"
    r"export\s+(?:default\b|const\b|let\b|var\b|function\b|class\b|async\b|[{*])"
)


class PlacedInline(ParserInline):
    """Notes for each token of a line of prose where it begins and ends."""

    def tokenize(self, state: StateInline) -> None:
        """Read one construct after the other."""
        rules = self.ruler.getRules("")
        pending = state.pos
        while state.pos < state.posMax:
            at, known = state.pos, len(state.tokens)
            if not state.pending:
                pending = at
            for rule in rules:
                if rule(state, False):
                    break
            else:
                state.pending += state.src[state.pos]
                state.pos += 1
            for token in state.tokens[known:]:
                if "at" not in token.meta:
                    begin = pending if token.type == "text" and token is state.tokens[known] else at
                    token.meta |= {"at": begin, "end": state.pos}
        if state.pending:
            state.pushPending()
            state.tokens[-1].meta |= {"at": pending, "end": state.pos}


def parser() -> MarkdownIt:
    """A parser for the blocks of a page; its inline parser reads each line of prose."""
    options: dict[str, Any] = {"tasklists": True, "strikethrough_single_tilde": True}
    # A link says by which name it found its address.
    options["store_labels"] = True
    # What is nested deeper than this would be left out without a word; the builder says so first.
    md = MarkdownIt("commonmark", options | {"maxNesting": 10_000})
    md.inline = PlacedInline()
    md.enable("strikethrough")
    md.disable(["html_block", "html_inline", "autolink", "code", "lheading", "linkify"])
    md.core.ruler.enableOnly(["block"])
    every: RuleOptionsType = {"alt": ["paragraph", "reference", "blockquote", "list", "table"]}
    md.block.ruler.before("table", "mdx", _flow, every)
    md.block.ruler.before("mdx", "module", _module)
    md.block.ruler.at("list", _list, {"alt": ["paragraph", "reference", "blockquote"]})
    # A line may be both, and MDX looks for a list, a quote or a rule first.
    md.block.ruler.before("reference", "rows", _table, {"alt": ["paragraph", "reference"]})
    md.block.ruler.before("reference", "footnote", _footnote)
    md.block.ruler.at("paragraph", _paragraph)
    md.inline.ruler.at("escape", _escape)
    md.inline.ruler.before("escape", "tag", _text_tag)
    md.inline.ruler.before("escape", "braces", _text_braces)
    md.inline.ruler.before("text", "address", _address)
    for letter in "hHwW":
        md.inline.add_terminator_char(letter)
    # An address is shown as it is written.
    vars(md).update(validateLink=lambda url: True, normalizeLink=lambda url: url)
    return md


def begin(state: StateBlock, line: int) -> int:
    """The offset at which a line of a block begins, behind quote marks and indentation."""
    return state.bMarks[line] + state.tShift[line]


def _flow(state: StateBlock, first: int, after: int, silent: bool) -> bool:
    """Tags and braces that have their lines to themselves."""
    start = begin(state, first)
    if state.src[start : start + 1] not in ("<", "{"):
        return False
    count = 1
    while True:
        lines, starts, is_lazy = _window(state, first, min(after, first + count))
        text = "\n".join(lines)
        notes: list[Mistake] | None = [] if "notes" in state.env else None
        try:
            found = list(jsx.pieces(text, notes))
        except LookupError:
            _note(state, notes or [], starts, lines)
            return False
        except Unfinished as error:
            if first + count < after and not is_lazy:
                count *= 4
                continue
            hint = "; indent its next line as its first one" if is_lazy else ""
            return _wrong(state, _offset(starts, lines, error.at), f"{error}{hint}", error)
        except Mistake as error:
            return _wrong(state, _offset(starts, lines, error.at), str(error), error)
        break
    if silent:
        is_lazy = state.parentType == "blockquote" or state.sCount[first] < state.blkIndent
        if is_lazy and "\n" in text[: found[-1].end]:
            why = "write a blank line above what takes several lines"
            _wrong(state, start, why)
        return True
    _note(state, notes or [], starts, lines)
    for piece in found:
        token = state.push("mdx", "", 0)
        where = [_offset(starts, lines, at) for at in (piece.start, piece.end)]
        token.meta = {"piece": piece, "at": where[0], "end": where[1]}
        if isinstance(piece, jsx.Tag):
            token.meta["places"] = {
                name: _offset(starts, lines, at) for name, at in piece.places.items()
            }
    state.line = first + text.count("\n", 0, found[-1].end) + 1
    return True


def _note(state: StateBlock, notes: list[Mistake], starts: list[int], lines: list[str]) -> None:
    for note in notes:
        note.at = _offset(starts, lines, note.at)
        state.env["notes"].append(note)


def _wrong(
    state: StateBlock | StateInline,
    at: int,
    text: str,
    error: Mistake | None = None,
    *,
    is_mdx: bool = True,
) -> bool:
    """Refuse what stands at an offset, or note it and take it for text.

    Raises:
        Mistake: Nobody takes notes.
    """
    mistake = Mistake(at, text, is_mdx=error.is_mdx if error else is_mdx)
    if "notes" not in state.env:
        raise mistake from None
    state.env["notes"].append(mistake)
    return False


def _window(state: StateBlock, first: int, after: int) -> tuple[list[str], list[int], bool]:
    """Lines of the container that a block stands in, where each begins, and whether one left it."""
    lines: list[str] = []
    starts: list[int] = []
    for line in range(first, after):
        if line > first and not state.isEmpty(line) and state.sCount[line] < state.blkIndent:
            return lines, starts, True
        at = begin(state, line)
        lines.append(state.src[at : state.eMarks[line]])
        starts.append(at)
    return lines, starts, False


def _offset(starts: list[int], lines: list[str], at: int) -> int:
    for start, line in zip(starts, lines, strict=True):
        if at <= len(line):
            return start + at
        at -= len(line) + 1
    return starts[-1] + len(lines[-1])


def _module(state: StateBlock, first: int, after: int, silent: bool) -> bool:
    at = begin(state, first)
    if (at == 0 or state.src[at - 1] == "\n") and _MODULE.match(state.src, at):
        word = state.src[at : at + 6]
        is_script = bool(_SCRIPT.match(state.src, at))
        _wrong(state, at, f"MDX takes a line that begins with {word} for JavaScript; begin with "
               f"another word, or put {word} in backticks", is_mdx=not is_script)  # fmt: skip
        if is_script and not silent:
            state.line = _end_of_script(state, first, after)
        return is_script
    return False


def _end_of_script(state: StateBlock, first: int, after: int) -> int:
    """The blank line behind JavaScript, all of whose brackets are closed."""
    for line in range(first + 1, after):
        # In brackets of its own the text is closed where they are.
        text = f"({state.src[state.bMarks[first] : state.eMarks[line - 1]]})"
        if state.isEmpty(line) and closing(text, 0) == len(text) - 1:
            return line
    return after


def _table(state: StateBlock, first: int, after: int, silent: bool) -> bool:
    """A table, unless the line below its head could underline a heading."""
    if first + 1 >= after:
        return False
    below = state.src[begin(state, first + 1) : state.eMarks[first + 1]]
    before = state.tokens[-1].type if state.tokens else ""
    if not ("|" in below or ":" in below) or not table(state, first, after, silent):
        return False
    is_close = not silent and first > 0 and not state.isEmpty(first - 1)
    if is_close and before.endswith(("list_close", "blockquote_close")):
        _wrong(state, begin(state, first), "write a blank line above the table", is_mdx=False)
    for line in range(first + 2, state.line if not silent else 0):
        _module(state, line, after, silent)
    return True


def _list(state: StateBlock, first: int, after: int, silent: bool) -> bool:
    """A list may be as deep as it likes, since indentation makes no code."""
    kept, state.listIndent = state.listIndent, -1
    try:
        return list_block(state, first, after, silent)
    finally:
        state.listIndent = kept


def _footnote(state: StateBlock, first: int, after: int, silent: bool) -> bool:
    at = begin(state, first)
    if _FOOTNOTE.match(state.src, at):
        why = "a page has no footnotes; write the note into the text, or \\[ for a bracket"
        _wrong(state, at, why, is_mdx=False)
    return False


def _paragraph(state: StateBlock, first: int, after: int, silent: bool) -> bool:
    """A paragraph, or a heading underlined with = or -; indentation makes no code."""
    rules = state.md.block.ruler.getRules("paragraph")
    parent, state.parentType = state.parentType, "paragraph"
    line, level = first + 1, 0
    while line < state.lineMax and not state.isEmpty(line):
        if state.sCount[line] >= 0:
            mark = state.src[begin(state, line) : state.eMarks[line]].rstrip(" \t")
            if line < after and state.sCount[line] >= state.blkIndent and mark and (
                set(mark) in ({"="}, {"-"})
            ):  # fmt: skip
                level = 1 if mark[0] == "=" else 2
                break
            if any(rule(state, line, after, True) for rule in rules):
                break
        line += 1
    state.parentType = parent
    content = state.getLines(first, line, state.blkIndent, False).strip(" \t\n")
    state.line = line + (1 if level else 0)
    tag = f"h{level}" if level else "p"
    kind = "heading" if level else "paragraph"
    _push(state, f"{kind}_open", tag, 1, [first, state.line])
    inline = _push(state, "inline", "", 0, [first, line])
    inline.content, inline.children = content, []
    _push(state, f"{kind}_close", tag, -1, None)
    return True


def _push(state: StateBlock, kind: str, tag: str, nesting: Any, lines: list[int] | None) -> Token:
    token = state.push(kind, tag, nesting)
    token.map = lines
    return token


def _escape(state: StateInline, silent: bool) -> bool:
    # What follows any other backslash has a meaning of its own: a line's end, an address.
    behind = state.src[state.pos + 1 : state.pos + 2]
    return behind in ("\n", *string.punctuation) and escape(state, silent)


def _text_tag(state: StateInline, silent: bool) -> bool:
    if state.src[state.pos] != "<":
        return False
    try:
        found = jsx.tag(state.src[: state.posMax], state.pos, state.env.get("notes"))
    except Mistake as error:
        return _wrong(state, error.at, str(error), error)
    return found is not None and _keep(state, found, silent)


def _text_braces(state: StateInline, silent: bool) -> bool:
    if state.src[state.pos] != "{":
        return False
    try:
        found = jsx.braces(state.src[: state.posMax], state.pos, state.env.get("notes"))
    except Mistake as error:
        return _wrong(state, error.at, str(error), error)
    return _keep(state, found, silent)


def _keep(state: StateInline, piece: jsx.Tag | jsx.Braces, silent: bool) -> bool:
    if not silent:
        token = state.push("mdx", "", 0)
        token.meta = {"piece": piece, "places": getattr(piece, "places", {})}
    state.pos = piece.end
    return True


def _address(state: StateInline, silent: bool) -> bool:
    """An address that stands in the prose is a link, unless a bracket is open before it."""
    at = state.pos
    if state.src[at] not in "hHwW" or state.linkLevel:
        return False
    address = addresses.in_place(state.src, at, state.posMax)
    if not address or state.src.count("[", 0, at) > state.src.count("]", 0, at):
        return False
    if not silent:
        opening = state.push("link_open", "a", 1)
        opening.attrs = {"href": f"http://{address}" if address[0] in "wW" else address}
        opening.info = "auto"
        text = state.push("text", "", 0)
        text.content = address
        text.meta = {"at": at, "end": at + len(address)}
        state.push("link_close", "a", -1)
    state.pos = at + len(address)
    return True
