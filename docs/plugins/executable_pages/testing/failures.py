"""What has failed beside a program that ends well: a thread, a task, a finalizer, another process.

Python reports them on standard error alone, and the exit code says nothing of them.
"""

import re

from executable_pages.testing.scanner import Block, name
from executable_pages.testing.wrong import Wrong

_REPORTS = (
    r"Exception in thread ",
    r"Exception (?:ignored|in callback)",
    r"exception calling callback",
    r"Error in atexit",
    r"(?:Task|Future) exception was never retrieved",
    r"Task was destroyed but it is pending",
    r".*RuntimeWarning: (?:coroutine|Enable tracemalloc).*was never awaited",
    r".*\bcoroutine '.*' was never awaited",
    r"Process \S+:$",
    r"unhandled exception during asyncio",
)
# Behind words of a log a traceback is of what was caught; with none before, of another process.
_REPORT = re.compile(
    rf"^(?:{'|'.join(_REPORTS)})|\A\s*Traceback \(most recent call last\):$", re.MULTILINE
)
_LINE = re.compile(r'block\.py"?(?:, line |:)(?P<line>\d+)')


def hold_nothing_failed(block: Block, errors: str) -> None:
    """Hold that standard error reports nothing that has failed beside a block.

    Raises:
        Wrong: It does.
    """
    report = _REPORT.search(errors)
    if report is None:
        return
    said = errors[report.start() :]
    lines = [int(line) for line in _LINE.findall(said)]
    place = f"{name(block.page)}:{block.fence_line + (lines[-1] if lines else 0)}"
    raise Wrong(
        f"{place}: the block ends well, and standard error reports what failed beside it; catch "
        f"and print it, or wait for it in the block:\n{said[:3000]}"
    )
