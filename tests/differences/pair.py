"""Both targets, each in a process that lives on, given the same steps in the same order."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from executable_pages.testing.sandbox import Sandbox
from tests.differences.comparison import Difference, Outcome, compare
from tests.subject.targets import Target

Step = dict[str, Any]
Program = list[Step]


_MAKES = ("agent", "bot", "open")


class _Worker:
    def __init__(self, target: Target, root: Path) -> None:
        sandbox = Sandbox(root)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.differences.worker", str(sandbox.work)],
            cwd=sandbox.work,
            env=sandbox.environment(target),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        self.base, self.now = "", 0.0

    def send(self, asked: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()

    def receive(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"a worker ended with {self._process.wait()}")
        found: dict[str, Any] = json.loads(line)
        return found

    def start(self) -> None:
        told = self.receive()
        self.base, self.now = told["base"], told["now"]

    def outcome(self) -> Outcome:
        return Outcome.read(self.receive(), self.base, self.now)

    def end(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(10)
        self._process.stdout.close()


def _is_own(name: str) -> bool:
    """Whether a file has a name that only the reference gives."""
    return "~" in name or ".waiting" in name


class Pair:
    """The two workers, for the length of a `with` block.

    `steps` and `differing` count what both were given and what they did not do alike.
    """

    def __init__(self, root: Path) -> None:
        self._workers = [
            _Worker(target, root / str(target)) for target in (Target.REFERENCE, Target.RELEASE)
        ]
        self.steps = self.differing = 0

    def run(self, program: Program) -> Iterator[tuple[Step, list[Difference]]]:
        """Take the steps of a program from an empty directory; yield each with its differences.

        After a step that left other files, one target is given the files of the other, in turn. So
        the next step begins alike on both, and is judged by itself.
        """
        for step, before, reference, release in self.outcomes(program):
            found = compare(step, before, reference, release)
            self.steps += 1
            self.differing += bool(found)
            yield step, found

    def outcomes(self, program: Program) -> Iterator[tuple[Step, dict[str, Any], Outcome, Outcome]]:
        """Each step with the files before it, and what the reference and the release did."""
        for worker in self._workers:
            worker.send({"start": True})
        for worker in self._workers:
            worker.start()
        before: dict[str, Any] = {}
        for number, step in enumerate(program):
            for worker in self._workers:
                worker.send({"step": step})
            reference, release = [worker.outcome() for worker in self._workers]
            yield step, before, reference, release
            is_made = [not each.answer.get("raised") for each in (reference, release)]
            if step["do"] in _MAKES and not all(is_made):
                return  # nobody could be asked on both
            before = reference.files
            if reference.files != release.files:
                # The release finds no file that has a name of the reference's own.
                by_release = number % 2 or any(map(_is_own, reference.raw))
                chosen = release if by_release else reference
                other = self._workers[0 if by_release else 1]
                other.send({"restore": chosen.raw})
                other.receive()
                before = chosen.files

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for worker in self._workers:
            worker.end()
