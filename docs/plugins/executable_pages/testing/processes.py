"""A process of its own, on either target, driven one JSON line at a time."""

import contextlib
import json
import subprocess
import sys
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

from executable_pages.testing.forks import Fork, ahead_of, start
from executable_pages.testing.sandbox import Sandbox, end
from executable_pages.testing.target import Target


class RemoteError(Exception):
    """What a call raised in the other process: `kind` is the class name, `trace` the traceback."""

    def __init__(self, kind: str, message: str, trace: str) -> None:
        super().__init__(f"{kind}: {message}\n{trace}")
        self.kind = kind
        self.message = message
        self.trace = trace


class Worker:
    """A Python process that runs `program` and then answers calls of its functions.

    `program` is source text, or the dotted name of a module; `python` is the interpreter.
    Arguments and results cross as JSON. What the program prints goes to this process's standard
    error. A wait for an answer has no limit of its own: the test's does.

        with Worker("def double(n): return 2 * n", sandbox, Target.RELEASE) as worker:
            assert worker.call("double", 21) == 42
    """

    def __init__(
        self,
        program: str,
        sandbox: Sandbox,
        target: Target,
        *,
        extra: Mapping[str, str] | None = None,
        python: str = sys.executable,
    ) -> None:
        module = ["-m", "executable_pages.testing.serving"]
        environment = sandbox.environment(target, extra=extra)
        ahead = ahead_of(target) if python == sys.executable else None
        self.process: subprocess.Popen[str] | Fork
        if ahead is not None:
            self.process = start(ahead, module, sandbox.work, environment, errors=False)
        else:
            self.process = subprocess.Popen(
                [python, *module],
                cwd=sandbox.work,
                env=environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                encoding="utf-8",
            )
        self.last: dict[str, Any] = {}
        try:
            self.call("__load__", program)
        except BaseException:
            self.close()
            raise

    def call(self, name: str, /, *args: Any, **kwargs: Any) -> Any:
        """Call a function of the program and return its result.

        Raises:
            RemoteError: It raised something.
            EOFError: The process has ended.
        """
        self.ask(name, *args, **kwargs)
        return self.answer()

    def ask(self, name: str, /, *args: Any, **kwargs: Any) -> None:
        """Start a call and go on; `answer` brings its result."""
        assert self.process.stdin is not None
        line = json.dumps({"call": name, "args": args, "kwargs": kwargs})
        try:
            self.process.stdin.write(line + "\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            raise self._ended() from None

    def answer(self) -> Any:
        """The result of the oldest call that has not been answered yet.

        `last` then holds `started` and `ended`, in nanoseconds of the system-wide monotonic
        clock, beside the result.
        """
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise self._ended()
        self.last = json.loads(line)
        if error := self.last.get("error"):
            raise RemoteError(error["kind"], error["message"], error["trace"])
        return self.last["value"]

    def _ended(self) -> EOFError:
        return EOFError(f"the worker ended with exit code {self.process.wait()}")

    def kill(self) -> None:
        """End the process at once, wherever it is, with everything that it started."""
        end(self.process)
        self.process.wait()

    def close(self) -> None:
        """Let the process finish: it ends when its input does."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.kill()
        self.process.stdout.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
