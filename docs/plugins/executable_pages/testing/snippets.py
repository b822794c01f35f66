"""Python blocks of pages as programs: in page order in one sandbox, and each one alone."""

import ast
import difflib
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace, TracebackType
from typing import TYPE_CHECKING, Any, Self, cast

from executable_pages.testing import forks
from executable_pages.testing.failures import hold_nothing_failed
from executable_pages.testing.forks import ahead_of
from executable_pages.testing.output import (
    check_form,
    lines_of,
    output_lines,
    placed,
    says_new_process,
    where,
)
from executable_pages.testing.processes import Worker
from executable_pages.testing.sandbox import Sandbox
from executable_pages.testing.scanner import Block
from executable_pages.testing.target import Target
from executable_pages.testing.wrong import Wrong

if TYPE_CHECKING:
    from pytest_examples import EvalExample

_TRACE = re.compile(r'File "[^"]*block\.py", line (?P<line>\d+)')
# In page order the seed is 0. A set of two is printed alike under all of these once in 256 times.
_SEEDS = tuple(range(1, 9))
_SHOWN_SET = re.compile(r"(?:^|[^\w'\"])\{(?:[^:{}'\"]|'[^']*'|\"[^\"]*\")+\}")


class PageRun:
    """The blocks of one page on one target, run in order in one sandbox."""

    def __init__(self, blocks: Sequence[Block], target: Target, sandbox: Sandbox) -> None:
        self.blocks = blocks
        self.target = target
        self.sandbox = sandbox
        self._done: dict[int, str | Wrong] = {}
        self._exit = ExitStack()
        self._worker: Worker | None = None

    def result(self, block: Block) -> str:
        """The block's text with the output that it really has; earlier blocks run first.

        Raises:
            Wrong: It failed, or has output that no page can show.
        """
        for earlier in self.blocks:
            if earlier.line not in self._done:
                try:
                    self._done[earlier.line] = self._run(earlier)
                except Wrong as error:
                    self._done[earlier.line] = error
            if earlier.line == block.line:
                break
        found = self._done[block.line]
        if isinstance(found, Wrong):
            raise found
        return found

    def close(self) -> None:
        """End the page's process."""
        self._exit.close()

    def _run(self, block: Block) -> str:
        if says_new_process(block):
            with self._start() as worker:
                return result_in(worker, block, self.sandbox, self.target)
        if self._worker is None:
            self._worker = self._exit.enter_context(self._start())
        try:
            return result_in(self._worker, block, self.sandbox, self.target)
        finally:
            if self._worker.process.poll() is not None:
                self._worker = None

    def _start(self) -> Worker:
        module = "executable_pages.testing.snippet_worker"
        return Worker(module, self.sandbox, self.target)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def result_in(worker: Worker, block: Block, sandbox: Sandbox, target: Target) -> str:
    """Run a block in a worker and return its text with the output that it has.

    Raises:
        Wrong: It failed, or has output that no page can show.
    """
    check_form(block)
    try:
        answer = worker.call("run", block.text, str(sandbox.root / "block.py"))
    except EOFError:
        raise Wrong(
            f"{block.where} on {target}: the block ended its process (exit code "
            f"{worker.process.wait()}), and output may be lost; end it with sys.exit()"
        ) from None
    if "error" in answer:
        raise Wrong(f"{where(block, answer['line'])} on {target}: {answer['error']}")
    if stray := answer["stray"].encode("latin-1").decode("utf-8", "backslashreplace"):
        raise Wrong(
            f"{block.where} on {target}: another process, or something beside Python's own "
            f"output, prints {stray[:200]!r}; capture it, and print it in the block"
        )
    return placed(block, lines_of([(n, raw.encode("latin-1")) for n, raw in answer["chunks"]]))


def compare(block: Block, actual: str, target: Target) -> None:
    """Hold a block against what it prints.

    Raises:
        Wrong: They differ; the message names the first line that does.
    """
    expected, printed = block.text.split("\n"), actual.split("\n")
    if expected == printed:
        return
    same = 0
    while expected[same : same + 1] == printed[same : same + 1] and same < len(expected):
        same += 1
    diff = difflib.unified_diff(expected, printed, "the page", "what it prints", lineterm="", n=1)
    pair = expected[same : same + 1], printed[same : same + 1]
    is_order = all(pair) and sorted(*pair[0]) == sorted(*pair[1])
    hint = "the same in another order; print sorted(...)" if is_order else "--update-examples"
    raise Wrong(
        f"{where(block, same + 1)} on {target} prints something else ({hint}):\n" + "\n".join(diff)
    )


def run_alone(blocks: Sequence[Block], block: Block, target: Target, sandbox: Sandbox) -> None:
    """Run a block as a user who pastes it into a file, under another hash seed.

    `blocks` are those of its page. One that says "a new process" continues the block before it, so
    that one runs first.

    Raises:
        Wrong: It failed, or printed something else than its `#>` lines.
    """
    check_form(block)
    before: list[Block] = []
    if says_new_process(block):
        place = [other.line for other in blocks].index(block.line)
        before = [*blocks[max(0, place - 1) : place]]
    for each in before:
        check_output(each, run_script(each, target, sandbox))
    first, *others = _SEEDS if _may_print_a_set(block) and not before else _SEEDS[:1]
    out = run_script(block, target, sandbox, _seed(first))
    try:
        check_output(block, out)
    except Wrong:
        if not before and _passes(block, target, sandbox.within("again")):
            raise _changes(block, out) from None
        raise
    for seed in others:
        # A server of forks for each seed would take longer than these few new interpreters.
        again = sandbox.within(f"seed-{seed}")
        if run_script(block, target, again, _seed(seed), fork=False) != out:
            raise _changes(block, out)


