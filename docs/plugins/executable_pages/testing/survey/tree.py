"""Surveys a whole tree of pages, in as many processes as there are cores."""

import os
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from executable_pages.testing.survey import running
from executable_pages.testing.survey.links import SUFFIXES, nowhere
from executable_pages.testing.survey.names import undefined
from executable_pages.testing.survey.page import survey as survey_page
from executable_pages.testing.survey.report import MDX_REFUSED, REFUSED, Report

# Not read: what tools put there, and hidden directories.
_LEFT_OUT = {"node_modules"}
# Few enough that no process is left with a long part at the end.
_CHUNK = 20


def survey(
    directory: Path,
    processes: int | None = None,
    *,
    is_shown: bool = False,
    python: str = "",
    variables: Mapping[str, str] = running.NOTHING,
    servers: Mapping[str, str] = running.NOTHING,
    say: Callable[[str], object] = str,
) -> Report:
    """Survey each .md and .mdx page below a directory; addresses count from there.

    With `python`, its Python blocks are run with that interpreter, once `say` has said so, with
    the `variables` and `servers` of `running.run`.

    With `is_shown`, what each accepted page shows is held against what was read of it, which takes
    as long again.
    """
    began = time.monotonic()
    root = directory.resolve()
    paths = sorted(path for path in root.rglob("*") if path.suffix in SUFFIXES)
    paths = [path for path in paths if path.is_file() and _is_read(path.relative_to(root))]
    one = partial(survey_page, root, is_shown=is_shown)
    count = processes or min(os.cpu_count() or 1, len(paths) // _CHUNK)
    if count > 1:
        # A forked process would have the engine of Mermaid and not the thread in which it runs.
        with ProcessPoolExecutor(count, get_context("spawn")) as pool:
            done = list(pool.map(one, paths, chunksize=min(_CHUNK, len(paths) // count + 1)))
    else:
        done = list(map(one, paths))
    pages = {each.page: each for each in done}
    report = Report(pages=len(done), links=sum(len(each.targets) for each in done))
    for each in done:
        report.blocks += each.blocks
        report.diagrams += each.diagrams
        report.findings += each.findings
    snippets = [snippet for each in done for snippet in each.snippets]
    report.findings += undefined(snippets)
    report.findings += nowhere(root, pages)
    if is_shown:
        report.shown = report.pages - report.count(MDX_REFUSED) - report.count(REFUSED)
    if python:
        say(running.announcement(snippets, python))
        report.ran = running.run(snippets, python, variables, servers)
        report.findings += report.ran.findings
    report.python, report.snippets = len(snippets), snippets
    report.seconds = time.monotonic() - began
    return report


def _is_read(path: Path) -> bool:
    return not any(part in _LEFT_OUT or part.startswith(".") for part in path.parts)
