"""Where the output of a block stands: in `#>` lines right below the statement that printed it.

There is one form, whatever is printed: a `#>` line for each line of output, as long as it is,
without spaces at its end, and with the indentation of the statement. A statement that runs more
than once has all its output below it. What a function prints stands in the function; what a
lambda or a comprehension prints stands below the statement that runs it.
"""

import ast
import io
import re
import tokenize
from bisect import bisect_left
from collections import defaultdict
from functools import cache

from executable_pages.testing import notebook
from executable_pages.testing.scanner import Block, name
from executable_pages.testing.wrong import Wrong

# A line of the block, counted from 1, and a line of text that it printed.
Printed = tuple[int, str]
_MARK = "#>"
# No page can hold these: readers of Markdown, HTML and Python disagree on what they are.
_UNSEEN = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
_ADDRESS = re.compile(r"\bat 0x[0-9a-fA-F]{6,}")
_DEFINITION = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def where(block: Block, line: int) -> str:
    """The place of a line of the block, counted from 1."""
    return f"{name(block.page)}:{block.fence_line + line}"


@cache
def _tokens(text: str) -> tuple[tokenize.TokenInfo, ...]:
    try:
        return tuple(tokenize.generate_tokens(io.StringIO(text).readline))
    except (tokenize.TokenError, SyntaxError):
        # Python itself will say so, with the line.
        return ()


def output_lines(text: str) -> dict[int, str]:
    """The `#>` lines of a block and what each one says; those in a string are not among them."""
    return {
        token.start[0]: token.string.removeprefix(_MARK).removeprefix(" ")
        for token in _tokens(text)
        if _is_output(token) and not token.line[: token.start[1]].strip()
    }


def _is_output(token: tokenize.TokenInfo) -> bool:
    return token.type == tokenize.COMMENT and token.string.startswith(_MARK)


def code_lines(text: str) -> list[str]:
    """A block's lines without its output."""
    shown = output_lines(text)
    return [line for number, line in enumerate(text.split("\n"), 1) if number not in shown]


def check_form(block: Block) -> None:
    """Refuse output that stands behind code, and what only a notebook runs.

    Raises:
        Wrong: There is some.
    """
    for line, why in notebook.marks(block.text):
        raise Wrong(f"{where(block, line)}: {why}")
    for token in _tokens(block.text):
        if _is_output(token) and token.line[: token.start[1]].strip():
            raise Wrong(
                f"{where(block, token.start[0])}: output behind code; "
                f"write `{token.string}` on the line below"
            )


def placed(block: Block, printed: list[Printed]) -> str:
    """The text of the block with the output that it has, whatever the page shows.

    Raises:
        Wrong: It has output that no page can show.
    """
    tree, below = ast.parse(block.text), defaultdict[int, list[str]](list)
    lines, shown = block.text.split("\n"), output_lines(block.text)
    for line, text in printed:
        _check_text(block, line, text)
        end, indent = _spot(block, tree, lines, line)
        below[end].append(f"{indent}{_MARK} {text}".rstrip())
    found = []
    for number, line_text in enumerate(lines, 1):
        if number not in shown:
            found += [line_text, *below[number]]
    return "\n".join(found)


def _check_text(block: Block, line: int, text: str) -> None:
    if strange := _UNSEEN.search(text):
        raise Wrong(
            f"{where(block, line)}: it prints U+{ord(strange[0]):04X}, which no page can show; "
            f"take it off (colours: NO_COLOR), or print the text's repr()"
        )
    if _ADDRESS.search(text):
        raise Wrong(
            f"{where(block, line)}: it prints an address of memory, another one in each run: "
            f"{text!r}; print what the reader needs of the object"
        )


def _spot(block: Block, tree: ast.Module, lines: list[str], line: int) -> tuple[int, str]:
    """Behind which line the output of a line stands, and its indentation."""
    statement = _innermost(tree, line)
    first, last, indented = line, line, line
    if statement is not None:
        body = getattr(statement, "body", None)
        if isinstance(statement, _DEFINITION):
            raise Wrong(
                f"{where(block, line)}: it prints while it is defined; "
                f"print in a statement of its own"
            )
        if isinstance(body, list):
            # A condition, or what a loop goes over: shown at the start of what it leads to.
            indented = body[0].lineno
        else:
            first, last = statement.lineno, statement.end_lineno or line
            indented = first
    # Not before the logical line has ended: a string of several lines may begin on this one.
    ends = [token.end[0] for token in _tokens(block.text) if token.type == tokenize.NEWLINE]
    end = ends[min(bisect_left(ends, last), len(ends) - 1)]
    text = lines[indented - 1]
    return end, text[: len(text) - len(text.lstrip())]


def _innermost(node: ast.AST, line: int) -> ast.stmt | ast.ExceptHandler | None:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.match_case):
            if found := _innermost(child, line):
                return found
        elif isinstance(child, ast.stmt | ast.ExceptHandler):
            above = [each.lineno for each in getattr(child, "decorator_list", ())]
            if min([child.lineno, *above]) <= line <= (child.end_lineno or 0):
                return _innermost(child, line) or child
    return None


def lines_of(chunks: list[tuple[int, bytes]]) -> list[Printed]:
    """What was written, in lines: each belongs to the statement that ended it."""
    found, rest, line = list[Printed](), b"", 1
    for line, chunk in chunks:
        *whole, rest = (rest + chunk).split(b"\n")
        found += [(line, each.decode("utf-8", "backslashreplace").rstrip(" \t")) for each in whole]
    if rest:
        found.append((line, rest.decode("utf-8", "backslashreplace").rstrip(" \t")))
    return found


def says_new_process(block: Block) -> bool:
    """Whether a comment in the block asks for a process of its own."""
    return any(
        "a new process" in line for line in block.text.splitlines() if line.lstrip().startswith("#")
    )
