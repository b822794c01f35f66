"""Python blocks of pages as programs: in page order in one sandbox, and each one alone."""

import difflib
import re
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

from tests.pages.kinds import kind_of, says_new_process, spawns
from tests.pages.processes import Worker
from tests.pages.sandbox import Sandbox
from tests.pages.scanner import Block, Page, name
from tests.pages.snippet_worker import evaluation, example
from tests.subject.targets import Target

_OUTPUT = re.compile(r"^ *#> ?(?P<text>.*)$")
_TRACE = re.compile(r'File "[^"]*block\.py", line (?P<line>\d+)')


class Wrong(AssertionError):
    """A block does not do what its page says; the message begins with `page:line`."""


def snippets(page: Page) -> list[Block]:
    """The blocks of a page that run here."""
    return [block for block in page.blocks if kind_of(block) == "snippet"]


class PageRun:
    """The blocks of one page on one target, run in order in one sandbox."""

    def __init__(self, page: Page, target: Target, root: Path, model_url: str) -> None:
        self.blocks = snippets(page)
        self.target = target
        self.sandbox = Sandbox(root)
        self.model_url = model_url
        self._done: dict[int, str | Wrong] = {}
        self._exit = ExitStack()
        self._worker: Worker | None = None

    def result(self, block: Block) -> str:
        """The block's source with the output that it really has; earlier blocks run first.

        Raises:
            Wrong: It failed.
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
        if spawns(block):
            check_output(block, run_script(block, self.sandbox, self.target, self.model_url))
            return block.text
        if says_new_process(block):
            with self._start() as worker:
                return self._ask(worker, block)
        if self._worker is None:
            self._worker = self._exit.enter_context(self._start())
        return self._ask(self._worker, block)

    def _start(self) -> Worker:
        module = "tests.pages.snippet_worker"
        return Worker(module, self.sandbox, self.target, model_url=self.model_url)

    def _ask(self, worker: Worker, block: Block) -> str:
        scripts = self.sandbox.root / "scripts"
        scripts.mkdir(exist_ok=True)
        try:
            answer = worker.call(
                "run", name(block.page), block.text, block.fence_line, str(scripts)
            )
        except EOFError as error:
            raise Wrong(
                f"{block.where} on {self.target}: the block ended its process: {error}"
            ) from None
        if "error" in answer:
            where = f"{name(block.page)}:{answer['line']}"
            raise Wrong(f"{where} on {self.target}: {answer['error']}")
        return str(answer["source"])


def compare(block: Block, actual: str, target: Target) -> None:
    """Hold a block against what it prints.

    Raises:
        Wrong: They differ; the message names the first line that does.
    """
    expected, printed = block.text.splitlines(), actual.splitlines()
    if expected == printed:
        return
    same = 0
    while expected[same : same + 1] == printed[same : same + 1] and same < len(expected):
        same += 1
    diff = difflib.unified_diff(expected, printed, "the page", "what it prints", lineterm="", n=1)
    where = f"{name(block.page)}:{block.line + same}"
    raise Wrong(f"{where} on {target} prints something else:\n" + "\n".join(diff))


def run_alone(page: Page, block: Block, target: Target, sandbox: Sandbox, model_url: str) -> None:
    """Run a block as a user who pastes it into a file.

    One that says "a new process" continues the block before it, so that one runs first.

    Raises:
        Wrong: It failed, or printed something else than its `#>` lines.
    """
    before: list[Block] = []
    if says_new_process(block):
        blocks = snippets(page)
        place = [other.line for other in blocks].index(block.line)
        before = blocks[max(0, place - 1) : place]
    for each in [*before, block]:
        check_output(each, run_script(each, sandbox, target, model_url))


def run_script(block: Block, sandbox: Sandbox, target: Target, model_url: str) -> str:
    """Run a block as a file and return what it printed.

    Raises:
        Wrong: It failed.
    """
    script = sandbox.root / "block.py"
    script.write_text(block.text, encoding="utf-8")
    done = sandbox.run(["python", str(script)], target, model_url=model_url, timeout=120)
    if done.returncode:
        lines = _TRACE.findall(done.stderr)
        line = block.fence_line + (int(lines[-1]) if lines else 0)
        last = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
        raise Wrong(f"{name(block.page)}:{line} alone on {target}: {last}\n{done.stderr[-3000:]}")
    return done.stdout


def check_output(block: Block, out: str) -> None:
    """Hold a script's output against the `#>` lines of its block, in any order.

    Raises:
        Wrong: A line is missing on either side.
    """
    shown = {
        block.line + index: match["text"]
        for index, line in enumerate(block.text.splitlines())
        if (match := _OUTPUT.match(line))
    }
    printed = Counter(line.rstrip() for line in out.splitlines())
    for line, text in shown.items():
        if not printed[text.rstrip()]:
            raise Wrong(
                f"{name(block.page)}:{line}: alone, the block never prints {text!r}:\n{out}"
            )
        printed[text.rstrip()] -= 1
    if extra := [text for text, count in printed.items() if count]:
        raise Wrong(f"{block.where}: alone, the block prints what the page leaves out: {extra}")


def lint(block: Block, directory: Path) -> None:
    """Lint and format a block with pytest-examples.

    Raises:
        Wrong: ruff or black has something to say.
    """
    from _pytest.outcomes import Failed

    try:
        evaluation(directory).lint(example(block.where, block.text, block.fence_line))
    except Failed as error:
        raise Wrong(f"{block.where}: {error}") from None