def _changes(block: Block, out: str) -> Wrong:
    return Wrong(
        f"{block.where}: what it prints changes with the hash seed, as the order of a set "
        f"does; print sorted(...):\n{out}"
    )


def _may_print_a_set(block: Block) -> bool:
    """Whether a block makes a set, or shows one, which two seeds print alike in half of cases."""
    if any(_SHOWN_SET.search(text) for text in output_lines(block.text).values()):
        return True
    try:
        nodes = list(ast.walk(ast.parse(block.text)))
    except SyntaxError:
        # Python itself will say so, with the line.
        return False
    return any(
        isinstance(node, ast.Set | ast.SetComp)
        or (isinstance(node, ast.Name) and node.id in ("set", "frozenset"))
        for node in nodes
    )


def _passes(block: Block, target: Target, sandbox: Sandbox) -> bool:
    try:
        check_output(block, run_script(block, target, sandbox))
    except Wrong:
        return False
    return True


def run_script(
    block: Block,
    target: Target,
    sandbox: Sandbox,
    extra: Mapping[str, str] | None = None,
    *,
    fork: bool = True,
) -> str:
    """Run a block as a file and return what it printed.

    Raises:
        Wrong: It failed, or something beside it did.
    """
    script = sandbox.root / "block.py"
    script.write_text(block.text, encoding="utf-8")
    done = sandbox.run(["python", str(script)], target, timeout=120, extra=extra, fork=fork)
    if done.returncode:
        lines = _TRACE.findall(done.stderr)
        last = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
        raise Wrong(
            f"{where(block, int(lines[-1]) if lines else 0)} alone on {target}: {last}\n"
            f"{done.stderr[-3000:]}"
        )
    hold_nothing_failed(block, done.stderr)
    return done.stdout


def _seed(number: int) -> dict[str, str]:
    return {"PYTHONHASHSEED": str(number)}


def warm(target: Target, sandbox: Sandbox) -> None:
    """Let begin, beside what this process does, what programs of both hash seeds are forks of."""
    if (ahead := ahead_of(target)) is not None:
        for extra in ({}, _seed(_SEEDS[0])):
            forks.warm(ahead, sandbox.environment(target, extra=extra))


def check_output(block: Block, out: str) -> None:
    """Hold a script's output against the `#>` lines of its block, in any order.

    Raises:
        Wrong: A line is missing on either side.
    """
    check_form(block)
    *lines, last = out.split("\n")
    printed = Counter(line.rstrip() for line in ([*lines, last] if last else lines))
    for line, text in output_lines(block.text).items():
        if not printed[text.rstrip()]:
            raise Wrong(f"{where(block, line)}: alone, the block never prints {text!r}:\n{out}")
        printed[text.rstrip()] -= 1
    if extra := [text for text, count in printed.items() if count]:
        raise Wrong(f"{block.where}: alone, the block prints what the page leaves out: {extra}")


@dataclass(frozen=True)
class Style:
    """How Python on a project's pages is written: what ruff looks for, and whether black does."""

    select: Sequence[str] = ("F", "B", "UP")
    ignore: Sequence[str] = ("RUF",)
    line_length: int = 88
    target_version: str = "py311"
    has_sorted_imports: bool = True
    is_formatted: bool = True

    def __str__(self) -> str:
        return "style"


STYLE = Style()


def lint(block: Block, directory: Path, style: Style = STYLE) -> None:
    """Lint and format a block with pytest-examples; its output is held against what it prints.

    Raises:
        Wrong: ruff or black has something to say.
    """
    from _pytest.outcomes import Failed
    from pytest_examples import CodeExample

    shown = output_lines(block.text)
    code = "\n".join(
        line[: len(line) - len(line.lstrip())] + "# output" if number in shown else line
        for number, line in enumerate(block.text.split("\n"), 1)
    )
    example = CodeExample.create(code, path=Path(block.where), start_line=block.fence_line)
    try:
        evaluation = _evaluation(directory, style)
        evaluation.lint_ruff(example)
        if style.is_formatted:
            evaluation.lint_black(example)
    except Failed as error:
        raise Wrong(f"{block.where}: {error}") from None


def _evaluation(directory: Path, style: Style) -> "EvalExample":
    import pytest
    from pytest_examples import EvalExample

    request = SimpleNamespace(
        config=SimpleNamespace(getoption=lambda name: False), node=SimpleNamespace(nodeid="page")
    )
    found = EvalExample(tmp_path=directory, pytest_request=cast(pytest.FixtureRequest, request))
    found.set_config(
        line_length=style.line_length,
        target_version=cast(Any, style.target_version),
        isort=style.has_sorted_imports,
        ruff_select=list(style.select),
        ruff_ignore=list(style.ignore),
    )
    return found
