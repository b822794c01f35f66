"""Runs a page's blocks inside the process that stands for the page, and notes what prints where."""

import io
import os
import sys
import tempfile
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import CodeType, FrameType, ModuleType
from typing import Any


class _Recorder(io.RawIOBase):
    """Takes what is written to standard output, with the line of the block that wrote it."""

    def __init__(self, script: str) -> None:
        self.chunks: list[tuple[int, bytes]] = []
        self._script = script
        self._process = os.getpid()
        self._line = 1

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return 1

    def write(self, data: Any) -> int:
        """Note the data; that of a process which the block has forked is as of any other."""
        raw = bytes(data)
        if os.getpid() != self._process:
            return os.write(1, raw)
        main = sys._current_frames().get(threading.main_thread().ident or 0)
        self._line = self._place(sys._getframe(1)) or self._place(main) or self._line
        self.chunks.append((self._line, raw))
        return len(raw)

    def _place(self, frame: FrameType | None) -> int | None:
        while frame is not None:
            if frame.f_code.co_filename == self._script and _is_statement(frame.f_code):
                return frame.f_lineno
            frame = frame.f_back
        return None


def _is_statement(code: CodeType) -> bool:
    """Whether lines of the code are statements: a lambda and a comprehension are inside one."""
    return code.co_name == "<module>" or not code.co_name.startswith("<")


def run(text: str, script: str) -> dict[str, Any]:
    """Run a block and return what its lines print.

    `chunks` are a line of the block and what it wrote, in order. `stray` is what other processes
    wrote, or was written past Python's own output. A failure comes back as `error`, the line where
    it arose as `line`.
    """
    Path(script).write_text(text, encoding="utf-8")
    recorder = _Recorder(script)
    answer: dict[str, Any] = {}
    with _as_before(), _captured() as stray:
        sys.stdout = output = _text_of(recorder)
        sys.stdin = io.StringIO()
        sys.argv = [script]
        module = ModuleType("__main__")
        module.__file__ = script
        sys.modules["__main__"] = module
        started = set(threading.enumerate())
        try:
            exec(compile(text, script, "exec", dont_inherit=True), vars(module))
        except SystemExit as error:
            if error.code:
                answer = {"error": f"it ends with exit code {error.code}"}
                answer["line"] = place(error, script)
        except BaseException as error:
            answer = {"error": describe(error), "line": place(error, script)}
        for thread in set(threading.enumerate()) - started:
            # As Python itself waits before it ends.
            if not thread.daemon:
                thread.join()
        with suppress(ValueError):
            output.flush()
    chunks = [(line, raw.decode("latin-1")) for line, raw in recorder.chunks]
    return {"chunks": chunks, "stray": b"".join(stray).decode("latin-1")} | answer


def _text_of(recorder: Any) -> io.TextIOWrapper:
    return io.TextIOWrapper(recorder, "utf-8", newline="\n", write_through=True)


@contextmanager
def _as_before() -> Iterator[None]:
    """A block may set what it likes; the next one starts as a reader would."""
    environment, cwd, path = dict(os.environ), Path.cwd(), list(sys.path)
    main, argv, streams = sys.modules["__main__"], sys.argv, (sys.stdin, sys.stdout, sys.stderr)
    try:
        yield
    finally:
        sys.modules["__main__"], sys.argv = main, argv
        sys.stdin, sys.stdout, sys.stderr = streams
        os.environ.clear()
        os.environ.update(environment)
        os.chdir(cwd)
        sys.path[:] = path


@contextmanager
def _captured() -> Iterator[list[bytes]]:
    """What is written to the file of standard output, past `sys.stdout`."""
    found: list[bytes] = []
    with tempfile.TemporaryFile() as file:
        before = os.dup(1)
        os.dup2(file.fileno(), 1)
        try:
            yield found
        finally:
            os.dup2(before, 1)
            os.close(before)
            file.seek(0)
            found.append(file.read())


def describe(error: BaseException) -> str:
    """The last lines of a traceback."""
    if isinstance(error, SyntaxError):
        return f"{type(error).__name__}: {error.msg}"
    return "".join(traceback.format_exception_only(error)).strip()


def place(error: BaseException, script: str) -> int:
    """The line of the block where an error arose; 0 for none."""
    if isinstance(error, SyntaxError) and error.lineno and error.filename == script:
        return error.lineno
    line, step = 0, error.__traceback__
    while step is not None:
        if step.tb_frame.f_code.co_filename == script:
            line = step.tb_lineno
        step = step.tb_next
    return line
