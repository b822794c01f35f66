"""What only a notebook or a prompt runs in Python: `await` at the top level, `%pip`, `!ls`, `>>>`.

Such a block is no file that Python runs, and it is no Python that does not compile either.
"""

import ast
import re
import warnings

_COMMAND = re.compile(r"(?P<indent>[ \t]*)(?P<mark>%%?|!)(?P<rest>[A-Za-z/.].*)$")
_PROMPT = re.compile(r"(?:>>>|\.\.\.)(?: |$)")


def compiled(text: str, *, is_notebook: bool = False) -> None:
    """Hold that a text is Python, or what a notebook takes for it.

    Raises:
        SyntaxError, ValueError, RecursionError: It is none.
    """
    flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT if is_notebook else 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        compile(plain(text) if is_notebook else text, "<block>", "exec", flags, dont_inherit=True)


def plain(text: str) -> str:
    """The Python in it, line for line: commands do nothing, and what a prompt shows is left out."""
    lines = text.split("\n")
    if any(line.startswith(">>>") for line in lines):
        return "\n".join(line[4:] if _PROMPT.match(line) else "" for line in lines)
    return "\n".join(_COMMAND.sub(r"\g<indent>pass", line) for line in lines)


def marks(text: str) -> list[tuple[int, str]]:
    """The lines, from 1, that Python itself does not run, and what to write instead.

    There are none where it runs all, and in a text that no notebook runs either.
    """
    try:
        compiled(text)
    except (SyntaxError, ValueError, RecursionError) as error:
        try:
            compiled(text, is_notebook=True)
        except (SyntaxError, ValueError, RecursionError):
            return []
        found = [
            (number, why) for number, line in enumerate(text.split("\n"), 1) if (why := _why(line))
        ]
        line = getattr(error, "lineno", None) or 1
        return found or [
            (line, "await outside a function; write `async def main():` and `asyncio.run(main())`")
        ]
    return []


def _why(line: str) -> str:
    if line.startswith(">>>"):
        return "a prompt; write the code alone, and what it prints as `#>` lines"
    if match := _COMMAND.match(line):
        command = match["rest"] if match["mark"] == "!" or match["rest"].startswith("pip") else line
        return f"{match['mark']} is a notebook's; write `{command.strip()}` in a block of `bash`"
    return ""
