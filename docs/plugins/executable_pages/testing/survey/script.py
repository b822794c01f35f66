"""Whether MDX refuses what a page is refused for: the code in its braces may be no JavaScript."""

import re
from functools import cache

import quickjs  # type: ignore[import-untyped]

from executable_pages.tree import PageError

_ELEMENT = re.compile(r"<[A-Za-z>]")


def refuses(refusal: PageError) -> bool:
    """Whether MDX refuses it too."""
    return refusal.is_mdx or bool(refusal.code and not is_script(refusal.code))


@cache
def is_script(code: str) -> bool:
    """Whether the code in braces is an expression, or the spread of one. Nothing is run."""
    if _ELEMENT.search(code):
        # The engine knows no JSX; what stands beside it is taken for right.
        return True
    spread = code.strip().removeprefix("...")
    try:
        quickjs.Context().eval(f"(async function () {{ return (\n{spread}\n) }})")
    except quickjs.JSException:
        return False
    return True
