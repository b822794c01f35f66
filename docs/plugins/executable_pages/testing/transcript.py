"""What a command printed, beside what a page shows of it."""

from collections.abc import Callable, Sequence

from executable_pages.testing.wrong import Wrong

ELISION = "..."


def compare(
    shown: Sequence[str],
    printed: str,
    where: str,
    shown_where: Callable[[int], str],
    *,
    is_session: bool = False,
) -> None:
    """Hold what a command printed against what the page shows; `...` stands for any lines.

    In a session, which is what a terminal shows, nothing else is left out. Elsewhere nothing is
    claimed of a command under which the page shows nothing. Spaces at the end of a line, and empty
    lines before the next prompt, are not compared.

    Raises:
        Wrong: A line that the page shows was not printed where it stands.
    """
    shown, left = _lines(shown), _lines(printed.split("\n"))
    if not shown:
        if is_session and left:
            why = f"the page leaves out {left[0]!r}; show it, or `...`, or put commands into `bash`"
            raise Wrong(f"{where}: {why}")
        return
    gaps = [index for index, line in enumerate(shown) if line == ELISION]
    at = 0
    for first, last in zip([0, *(gap + 1 for gap in gaps)], [*gaps, len(shown)], strict=True):
        wanted = shown[first:last]
        starts = [at] if first == 0 else range(at, len(left) + 1)
        if last == len(shown) and first:
            # Nothing follows, so this is the end of what is printed.
            ending = max(at, len(left) - len(wanted))
            starts = [ending, *starts]
        alike = {start: _alike(wanted, left[start:]) for start in starts}
        start = max(alike, key=lambda start: alike[start])
        if alike[start] < len(wanted):
            place, line = shown_where(first + alike[start]), wanted[alike[start]]
            raise Wrong(f"{place}: the command does not print {line!r} here:\n{printed[-3000:]}")
        at = start + len(wanted)
    if at < len(left) and shown[-1] != ELISION:
        raise Wrong(f"{where}: the page leaves out {left[at]!r}")


def _alike(wanted: Sequence[str], found: Sequence[str]) -> int:
    """How many lines are the same, from the first one on."""
    pairs = zip(wanted, found, strict=False)
    return next((n for n, (one, other) in enumerate(pairs) if one != other), _least(wanted, found))


def _least(one: Sequence[str], other: Sequence[str]) -> int:
    return min(len(one), len(other))


def _lines(lines: Sequence[str]) -> list[str]:
    """The lines without spaces at their ends and without empty ones at the end."""
    found = [line.rstrip() for line in lines]
    while found and not found[-1]:
        found.pop()
    return found
