"""Whether a page is valid MDX, as far as these pages use it.

MDX reads `{` as the beginning of an expression and `<` as that of an element, knows no HTML
comments and no attribute lists, and wants every element closed.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from tests.pages.scanner import name, scan

COMPONENTS = frozenset(
    {
        "Accordion",
        "AccordionGroup",
        "Benchmark",
        "Card",
        "CardGroup",
        "Check",
        "CodeGroup",
        "Evidence",
    }
    | {"Guarantee", "Info", "Matrix", "Mutants", "Note", "Proof", "Step", "Steps", "Survivors"}
    | {"Tab", "Tabs", "Tip", "Warning"}
)
_FRONTMATTER = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)
_CODE = re.compile(r"(`+)(?!`).*?(?<!`)\1(?!`)", re.DOTALL)
_COMMENT = re.compile(r"\{/\*.*?\*/\}", re.DOTALL)
_TAG = re.compile(
    r"<(?P<close>/?)(?P<name>[A-Za-z]\w*)(?P<rest>(?:\"[^\"]*\"|[^>\"])*?)(?P<empty>/?)>"
)
_AUTOLINK = re.compile(r"<https?://[^>]+>")


def problems(path: Path) -> Iterator[str]:
    """What is not valid MDX on a page, each with its page and line."""
    page = scan(path)
    text = _blank(_FRONTMATTER, page.source)
    lines = text.split("\n")
    for block in page.blocks:
        for index in range(block.fence_line - 1, block.fence_line + block.text.count("\n") + 1):
            lines[index] = ""
    text = _blank(_COMMENT, _blank(_CODE, "\n".join(lines)))
    open_tags: list[tuple[str, int]] = []

    def where(position: int) -> str:
        return f"{name(path)}:{text.count(chr(10), 0, position) + 1}"

    for match in _TAG.finditer(text):
        tag = match["name"]
        if tag not in COMPONENTS:
            yield f"{where(match.start())}: unknown element <{tag}>"
        elif match["close"]:
            if not open_tags or open_tags.pop()[0] != tag:
                yield f"{where(match.start())}: </{tag}> closes nothing"
        elif not match["empty"]:
            open_tags.append((tag, match.start()))
    for tag, position in open_tags:
        yield f"{where(position)}: <{tag}> is not closed"
    rest = _blank(_TAG, text)
    for match in _AUTOLINK.finditer(rest):
        yield f"{where(match.start())}: write [text](address), MDX knows no <address>"
    for match in re.finditer(r"<!--|[{}]|<(?!https?:)", _blank(_AUTOLINK, rest)):
        yield f"{where(match.start())}: a bare {match[0]!r}; put it in backticks"


def _blank(pattern: re.Pattern[str], text: str) -> str:
    return pattern.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)
